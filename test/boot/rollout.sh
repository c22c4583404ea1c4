# shellcheck shell=bash disable=SC2154,SC2016
# A release's way to the users of a box, under systemd and under load, by the command line. Sourced by run.sh. `$` in single
# quotes is for the machine.
# shellcheck source=releases.sh
source "$here/releases.sh"

echo "--- a box under systemd ($SECONDS s)"
truncate -s 2G "$work/rollout.img"
rollout_disk=$(losetup --find --show "$work/rollout.img")
: > "$state/volume"
is_at 0 none
start roll i-0b000001 "$rollout_disk" systemd
speak_to_aws roll
boot roll box
is_node roll i-0b000001 box InService
check 'a box without a release boots' boot_says roll 'box node of gate is up'
check 'and says so to whoever comes' equal "$(curl -s http://127.0.0.1/echo?message=health)" 'no release yet'

serves() { curl -s http://127.0.0.1/ | grep -F "Version $1,"; }
in_database() { inside roll runuser -u postgres -- psql -qXAt -h /run/postgresql -d app -c "$1"; }
slots() { inside roll systemctl is-active beamstalk.service beamstalk-2.service | paste -sd ' '; }

check 'the first release: its schema is made, then it serves' does release use 0.1.0
check 'to users' serves 0.1.0
check 'with the table of its migration' equal "$(curl -s -X POST http://127.0.0.1/counter)" '{"counter":1}'
check 'status finds all well' does status --json
check 'and tells what the node tells' answered '.nodes.answer[0].told.answer | "\(.role) \(.release) \(.healthy) \(.rolling) \(.uri)"' \
  "box counter-0.1.0 true false $(uri_of 0.1.0)"
check 'an expression is evaluated in the release' does run 'IO.puts(Application.spec(:counter, :vsn))'
check 'and prints what it prints' said 0.1.0

echo "--- rollouts under load ($SECONDS s)"
locked() { [[ "$(in_database 'SELECT count(*) FROM pg_locks WHERE locktype = '\''advisory'\'' AND granted AND objid = 1829445530')" == 1 ]]; }

load 80
(eventually locked && touch "$work/was-locked") &
check 'a second version with a migration is rolled out' does release use 0.2.0
check 'its migration ran under a lock of the database' test -e "$work/was-locked"
# The first one came beside the answer that there is none, so that it is in the second slot.
check 'it serves, in the other slot' equal "$(serves 0.2.0 > /dev/null && inside roll cat /var/lib/beamstalk/slot)" 1
check 'the old one has ended' equal "$(slots)" 'active inactive'
load_ends
check 'of 200 requests a second none failed' saw '[.failed, .failures]' '[0,{}]'
check 'users saw both versions' saw '.answers | keys' '["0.1.0","0.2.0"]'
check 'WebSockets were closed by the drain alone, and opened again' saw '[.sockets.cut, .sockets.drained >= 500, .sockets.open == 500]' '[0,true,true]'

load 80
check 'a version that crashes at its start is refused' is_refused 'i-0b000001 (box): counter-0.3.0 is not well: it has crashed' release use 0.3.0
check 'with its last words' said 'no way'
patience 20
check 'one that answers 500' is_refused 'counter-0.4.0 is not well: /echo?message=health answers 500 after 20 s. counter-0.2.0 serves' release use 0.4.0
check 'one whose migration fails' is_refused 'the migration of counter-0.5.0 failed' release use 0.5.0
check 'with the words of the database' said 'division by zero'
check 'one for another C library' is_refused 'release counter-0.6.0 needs glibc 2.99, this machine has 2.41' release use 0.6.0
check 'one that is not there' is_refused 'there is no version 0.7.0 in gate' release use 0.7.0
check 'the old version serves' serves 0.2.0
check 'alone' equal "$(slots)" 'active inactive'
load_ends
check 'all the while no request failed, and no WebSocket was closed' saw '[.failed, .failures, .sockets.cut, .sockets.drained]' '[0,{},0,0]'
check 'users saw no other version' saw '.answers | keys' '["0.2.0"]'

patience 120
load 80
check 'the way back is the same' does release back
check 'to the version before' serves 0.1.0
load_ends
check 'nor did one fail on the way back' saw '[.failed, .failures, .sockets.cut]' '[0,{},0]'

# What the agent of CloudWatch does, which cannot be installed here.
send_logs() {
  local group=/beamstalk/gate/box
  put_parameter logs/box "$group"
  jq -n --arg group "$group" '{logGroupName: $group}' | json_api Logs_20140328.CreateLogGroup > /dev/null
  jq -n --arg group "$group" '{logGroupName: $group, logStreamName: "i-0b000001/release"}' | json_api Logs_20140328.CreateLogStream > /dev/null
  inside roll journalctl --quiet --output=cat --unit=beamstalk.service --unit=beamstalk-2.service |
    jq -Rn --arg group "$group" '{logGroupName: $group, logStreamName: "i-0b000001/release",
      logEvents: [inputs | select(. != "") | {timestamp: (now * 1000 | floor), message: .}]}' |
    json_api Logs_20140328.PutLogEvents > /dev/null
}
check 'the journal of the release goes to the log group' send_logs
check 'logs prints it' does logs --role box
check 'with the last words of the version that crashed' said 'no way'

again() { inside roll bash /opt/beamstalk/boot/boot.sh gate-box Fleetbox > "$work/nodes/roll/boot.log" 2>&1 && serves "$1"; }
check 'a box that boots after a rollout runs what was rolled out' again 0.1.0
put_parameter release/uri "$(uri_of 0.2.0)"
check 'and one whose configuration names another release since runs that' again 0.2.0
end roll
is_no_node i-0b000001
losetup -d "$rollout_disk"
drop_parameter release/current
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
