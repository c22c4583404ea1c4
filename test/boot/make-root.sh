#!/bin/bash
# make-root.sh FOLDER: a Debian 13 root with all that a node of any role installs, by the node's own commands, and what
# builds the gate's release. Programs that make keys and packages for the gate, and what builds on Amazon Linux install by.
set -euo pipefail
root="${1:?folder}"
here="$(cd "$(dirname "$0")" && pwd)"

rm -rf --one-file-system "$root"
debootstrap --variant=minbase \
  --include=ca-certificates,curl,iproute2,openssl,procps,python3,systemd,systemd-sysv \
  trixie "$root" http://deb.debian.org/debian

# Services start when the gate says so.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$here/../../lib/node/boot/os.sh" "$root/root/os.sh"

# In a namespace of its own, so that no mount stays behind whatever happens.
# shellcheck disable=SC2016 # expanded in the namespace
unshare --mount --pid --fork --kill-child bash -euc '
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  exec chroot "$1" bash -euc "
    export LC_ALL=C.UTF-8 IMAGE=debian-13 R=
    source /root/os.sh
    install_packages awscli certbot erlang-base erlang-crypto erlang-ssl erlang-dev elixir
    install_packages \"\${NGINX_PACKAGES[@]}\" \"\${NGINX_STREAM_PACKAGES[@]}\"
    install_packages e2fsprogs xfsprogs
    install_packages nodejs
    install_packages gpg gpg-agent make dnf rpm createrepo-c
    install_postgres
    apt-get clean
  "
' - "$root"
# Debian starts no cluster of its own if os.sh did its part.
[[ -z "$(ls "$root/etc/postgresql")" ]]
