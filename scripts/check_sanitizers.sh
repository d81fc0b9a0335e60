#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds with address and undefined-behaviour sanitizers and runs the tests of what is computed bit for
# bit and clock by clock: arithmetic, quantisers, clocked models. Takes too long for every change.
set -eu
cd "$(dirname "$0")/.."

scripts/install_packages.sh tests
[ -f build/asan-ubsan/build.ninja ] || cmake --preset asan-ubsan
cmake --build --preset asan-ubsan -j"${JOBS:-$(nproc)}" --target tests_models tests_sim

# run EXECUTABLE FILE...: its tests in these files, but for the slow ones.
run() {
  executable=$1
  shift
  tags=
  for file in "$@"; do tags="$tags,[#$(basename "$file" .cpp)]~[slow]"; done
  echo "$executable $*"
  "build/asan-ubsan/tests/$executable" --filenames-as-tags "${tags#,}"
}
run tests_models tests/models/arith/*.cpp tests/models/quantise/*.cpp tests/models/values/*.cpp
run tests_sim tests/sim/detailed/*_test.cpp
