#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails where a source file is not laid out as .clang-format says.
set -eu
cd "$(dirname "$0")/.."
find models sim tests \( -name '*.h' -o -name '*.cpp' \) -print0 | sort -z |
  xargs -0 clang-format --dry-run -Werror
