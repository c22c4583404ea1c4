#!/bin/bash
# make-layer.sh ROOT FOLDER: leaves in FOLDER what the package of Valkey adds to a Debian root, to be mounted above it.
set -euo pipefail
root="${1:?root}" layer="${2:?folder}"

rm -rf --one-file-system "$layer"
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
# In a namespace of its own, so that no mount stays behind whatever happens. In memory first: not every file system can be
# the upper layer of another.
# shellcheck disable=SC2016 # expanded in the namespace
unshare --mount --pid --fork --kill-child bash -euc '
  mount -t tmpfs tmpfs "$2"
  mkdir "$2/upper" "$2/work" "$2/root"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
  mount -t proc proc "$2/root/proc"
  mount --rbind /dev "$2/root/dev"
  cp /etc/resolv.conf "$2/root/etc/resolv.conf"
  chroot "$2/root" bash -euc "
    export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -yqq --no-install-recommends valkey-server
    apt-get clean
  "
  cp -a "$2/upper" "$3"
' - "$root" "$work" "$layer"
