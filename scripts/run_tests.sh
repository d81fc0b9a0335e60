#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds with warnings as errors, and runs all tests.
set -eu
cd "$(dirname "$0")/.."

scripts/install_packages.sh tests
[ -f build/dev/build.ninja ] || cmake --preset dev
cmake --build --preset dev -j"$(nproc)"
exec ctest --test-dir build/dev -j"$(nproc)" --output-on-failure "$@"
