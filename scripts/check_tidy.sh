#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy on every source of models/ and sim/; fails on any finding. Most of its time goes into headers, so
# sources are read ten at a time as one translation unit, and by halves where there are findings or names clash.
set -eu
cd "$(dirname "$0")/.."
units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT

cat >"$units/tidy" <<'END'
tidy() {
  clang-tidy --quiet --config-file=.clang-tidy --header-filter='(models|sim)/' "$1" -- -std=c++17 -I. -DADDAX_HOME_DIR='"."' \
    -DADDAX_VERSION='"0"' -DADDAX_COMMIT='"0"' 2>/dev/null
}
if [ $# = 1 ]; then
  tidy "$1"
  exit
fi
unit=${0%/*}/$(printf %s "$1.$#.cpp" | tr / _)
printf '#include "%s" // NOLINT\n' "$@" >"$unit"
tidy "$unit" >"$unit.log" && exit
half=$(($# / 2))
first=$(printf '%s\n' "$@" | head -n "$half")
shift "$half"
status=0
sh "$0" $first || status=1
sh "$0" "$@" || status=1
exit $status
END
find models sim -name '*.cpp' -print0 | sort -z | xargs -0 -n 10 -P "$(nproc)" sh "$units/tidy"
