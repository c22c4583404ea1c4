#!/bin/bash
# beamstalk-protect on|off: whether Auto Scaling may choose this instance when it takes one away. The release says `on`
# before its first job and `off` after its last; saying the same twice costs nothing. `on` fails when this instance is
# on its way out: the job is then left in its queue.
# Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html, read 2026-11-21.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -uo pipefail

case "${1:-}" in
  on) option=--protected-from-scale-in ;;
  off) option=--no-protected-from-scale-in ;;
  *)
    echo 'usage: beamstalk-protect on|off' >&2
    exit 2
    ;;
esac
# All that is written below is in a folder of the release's: root, who may have typed the command, does it as its user.
if ((EUID == 0)) && [[ -z "$R" ]]; then
  as_release bash "$BOOT/files/bin/protect.sh" "$1"
  exit
fi
# shellcheck disable=SC1091 # written by the step worker
source "$ETC/worker.conf"
protected="$STATE/home/protected"

# Two at once would tell Auto Scaling one thing and write down the other.
exec 9> "$STATE/home/protect.lock"
flock 9
known=off
if [[ -e "$protected" ]]; then known=on; fi
if [[ "$known" == "$1" ]]; then exit 0; fi

# shellcheck disable=SC2153 # GROUP is in worker.conf
aws autoscaling set-instance-protection --instance-ids "$INSTANCE" --auto-scaling-group-name "$GROUP" "$option" || {
  echo "beamstalk: the group did not take protection $1" >&2
  exit 1
}
if [[ "$1" == on ]]; then : > "$protected"; else rm -f "$protected"; fi
