#!/bin/bash
# machine.sh ROOT WORK [PART...]: the bench itself, inside private mount, network and process namespaces: builds the release of
# the example in the Debian root, and measures it there.
set -euo pipefail
root="$1" work="$2"
shift 2

# All that the bench writes is in memory, and gone with it.
mount -t tmpfs -o mode=0755 tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mkdir "$work/root/build" "$work/root/release" "$work/root/bench" "$work/root/sizes"
cp -R examples/counter "$work/root/build"
rm -rf "$work"/root/build/counter/{,discovery/}_build
release=(chroot "$work/root" env -C /build/counter -i PATH=/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 MIX_ENV=prod mix release --quiet)
if ! output=$("${release[@]}" 2>&1); then
  printf '%s\nbench:node: the release of examples/counter cannot be built\n' "$output" >&2
  exit 1
fi
tar -xzf "$work"/root/build/counter/_build/prod/counter-*.tar.gz -C "$work/root/release"
cp scripts/bench-node/*.py "$work/root/bench"
exec node --import tsx scripts/bench-node/main.ts "$work/root" "$@"
