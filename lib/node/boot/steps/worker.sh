#!/bin/bash
# What jobs need of their machine: `beamstalk-protect` for the release, and the time to end them when it stops.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

# Kept outside of /run: the release asks for its protection after a restart of the machine too, and may not write there.
instance=$(instance_id)
group=$(group_name) || fail 'the group of this instance is not known, which protects its jobs'
printf 'INSTANCE=%q\nGROUP=%q\n' "$instance" "$group" | put 0644 root:root "$ETC/worker.conf"

# The unzipped bundle has no modes: nothing in it can be run by its name.
put 0755 root:root "$R/usr/local/bin/beamstalk-protect" << SCRIPT
#!/bin/bash
exec /bin/bash $BOOT/files/bin/protect.sh "\$@"
SCRIPT

# A release that ends in the middle of a job never says that the job is over; systemd does it then.
put 0644 root:root "$R/etc/systemd/system/beamstalk.service.d/worker.conf" << UNIT
[Service]
TimeoutStopSec=$DRAIN_SECONDS
ExecStopPost=-/bin/bash $BOOT/files/bin/protect.sh off
UNIT
