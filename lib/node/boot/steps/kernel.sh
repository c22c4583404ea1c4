#!/bin/bash
# The kernel's queues and tables, from the instance's size.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

conf="$R/etc/sysctl.d/90-beamstalk.conf"
put 0644 root:root "$conf" < "$BOOT/sysctl.conf"
sysctl -q -p "$conf" || fail "the kernel refused a setting of $conf"
# Images have no swap; where one was added, a BEAM must not use it.
if [[ $(wc -l < /proc/swaps) -gt 1 ]]; then swapoff -a; fi
