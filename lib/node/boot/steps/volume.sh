#!/bin/bash
# Attaches the data volume, makes its filesystem when it never had one, and mounts it at /data.
# Nothing here overwrites data: where it is not certain that the volume is empty, the boot ends.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

# The image's own disk need not be of this kind.
install_packages e2fsprogs || fail 'e2fsprogs, which makes file systems, cannot be installed'
volume=$(parameter_like identifier box/volume)
instance=$(instance_id)
mount_point="$R/data"

# attached: succeeds once the volume is ours. The box before this one may still be letting go of it.
attached() {
  local found state holder
  found=$(aws ec2 describe-volumes --volume-ids "$volume" --output text \
    --query 'Volumes[0].[State, Attachments[0].InstanceId, Attachments[0].State]') || return 1
  read -r state holder attachment <<< "$found"
  status="$state, held by $holder ($attachment)"
  case "$state/$holder" in
    in-use/"$instance") [[ "$attachment" == attached ]] ;;
    available/*)
      # Another box may be quicker; the next look tells.
      aws ec2 attach-volume --volume-id "$volume" --instance-id "$instance" --device /dev/sdf > /dev/null || true
      return 1
      ;;
    *) return 1 ;;
  esac
}
status='unknown'
wait_for "$PATIENCE" attached || fail "volume $volume is not free after $PATIENCE s: $status"

# On Nitro the device's name says nothing; the controller's serial number is the volume's id without its dash.
device=''
find_device() {
  local serial
  for serial in "$R"/sys/class/nvme/*/serial; do
    if [[ -r "$serial" && "$(tr -d ' \n' < "$serial")" == "${volume/-/}" ]]; then
      device="$R/dev/$(basename "$(dirname "$serial")")n1"
      [[ -b "$device" || -n "$R" && -e "$device" ]] && return 0
    fi
  done
  return 1
}
wait_for 60 find_device || fail "volume $volume is attached but no NVMe device bears its id"

# What blkid says of the device: a filesystem's type, a partition table, nothing (status 2), or more than one thing.
status=0
signature=$(blkid -p -o export "$device") || status=$?
type=$(sed -n 's/^TYPE=//p' <<< "$signature")
case "$status/$type" in
  0/ext4 | 0/xfs) ;;
  0/*) fail "volume $volume holds ${type:-a partition table}, not ext4 or xfs: left as it is" ;;
  2/)
    # A volume made from nothing reads as zeros. Anything else may be data that blkid does not know.
    if ! cmp -sn $((64 * 1024 * 1024)) "$device" /dev/zero; then
      fail "volume $volume has no known filesystem but is not empty: left as it is"
    fi
    mkfs.ext4 -q -m 1 -L beamstalk "$device"
    ;;
  *) fail "volume $volume cannot be read for certain (blkid status $status): left as it is" ;;
esac

uuid=$(blkid -p -o value -s UUID "$device")
type=$(blkid -p -o value -s TYPE "$device")
[[ -n "$uuid" ]] || fail "the filesystem of volume $volume has no UUID"

# nosuid, nodev: no program and no device that the box before this one left on the volume gives anybody root's powers. Its
# links and owners could: who uses a folder of it looks at them first (database.sh).
# nofail: a box that comes back without its volume must still be reachable for whoever mends it.
{
  awk '$2 != "/data"' "$R/etc/fstab"
  echo "UUID=$uuid /data $type defaults,noatime,nosuid,nodev,nofail,x-systemd.device-timeout=60 0 2"
} | put 0644 root:root "$R/etc/fstab"

mkdir -p "$mount_point"
if ! mountpoint -q "$mount_point"; then mount -t "$type" -o noatime,nosuid,nodev "$device" "$mount_point"; fi
mounted=$(findmnt -n -o UUID --mountpoint "$mount_point")
[[ "$mounted" == "$uuid" ]] || fail "/data is another filesystem ($mounted) than that of volume $volume ($uuid)"

# A volume that was made larger since.
case "$type" in
  ext4) resize2fs "$device" > /dev/null 2>&1 || say "the filesystem of volume $volume could not grow" ;;
  # Only for a volume that somebody brought: the boot makes ext4.
  xfs) { install_packages xfsprogs && xfs_growfs /data; } > /dev/null 2>&1 || say "the filesystem of volume $volume could not grow" ;;
esac
