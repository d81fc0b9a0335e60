#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy on every source of models/ and sim/; fails on any finding.
set -eu
cd "$(dirname "$0")/.."
find models sim -name '*.cpp' -print0 | sort -z |
  xargs -0 -n 4 -P "$(nproc)" sh -c \
    'clang-tidy --quiet "$@" -- -std=c++17 -I. -DADDAX_HOME_DIR="\".\"" -DADDAX_VERSION="\"0\"" \
       -DADDAX_COMMIT="\"0\"" 2>/dev/null' sh
