# shellcheck shell=bash disable=SC2154,SC2016
# Rollouts on a fleet: two application nodes under systemd, each in a network of its own, behind a load balancer that does
# what an Application Load Balancer would (load_balancer.py), with one database over TLS. Sourced by run.sh. `$` in single
# quotes is for the machine.
# shellcheck source=releases.sh
source "$here/releases.sh"

echo "--- two nodes behind a load balancer ($SECONDS s)"
database_name=writer.gate.test
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$database_name" -CA "$work/signer.crt" \
  -CAkey "$work/signer.key" -addext "subjectAltName=DNS:$database_name" -addext basicConstraints=critical,CA:FALSE \
  -keyout "$admin_root/root/database.key" -out "$admin_root/root/database.crt" 2> /dev/null
admin env ADDRESS="$fleet4" bash -euc 'install -d -o postgres /srv/database /run/postgresql && cd /srv/database
  install -o postgres -m 0600 /root/database.key /root/database.crt .
  as() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
  bin=/usr/lib/postgresql/17/bin
  as "$bin/initdb" -D data -A peer > /dev/null
  printf "%s\n" "local all all peer" "hostssl app app 10.9.1.0/24 scram-sha-256" > data/pg_hba.conf
  as "$bin/pg_ctl" -D data -l log -w start > /dev/null \
    -o "-h $ADDRESS -k /run/postgresql -l -c ssl_key_file=/srv/database/database.key -c ssl_cert_file=/srv/database/database.crt"
  as psql -qX -h /run/postgresql -d postgres -c "CREATE ROLE app LOGIN PASSWORD \$\$a word\$\$" -c "CREATE DATABASE app OWNER app"' \
  > "$work/database.log" 2>&1 || cat "$work/database.log" "$admin_root/srv/database/log"
in_database() { admin setpriv --reuid=postgres --regid=postgres --clear-groups psql -qXAt -h /run/postgresql -d app -c "$1"; }
echo "$database_name $fleet4 -" >> "$state/names"

cat > "$work/haproxy.cfg" << CONFIGURATION
global
  stats socket $state/haproxy level admin
  maxconn 4000
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout tunnel 300s
frontend users
  bind 127.0.0.1:8080
  default_backend app
backend app
  balance leastconn
  http-reuse safe
  server-template node 4 127.0.0.1:1 disabled
CONFIGURATION
haproxy -db -f "$work/haproxy.cfg" > "$work/haproxy.log" 2>&1 &
haproxy_pid=$!
eventually test -S "$state/haproxy" || cat "$work/haproxy.log"

is_at 2 "$(uri_of 0.1.0)"
put_parameter database/endpoint "$database_name"
put_parameter database/name app
put_parameter database/application-secret "$(make_secret fleet-database '{"username":"app","password":"a word"}')"
put_parameter delivery/target-groups arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/app/1

declare -A id_of=([a]=i-0a00000a [b]=i-0a00000b [c]=i-0a00000c) address_of=([a]=10.9.1.11 [b]=10.9.1.12 [c]=10.9.1.13)
# elbv2 ACTION ID: what Auto Scaling asks of Elastic Load Balancing.
elbv2() { curl -sf -o /dev/null -d "Action=$1&Targets.member.1.Id=$2" "http://$here4:4567"; }
# launches NAME: Auto Scaling begins to start an instance. enters NAME: it serves from now on.
launches() {
  start "$1" "${id_of[$1]}" '' systemd "${address_of[$1]}"
  speak_to_aws "$1"
  is_node "$1" "${id_of[$1]}" app Pending "${address_of[$1]}"
}
enters() {
  is_node "$1" "${id_of[$1]}" app InService "${address_of[$1]}"
  elbv2 RegisterTargets "${id_of[$1]}"
}
# leaves NAME: it ends an instance: out of the load balancer, held back by the hook until the node has drained, gone.
leaves() {
  local id="${id_of[$1]}"
  is_node "$1" "$id" app Terminating:Wait "${address_of[$1]}"
  elbv2 DeregisterTargets "$id"
  echo Terminated > "$state/of/$1/lifecycle"
  # Half way: systemd starts the watch again, which goes on by the second that it has written down.
  within 60 test -s "/proc/${first_pid[$1]}/root/var/lib/beamstalk/ends" &&
    inside "$1" systemctl kill --signal=SIGKILL beamstalk-drain.service
  within 300 grep -q "^CompleteLifecycleAction .*InstanceId=$id .*LifecycleHookName=leave" "$state/calls" && echo drained > "$state/of/$1/end"
  inside "$1" journalctl --no-pager -u beamstalk-drain.service > "$state/of/$1/watch"
  # An instance that may go takes its time, and what is at work on it goes on.
  sleep 20
  end "$1"
  is_no_node "$id"
}
target() { grep -qx "${id_of[$1]} $2" "$state/targets"; }
within() {
  local until_second=$((SECONDS + $1))
  until "${@:2}"; do
    ((SECONDS < until_second)) || return 1
    sleep 0.2
  done
}
: > "$state/targets"
: > "$state/calls"

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

for name in a c; do
  end "$name"
  is_no_node "${id_of[$name]}"
done
kill "$haproxy_pid"
rm -f "$state/haproxy"
is_at 2 s3://gate-releases/echo-1.tar.gz
