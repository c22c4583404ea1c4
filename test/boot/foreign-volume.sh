# shellcheck shell=bash disable=SC2154,SC2016
# What a box makes of a data volume that another has written: links and owners that would lead root elsewhere. Sourced by
# run.sh. `$` in single quotes is for the machine.

echo "--- a data volume that another wrote ($SECONDS s)"
put_parameter storage/backups-bucket gate-backups
for name in database/endpoint database/application-secret database/source ingress/domain; do drop_parameter "$name"; done
power=("${lesser[@]}")
start stale i-stale
mkdir -p "/proc/${first_pid[stale]}/root/opt/beamstalk/boot"
cp -r "$work/bundles/box/." "/proc/${first_pid[stale]}/root/opt/beamstalk/boot/"
inside stale bash -c 'umask 077; mkdir -p /data /etc/canary.d; echo a-word-of-root-that-looks-like-a-password | tee /etc/canary > /etc/canary.d/one
  useradd --system --user-group --no-create-home beamstalk; mkdir -p /opt/beamstalk/current && touch /opt/beamstalk/current/responder.py'
roots_own() { inside stale bash -c 'stat -c "%n %U:%G %a %s" /etc/canary /etc/canary.d /etc/canary.d/* /etc/shadow; cat /etc/canary /etc/canary.d/one'; }
before=$(roots_own)
# step NAME: one step of the boot; the log is that of a boot.
step() {
  inside stale "${power[@]}" bash -c 'rm -f /run/beamstalk/parameters /run/beamstalk/reason; export STACK=gate FLEET=Fleet BEAMSTALK_START=0
    bash "/opt/beamstalk/boot/steps/$1.sh" || { echo "step $1: $(cat /run/beamstalk/reason)"; exit 1; }' - "$1" > "$work/nodes/stale/boot.log" 2>&1
}
# lay COMMANDS: a new volume with what the commands put there.
lay() { inside stale bash -c 'umount /data 2> /dev/null; mount -t tmpfs -o mode=0755,nosuid,nodev none /data && cd /data && eval "$1"' - "$1"; }
refused() {
  lay "$2"
  step database
  check "refused: $1" boot_says stale "$3"
  check '  and nothing of root'\''s changes, or is told' bash -c '[[ "$1" == "$2" ]] && ! grep -F a-word-of-root "$3"' - "$(roots_own)" "$before" "$work/nodes/stale/boot.log"
}
refused 'its folder is a link' 'ln -s /etc/canary.d postgresql' 'postgresql is a link'
refused 'its folder is another user'\''s' 'install -d -o beamstalk postgresql' 'others than root may write to'
refused 'all may write to its folder' 'install -d -m 0777 postgresql' 'others than root may write to'
refused 'the volume is another user'\''s' 'chown beamstalk .' 'others than root may write to'
refused 'its data are a link' 'mkdir postgresql && ln -s /etc/canary.d postgresql/data' 'postgresql/data is a link'
refused 'its password is a link' 'mkdir postgresql && ln -s /etc/canary postgresql/password' 'postgresql/password is a link'
refused 'its version is a link' 'mkdir -p postgresql/data && ln -s /etc/canary postgresql/data/PG_VERSION' 'no PostgreSQL made it'

lay true
step database
check 'a new volume gets a database' inside stale test -s /data/postgresql/data/PG_VERSION
backup() { inside stale "${power[@]}" bash /opt/beamstalk/boot/files/bin/backup.sh app; }
dumps() { admin aws s3api list-objects-v2 --bucket gate-backups --prefix postgresql/app/ --query 'length(Contents || `[]`)' --output text; }
had=$(dumps)
inside stale ln -s /etc/canary /data/postgresql/backup.dump
check 'a dump does not go through a link that stands in its place' backup
check '  it goes to S3, and nothing of root'\''s changes' equal "$(roots_own)/$(dumps)" "$before/$((had + 1))"
inside stale chown beamstalk /data/postgresql
no_backup() { ! backup && inside stale grep -F 'others may write to /data/postgresql' /run/beamstalk/reason.backup; }
check 'there is no dump into a folder of another' no_backup
inside stale bash -c 'chown root /data/postgresql; mv /data/postgresql/password /root/; ln -s /etc/canary /data/postgresql/password'
step release
check 'no release is told what a link in place of the password leads to' boot_says stale 'password is no file of root'
no_restore() {
  ! nsenter -t "${first_pid[stale]}" -m -p -r -w "${surroundings[@]}" "${power[@]}" bash /opt/beamstalk/boot/files/bin/restore.sh app <<< 'http://127.0.0.1/x' &&
    inside stale grep -F 'password is no file of root' /run/beamstalk/reason.restore
}
check 'and no restore uses it' no_restore
inside stale mv -fT /root/password /data/postgresql/password
step release
check 'with the file in its place the release gets its database' inside stale grep -q '^DATABASE_URL="postgres://app:' /etc/beamstalk/release.env
end stale
power=()
