# shellcheck shell=bash disable=SC2154,SC2016
# Rollouts on a fleet: two application nodes under systemd, each in a network of its own, behind a load balancer. Sourced by run.sh.
# shellcheck source=balanced.sh
source "$here/balanced.sh"

echo "--- two nodes behind a load balancer ($SECONDS s)"
launches a
launches b
boot a app &
first_boot=$!
boot b app
wait "$first_boot"
enters a
enters b
check 'two nodes boot side by side from their user data, with what the configuration names' boot_says a 'app node of gate is up'
check 'the second as well' boot_says b 'app node of gate is up'
check 'the load balancer takes both' eventually target a healthy
eventually target b healthy
check 'and users reach the release' equal "$(curl -s -X POST http://127.0.0.1:8080/counter)" '{"counter":1}'
check 'status finds two nodes, and all well' does status --json
check 'on a schema that was migrated' answered '[.nodes.answer[].told.answer | "\(.release) \(.healthy)"] | join(", ")' \
  'counter-0.1.0 true, counter-0.1.0 true'
check 'logs says that there are none' is_refused 'gate has no logs of app nodes' logs --role app
check 'an expression is evaluated on the node that was named' does run 'IO.puts(node())' "${id_of[b]}"
check 'and on no other' said "counter@${address_of[b]}"

echo "--- a rollout from node to node under load, while one of them ends ($SECONDS s)"
: > "$state/targets"
load 8080
beamstalk release use 0.2.0 > "$work/said" 2>&1 &
rolling=$!
# In the middle of its own rollout: out of the load balancer, users being let go.
check 'the second node leaves the load balancer for its rollout' within 300 target b deregistered
leaves b &
leaving=$!
launches c
boot c app
enters c
check 'another node boots in the place of the one that ends' boot_says c 'app node of gate is up'
wait "$rolling"
check 'the rollout goes on without the node that ends' equal "$?" 0
wait "$leaving"
wait "${unshare_pid[b]}" 2> /dev/null
check 'which has drained before' equal "$(cat "$state/of/b/end")" drained
check 'and did not come back to the load balancer meanwhile' bash -c "! grep '^${id_of[b]} registered' '$state/targets'"
watched_twice() { equal "$(grep -c 'Scheduled restart' "$state/of/$1/watch") $(grep -c 'is to end' "$state/of/$1/watch")" '1 2'; }
check 'though its watch was killed, by the same last second' watched_twice b
check 'and let the group go on once' equal "$(grep -c "^CompleteLifecycleAction .*InstanceId=${id_of[b]} .*LifecycleHookName=leave" "$state/calls")" 1
check 'it was said' said "${id_of[b]} (app) has left the fleet meanwhile"
check 'the migration ran' equal "$(in_database "SELECT count(*) FROM information_schema.tables WHERE table_name = 'notes'")" 1
check 'status finds two nodes of the new version, and all well' does status --json
check 'the node that rolled and the one that came' answered '[.nodes.answer[] | "\(.node.id) \(.told.answer.release)"] | join(", ")' \
  "${id_of[a]} counter-0.2.0, ${id_of[c]} counter-0.2.0"
load_ends
check 'of 200 requests a second none failed' saw '[.failed, .failures]' '[0,{}]'
check 'users saw both versions' saw '.answers | keys' '["0.1.0","0.2.0"]'
check 'WebSockets were closed by drains alone, and opened again' saw '[.sockets.cut, .sockets.drained >= 500, .sockets.open == 500]' '[0,true,true]'
in_order() { equal "$(grep "^${id_of[$1]} " "$state/targets" | cut -d ' ' -f 2- | paste -sd ,)" "$2"; }
check 'a node left the load balancer, was let go while it served, and came back when it was well' in_order a \
  'deregistered,registered well,healthy'

echo "--- the way back, and versions that are no good, under load ($SECONDS s)"
load 8080
check 'the way back is the same' does release back
check 'on every node' does status --json
check 'to the version before' answered '[.nodes.answer[].told.answer.release] | join(", ")' 'counter-0.1.0, counter-0.1.0'
: > "$state/targets"
check 'a version that crashes at its start is refused' is_refused "${id_of[a]} (app): counter-0.3.0 is not well: it has crashed" release use 0.3.0
check 'with its last words' said 'no way'
patience 20
check 'one that answers 500' is_refused 'counter-0.4.0 is not well: /echo?message=health answers 500 after 20 s. counter-0.1.0 serves again' release use 0.4.0
check 'each time the node came back to the load balancer with the old one' in_order a \
  'deregistered,registered well,healthy,deregistered,registered well,healthy'
check 'one whose migration fails' is_refused 'the migration of counter-0.5.0 failed' release use 0.5.0
check 'one for another C library' is_refused 'release counter-0.6.0 needs glibc 2.99, this machine has 2.41' release use 0.6.0
check 'the other node was not touched' in_order c ''
check 'all is well' does status
load_ends
check 'all the while no request failed, and WebSockets were closed by drains alone' saw '[.failed, .failures, .sockets.cut]' '[0,{},0]'
check 'users saw no bad version' saw '.answers | keys' '["0.1.0","0.2.0"]'
check 'HAProxy understood what it was told' bash -c "! grep '^haproxy ' '$state/targets'"

unbalanced a c
