#!/usr/bin/env bash
# Measures what the settings of a node are worth: a real BEAM of Debian 13 runs the release of examples/counter from the files
# that user data writes, beside the same release on the defaults of OTP and kernel, in turns. With arguments only the parts of
# that name run: boot, burst, hold, cluster (scripts/bench-node/main.ts). docs/node.md has the result. Nothing leaves the
# machine: each side lives in a network namespace of its own, in mount and process namespaces that end with the bench.
#
# Needs Debian or Ubuntu, root, and package servers on the first run. Takes the processors before whatever else runs.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(id -u) -ne 0 ]] || ! command -v apt-get > /dev/null; then
  echo 'bench:node: needs root on Debian or Ubuntu: its Erlang/OTP is that of a Debian 13 root, under chroot' >&2
  exit 2
fi
command -v debootstrap > /dev/null || bash scripts/apt-install.sh debootstrap
root=$(bash scripts/debian-root.sh)
if [[ ! -x "$root/usr/bin/erl" ]]; then
  echo "bench:node: no Erlang in $root; remove that folder, and it is made anew" >&2
  exit 2
fi

work=$(mktemp -d)
bench=''
cleanup() {
  # Ends every process and every mount of the bench: the first process of its namespaces dies with the one that made it.
  if [[ -n "$bench" ]]; then
    kill -9 "$bench" 2> /dev/null || true
    wait "$bench" 2> /dev/null || true
  fi
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, so that an interruption is acted on at once.
unshare --mount --net --pid --fork --kill-child --mount-proc bash scripts/bench-node/machine.sh "$root" "$work" "$@" &
bench=$!
wait "$bench"
