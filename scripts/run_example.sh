#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and runs the main job: a decode token of OPT-6.7B with ShiftAddLLM
# weights of 3 bits, beside its FP16 and integer baselines. Options go on to `addax run`.
set -eu
cd "$(dirname "$0")/.."

scripts/install_packages.sh
[ -f build/release/build.ninja ] || cmake --preset release >&2
cmake --build --preset release -j"$(nproc)" >&2
exec build/release/sim/app/addax run --arch eyeriss_shiftadd \
  --trace opt-6.7b.decode.shiftadd-3bit "$@"
