# shellcheck shell=bash disable=SC2154,SC2016
# A release's way to the users of a box, under systemd and under load: the example of examples/counter in versions that are
# good and in versions that are not. Sourced by run.sh. `$` in single quotes is for the machine.

echo "--- releases of the example ($SECONDS s)"
cp -r "$here/../../examples/counter" "$admin_root/root/counter"
rm -rf "$admin_root/root/counter/_build"
# version NUMBER COMMAND: builds the example as that version, after a change to its source.
version() {
  admin env NUMBER="$1" CHANGE="$2" bash -euc 'export HOME=/root LC_ALL=C.UTF-8 MIX_ENV=prod
    mkdir -p /root/build /root/releases && rm -rf /root/build/{lib,priv,rel,config,mix.exs} && cp -r /root/counter/. /root/build && cd /root/build
    sed -i "s/version: \"[0-9.]*\"/version: \"$NUMBER\"/" mix.exs
    bash -euc "$CHANGE"
    mix release --quiet --overwrite
    cp "_build/prod/counter-$NUMBER.tar.gz" /root/releases/
    cd /root/releases && sha256sum "counter-$NUMBER.tar.gz" > "counter-$NUMBER.tar.gz.sha256"' > "$work/version.log" 2>&1 &&
    admin aws s3 cp --only-show-errors --recursive --exclude '*' --include "counter-$1.*" /root/releases/ "s3://gate-releases/releases/$1/"
}
check 'the example is built by mix release' version 0.1.0 :
check 'a second version, with a migration that takes its time' version 0.2.0 \
  "echo 'select pg_sleep(3); create table notes (word text);' > priv/migrations/0003_notes.sql"
check 'one that crashes at its start' version 0.3.0 "sed -i 's/    Drain.reset()/    raise \"no way\"/' lib/counter/application.ex"
check 'one that answers 500' version 0.4.0 "sed -i 's/do: Map.get(query, \"message\", \"\")/do: raise(\"no\")/; s/do: Response.text(200, Map.get(query, \"message\", \"\"))/do: Response.text(500, \"no\")/' lib/counter/router.ex"
check 'one whose migration fails' version 0.5.0 "echo 'select 1 / 0;' > priv/migrations/0004_wrong.sql"
another_library() {
  admin bash -euc 'rm -rf /root/other && mkdir /root/other && cd /root/other && tar -xzf /root/releases/counter-0.1.0.tar.gz
    sed -i s/GLIBC_2.34/GLIBC_2.99/g erts-*/bin/beam.smp && tar -czf /root/releases/counter-0.6.0.tar.gz .' &&
    admin aws s3 cp --only-show-errors /root/releases/counter-0.6.0.tar.gz s3://gate-releases/releases/0.6.0/counter-0.6.0.tar.gz
}
check 'and one for a newer C library' another_library

echo "--- a box under systemd ($SECONDS s)"
truncate -s 2G "$work/rollout.img"
rollout_disk=$(losetup --find --show "$work/rollout.img")
: > "$state/volume"
for name in release/current database/source database/endpoint app/environment-secret ingress/domain; do
  drop_parameter "$name" > /dev/null 2>&1 || true
done
put_parameter release/uri none
start roll i-roll "$rollout_disk" systemd
mkdir -p "/proc/${first_pid[roll]}/root/etc/systemd/system/service.d"
inside roll bash -c '{ echo "[Service]"; env | grep -E "^(AWS|BEAMSTALK)_" | sed "s/.*/Environment=&/"; } > /etc/systemd/system/service.d/aws.conf'
surroundings+=(BEAMSTALK_HEALTH_SECONDS=20)
boot roll box
check 'a box without a release boots' boot_says roll 'box node of gate is up'
check 'and says so to whoever comes' equal "$(curl -s http://127.0.0.1/echo?message=health)" 'no release yet'

# rollout VERSION [migrate]
rollout() {
  inside roll bash /opt/beamstalk/boot/files/bin/rollout.sh "s3://gate-releases/releases/$1/counter-$1.tar.gz" "${@:2}" > "$work/rollout.log" 2>&1
}
rolls_out() { rollout "$@" || { cat "$work/rollout.log"; return 1; }; }
# is_refused REASON VERSION [migrate]: the rollout fails, and its last line says why.
is_refused() {
  if rollout "${@:2}"; then echo 'it was rolled out'; return 1; fi
  tail -n 1 "$work/rollout.log" | grep -F -- "$1" || { cat "$work/rollout.log"; return 1; }
}
serves() { curl -s http://127.0.0.1/ | grep -F "Version $1,"; }
status_of() { inside roll bash /opt/beamstalk/boot/files/bin/node-status.sh | jq -r "$1"; }
in_database() { inside roll runuser -u postgres -- psql -qXAt -h /run/postgresql -d app -c "$1"; }

check 'the first release: its schema is made, then it serves' rolls_out 0.1.0 migrate
check 'to users' serves 0.1.0
check 'with the table of its migration' equal "$(curl -s -X POST http://127.0.0.1/counter)" '{"counter":1}'
check 'the node says what it runs' equal "$(status_of '"\(.role) \(.release) \(.healthy) \(.rolling) \(.uri)"')" \
  'box counter-0.1.0 true false s3://gate-releases/releases/0.1.0/counter-0.1.0.tar.gz'

echo "--- rollouts under load ($SECONDS s)"
load() {
  node "$here/load/load.mjs" http://127.0.0.1 200 500 "$work/load.json" / '/echo?message=x' /counter &
  load_pid=$!
  eventually sockets_open 500
}
sockets_open() { (($(inside roll ss -Htn state established 'sport = :80' | wc -l) >= $1)); }
# load_ends: what users saw since the load began.
load_ends() {
  kill -TERM "$load_pid"
  wait "$load_pid"
  echo "users saw: $(cat "$work/load.json")"
}
saw() { equal "$(jq -c "$1" "$work/load.json")" "$2"; }
locked() { [[ "$(in_database 'SELECT count(*) FROM pg_locks WHERE locktype = '\''advisory'\'' AND granted AND objid = 1829445530')" == 1 ]]; }

load
sleep 2
(eventually locked && touch "$work/was-locked") &
check 'a second version with a migration is rolled out' rolls_out 0.2.0 migrate
check 'its migration ran under a lock of the database' test -e "$work/was-locked"
# The first one came beside the answer that there is none, so that it is in the second slot.
check 'it serves, in the other slot' equal "$(serves 0.2.0 > /dev/null && inside roll cat /var/lib/beamstalk/slot)" 1
check 'the old one has ended' equal "$(inside roll systemctl is-active beamstalk.service beamstalk-2.service | paste -sd ' ')" 'active inactive'
sleep 2
load_ends
check 'of 200 requests a second none failed' saw '[.failed, .failures]' '[0,{}]'
check 'users saw both versions' saw '.answers | keys' '["0.1.0","0.2.0"]'
check 'WebSockets were closed by the drain alone, and opened again' saw '[.sockets.cut, .sockets.drained >= 500, .sockets.open == 500]' '[0,true,true]'

load
check 'a version that crashes at its start is refused' is_refused 'counter-0.3.0 is not well: it has crashed' 0.3.0
check 'with its last words' grep -F 'no way' "$work/rollout.log"
check 'one that answers 500' is_refused 'counter-0.4.0 is not well: /echo?message=health answers 500 after 20 s. counter-0.2.0 serves' 0.4.0
check 'one whose migration fails' is_refused 'the migration of counter-0.5.0 failed' 0.5.0 migrate
check 'with the words of the database' grep -F 'division by zero' "$work/rollout.log"
check 'one for another C library' is_refused 'release counter-0.6.0 needs glibc 2.99, this machine has 2.41' 0.6.0
check 'one that is not there' is_refused 'cannot be downloaded' 0.7.0
check 'the old version serves' serves 0.2.0
load_ends
check 'all the while no request failed, and no WebSocket was closed' saw '[.failed, .failures, .sockets.cut, .sockets.drained]' '[0,{},0,0]'
check 'users saw no other version' saw '.answers | keys' '["0.2.0"]'

load
check 'the way back is the same' rolls_out 0.1.0
check 'to the version before' serves 0.1.0
sleep 2
load_ends
check 'nor did one fail on the way back' saw '[.failed, .failures, .sockets.cut]' '[0,{},0]'

inside roll bash /opt/beamstalk/boot/boot.sh gate-box Fleetbox > "$work/nodes/roll/boot.log" 2>&1
check 'a box that boots with another release named runs that' boot_says roll 'box node of gate is up'
put_parameter release/current 's3://gate-releases/releases/0.2.0/counter-0.2.0.tar.gz none'
inside roll bash /opt/beamstalk/boot/boot.sh gate-box Fleetbox > "$work/nodes/roll/boot.log" 2>&1
check 'and one that boots after a rollout runs what was rolled out' serves 0.2.0
end roll
losetup -d "$rollout_disk"
drop_parameter release/current
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
