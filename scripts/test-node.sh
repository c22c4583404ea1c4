#!/usr/bin/env bash
# Boot, deployment, drain and build scripts with stand-ins for the programs of a real node, and the BEAM itself with the
# arguments of every size: that of the Debian 13 root which test-boot.sh uses too, as root on Debian or Ubuntu; elsewhere the
# `erl` that is there.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(id -u) -eq 0 ]] && command -v apt-get > /dev/null; then
  command -v debootstrap > /dev/null || bash scripts/apt-install.sh debootstrap
  BEAM_ROOT=$(bash scripts/debian-root.sh)
  export BEAM_ROOT
elif ! command -v erl > /dev/null; then
  echo 'test-node: needs Erlang/OTP 25 or newer (erlang-base of Debian)' >&2
  exit 2
fi
exec npx vitest run --project node "$@"
