#!/usr/bin/env bash
# Moves a live database between real PostgreSQL 17 servers under writers who keep a ledger, and breaks what can break meanwhile.
# The servers run in a Debian 13 root under chroot, on loopback addresses of their own. Nothing leaves the machine: all of it
# lives in mount, network and process namespaces of its own, and in a folder that goes with it.
#
#   test-moves.sh [ARGUMENT...]            runs the tests; the arguments are vitest's, `--project moves` or
#                                          `--project moves-under-load` for one half
#   test-moves.sh --faults [ARGUMENT...]   runs scripts/move-faults.ts
#
# Needs Debian or Ubuntu, root, and on the first run package servers and Maven Central (DynamoDB Local, for the map of shards).
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $(id -u) -eq 0 ]] || { echo 'test-moves: needs root for chroot, mounts and namespaces' >&2; exit 2; }

missing=()
command -v debootstrap > /dev/null || missing+=(debootstrap)
command -v nft > /dev/null || missing+=(nftables)
command -v openssl > /dev/null || missing+=(openssl)
command -v java > /dev/null || missing+=(default-jre-headless)
command -v mvn > /dev/null || missing+=(maven)
if ((${#missing[@]} > 0)); then
  bash scripts/apt-install.sh "${missing[@]}"
fi
root=$(bash scripts/debian-root.sh)
bash scripts/with-node24.sh node --import tsx scripts/fetch-dynamodb.ts

# On a disk, since servers are killed here; and short, since sockets lie below it.
work=$(mktemp -d /var/tmp/moves.XXXXXX)
gate=''
cleanup() {
  # Ends every process and every mount of the gate: the first process of its namespaces dies with the one that made it.
  if [[ -n "$gate" ]]; then
    kill -9 "$gate" 2> /dev/null || true
    wait "$gate" 2> /dev/null || true
  fi
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, so that an interruption is acted on at once.
unshare --mount --net --pid --fork --kill-child --mount-proc bash test/move/run.sh "$root" "$work" "$@" &
gate=$!
wait "$gate"
