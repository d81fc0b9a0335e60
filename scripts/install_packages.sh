#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing, and nothing when none is. With "tests" also what
# only the tests need.
set -eu

packages="g++ cmake ninja-build ccache pkg-config git libsystemc-dev libboost-program-options-dev
  libyaml-cpp-dev nlohmann-json3-dev libfmt-dev libsqlite3-dev libssl-dev"
case "${1:-}" in
  "") ;;
  tests) packages="$packages catch2 libimath-dev python3 python3-matplotlib python3-pandas clang-format
    clang-tidy slurm-wlm" ;;
  *) echo "usage: $0 [tests]" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "$0: needs root or sudo to install:$missing" >&2; exit 1; }
  as_root="sudo"
fi
echo "installing:$missing" >&2
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
# shellcheck disable=SC2086  # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  $missing >/dev/null
