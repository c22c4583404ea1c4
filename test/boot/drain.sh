# shellcheck shell=bash disable=SC2154,SC2016
# Ends of a node at their worst: 1,000 WebSockets and 200 requests a second through the load balancer, let go at 500 a second, while the
# watch is killed, or while the time of the hook is nearly over, and with the target deregistered after the drain. Sourced by run.sh.
# shellcheck source=balanced.sh
source "$here/balanced.sh"

# users_of NAME: connections to the release of a node.
users_of() { in_network "$1" ss -Htn state established 'sport = :4000' | wc -l; }
has_at_most() { (($(users_of "$1") <= $2)); }
has_at_least() { (($(users_of "$1") >= $2)); }
# time_left NAME SECONDS: as much as the watch has when it starts, again or for the first time.
time_left() { echo "$(($(date +%s) + $2))" > "/proc/${first_pid[$1]}/root/var/lib/beamstalk/ends"; }
# told_of_end NAME: the instance hears that it is to end.
told_of_end() {
  is_node "$1" "${id_of[$1]}" app Terminating:Wait "${address_of[$1]}"
  echo Terminated > "$state/of/$1/lifecycle"
}
hook_completed() { equal "$(grep -c "^CompleteLifecycleAction .*InstanceId=${id_of[$1]} .*LifecycleHookName=leave" "$state/calls")" 1; }
# comes NAME: another node, which takes over.
comes() {
  launches "$1"
  boot "$1" app
  enters "$1"
  eventually target "$1" healthy
}
sockets=1000
# told_of_load NAME: the node's own words of how much of it is taken, run by sh as Systems Manager does (lib/commands/boundary/node-load.ts).
told_of_load() { inside "$1" sh -c "$(< "$work/bundles/load-script")"; }
is_of_this_load() { jq -e '.connections >= 1000 and .connections < 1300 and .budget > 100000 and .cpu > 0 and .cpu <= 100 and .memory > 0 and .memory < 100' <<< "$1"; }

echo "--- all users are on one node, which ends; its watch is killed half way, with the time nearly over ($SECONDS s)"
check 'a node boots' comes d
load 8080
check 'all users are on it' within 60 has_at_least d 1000
loaded=$(told_of_load d)
echo "        the node says of itself $loaded"
check 'the node tells boundary how much of it is taken' is_of_this_load "$loaded"
check 'another comes' comes e
elbv2 DeregisterTargets "${id_of[d]}"
told_of_end d
check 'they are let go' within 60 has_at_most d 700
inside d systemctl kill --signal=SIGKILL beamstalk-drain.service
time_left d 2
echo "        $(users_of d) connections of the node at the kill"
check 'the node has let all go, and the group may end it' within 120 hook_completed d
inside d journalctl --no-pager -u beamstalk-drain.service | tail -n 12 | cut -c 1-160
sleep 5
check 'once' hook_completed d
check 'the watch started again once' equal "$(inside d journalctl --no-pager -u beamstalk-drain.service | grep -c 'Scheduled restart')" 1
load_ends
check 'no request failed, no WebSocket was cut, all are open on the other node' saw '[.failed, .failures, .sockets.cut, .sockets.open]' '[0,{},0,1000]'
check 'nobody was refused' saw '.sockets.refused' 0
check 'and they were closed at the rate' saw '.sockets.mostInASecond < 700' true

echo "--- the load balancer sends users until after the drain, whose time is over before the last has gone ($SECONDS s)"
end d
is_no_node "${id_of[d]}"
load 8080
check 'all users are on the second node' within 60 has_at_least e 1000
check 'a third comes' comes f
# Six pauses for the last to come, and one second of the two that all of them take.
time_left e 31
told_of_end e
check 'the group may end it' within 120 hook_completed e
elbv2 DeregisterTargets "${id_of[e]}"
inside e journalctl --no-pager -u beamstalk-drain.service | tail -n 12 | cut -c 1-160
eventually has_at_least f 1000
load_ends
check 'once' hook_completed e
check 'no WebSocket was cut: the release closed those that had no turn' saw '[.sockets.cut, .sockets.open]' '[0,1000]'

unbalanced e f
