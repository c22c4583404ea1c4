#!/bin/bash
# run.sh ROOT WORK [ARGUMENT...]: the gate itself, inside private mount, network and process namespaces. It stays their first
# process, which takes in what killed servers leave.
set -euo pipefail
root="$1" work="$2"
shift 2
ip link set lo up

# The root stays as it is: changes go to a layer in memory.
mkdir "$work/layer" "$work/root" "$work/data"
mount -t tmpfs -o mode=0755 tmpfs "$work/layer"
mkdir "$work/layer/upper" "$work/layer/work"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/layer/upper,workdir=$work/layer/work" "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
# One path inside the root and outside, for servers, sockets and the files that pg_dump and pg_restore share with the mover.
chmod 0755 "$work" "$work/data"
mkdir -p "$work/root$work/data"
mount --bind "$work/data" "$work/data"
# A disk that is mounted below it later is there on both.
mount --make-shared "$work/data"
mount --bind "$work/data" "$work/root$work/data"
mkdir -m 1777 "$work/data/tmp"

# Addresses that `network.ts` takes from the net: what comes from them or goes to them is lost without a word, both ways.
nft -f - <<'RULES'
table ip moves {
  set cut { type ipv4_addr; }
  set lost { type ipv4_addr . inet_service; }
  chain input {
    type filter hook input priority 0; policy accept;
    ip saddr @cut drop
    ip daddr @cut drop
    ip daddr . tcp sport @lost drop
    ip saddr . tcp dport @lost drop
  }
}
RULES

export MOVES_ROOT="$work/root" MOVES_WORK="$work/data" TMPDIR="$work/data/tmp"
if [[ "${1:-}" == --faults ]]; then
  shift
  bash scripts/with-node24.sh node --import tsx scripts/move-faults.ts "$@"
else
  if [[ " $* " != *' --project '* ]]; then set -- --project 'moves*' "$@"; fi
  bash scripts/with-node24.sh node node_modules/vitest/vitest.mjs run "$@"
fi
