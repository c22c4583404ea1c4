#!/bin/bash
# node.sh ROOT FOLDER [DEVICE] [systemd]: one machine: an overlay over the cached root, with a console, a disk by its NVMe
# name, and the kernel settings that are not its own replaced by scratch files. Started in new mount and process
# namespaces; becomes the first process of the machine: one that sleeps beside a stand-in for systemctl, or systemd itself.
set -euo pipefail
root="$1" folder="$2" device="${3:-}" init="${4:-}"
here="$(cd "$(dirname "$0")" && pwd)"
machine="$folder/machine"

mkdir -p "$folder/upper" "$folder/work" "$machine"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$folder/upper,workdir=$folder/work" "$machine"
mount -t proc proc "$machine/proc"
# A tmpfs is writable to everybody unless it is told.
mount -t tmpfs -o mode=0755 tmpfs "$machine/run"
mount -t tmpfs -o mode=0755 tmpfs "$machine/sys"
mount -t tmpfs -o mode=0755 tmpfs "$machine/dev"
mkdir "$machine/dev/shm"
mount -t tmpfs tmpfs "$machine/dev/shm"
chmod 1777 "$machine/dev/shm"
while read -r name major minor; do mknod -m 666 "$machine/dev/$name" c "$major" "$minor"; done << 'NODES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
ln -s /proc/self/fd "$machine/dev/fd"

# A pipe, because a plain file would keep the last line only.
mkfifo "$machine/dev/console"
cat <> "$machine/dev/console" >> "$folder/console.log" &

if [[ -n "$device" ]]; then
  mkdir -p "$machine/sys/class/nvme/nvme0" "$machine/sys/class/nvme/nvme1"
  echo 'vol0000000000000root   ' > "$machine/sys/class/nvme/nvme0/serial"
  echo 'vol0123456789abcdef0   ' > "$machine/sys/class/nvme/nvme1/serial"
  read -r major minor <<< "$(stat -c '%Hr %Lr' "$device")"
  mknod -m 600 "$machine/dev/nvme1n1" b "$major" "$minor"
fi

# Network settings are private to the namespace. These are the machine's that runs the gate: left alone.
scratch="$folder/proc"
mkdir -p "$scratch/core"
for setting in fs/nr_open fs/file-max vm/swappiness; do
  cat "$machine/proc/sys/$setting" > "$scratch/$(basename "$setting")"
  mount --bind "$scratch/$(basename "$setting")" "$machine/proc/sys/$setting"
done
head -n 1 /proc/swaps > "$scratch/swaps"
mount --bind "$scratch/swaps" "$machine/proc/swaps"
core="$machine/proc/sys/net/core"
for setting in rmem_max wmem_max netdev_max_backlog; do echo 0 > "$scratch/core/$setting"; done
touch "$scratch/core/somaxconn"
mount --bind "$core/somaxconn" "$scratch/core/somaxconn"
mount --rbind "$scratch/core" "$core"

printf '#!/bin/sh\necho "shutdown $*" >> /var/log/shutdown\n' > "$machine/usr/local/bin/shutdown"
chmod +x "$machine/usr/local/bin/shutdown"
echo 'nameserver 127.0.0.1' > "$machine/etc/resolv.conf"
: > "$machine/etc/fstab"
if [[ -z "$init" ]]; then
  install -m 0755 "$here/systemctl" "$machine/usr/local/bin/systemctl"
  exec chroot "$machine" /bin/bash -c 'touch /run/machine-is-up; exec sleep infinity'
fi

# systemd wants control groups of its own, a terminal multiplexer for the devices that it hides, and a root that is one.
mkdir -p "$machine/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$machine/sys/fs/cgroup"
mkdir "$machine/dev/pts"
ln -s pts/ptmx "$machine/dev/ptmx"
printf '[Unit]\nDescription=A machine that waits\nDefaultDependencies=no\n' > "$machine/etc/systemd/system/gate.target"
mkdir -p "$machine/old"
cd "$machine"
mount --make-rprivate /
pivot_root . old
exec env -i container=gate PATH=/usr/sbin:/usr/bin:/sbin:/bin bash -c 'umount -l /old && touch /run/machine-is-up &&
  exec /lib/systemd/systemd --unit=gate.target --show-status=no' < /dev/null > /dev/null 2>&1
