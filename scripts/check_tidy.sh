#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy on every source of models/ and sim/; fails on any finding. Most of its time goes into headers, so
# some sixteen sources are read as one translation unit. Neighbours are in different ones, since their names clash most
# often; those that clash all the same are read by themselves, as is each source of a unit with findings.
set -eu
cd "$(dirname "$0")/.."
units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT

cat >"$units/tidy" <<'END'
options='-std=c++17 -I. -DADDAX_HOME_DIR="."'
tidy() {
  clang-tidy --quiet --config-file=.clang-tidy --header-filter='(models|sim)/' "$1" -- $options 2>/dev/null
}
unit=${0%/*}/$$.cpp
printf '#include "%s" // NOLINT\n' "$@" >"$unit"
c++ -fsyntax-only -w $options "$unit" 2>"$unit.errors" || true
apart=
for source in "$@"; do
  grep -q "$source:.* error: " "$unit.errors" && apart="$apart $source" && sed -i "\\|\"$source\"|d" "$unit"
done
tidy "$unit" >"$unit.log" || apart=$*
status=0
for source in $apart; do
  tidy "$source" || status=1
done
exit $status
END
# What includes most comes first.
for folders in 'sim/app sim/report sim/input sim/sweep' 'sim/detailed sim/engine sim/hw' models; do
  find $folders -name '*.cpp' | sort |
    awk '{ file[NR] = $0 } END { n = int(NR / 16) + 1
      for (i = 1; i <= n; ++i) { for (j = i; j <= NR; j += n) printf " %s", file[j]; print "" } }'
done | xargs -L 1 -P "$(nproc)" sh "$units/tidy"
