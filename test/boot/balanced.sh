# shellcheck shell=bash disable=SC2154,SC2016
# A load balancer that does what an Application Load Balancer would (load_balancer.py), one database over TLS, and what Auto Scaling
# does with the nodes behind it. Sourced by parts, which call `unbalanced` at their end. `$` in single quotes is for the machine.
# shellcheck source=releases.sh
source "$here/releases.sh"

database_name=writer.gate.test
# make_database: one serves all parts.
make_database() {
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
}
[[ -d "$admin_root/srv/database" ]] || make_database
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
# It ends with the gate: the target group goes on speaking to it.
if [[ ! -S "$state/haproxy" ]]; then
  haproxy -db -f "$work/haproxy.cfg" > "$work/haproxy.log" 2>&1 &
  eventually test -S "$state/haproxy" || cat "$work/haproxy.log"
fi

is_at 2 "$(uri_of 0.1.0)"
put_parameter database/endpoint "$database_name"
put_parameter database/name app
put_parameter database/application-secret "$(make_secret "fleet-database-$SECONDS" '{"username":"app","password":"a word"}')"
put_parameter delivery/target-groups arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/app/1

# A machine's name is its own for the whole gate.
declare -A id_of=([a]=i-0a00000a [b]=i-0a00000b [c]=i-0a00000c [d]=i-0a00000d [e]=i-0a00000e [f]=i-0a00000f)
declare -A address_of=([a]=10.9.1.11 [b]=10.9.1.12 [c]=10.9.1.13 [d]=10.9.1.14 [e]=10.9.1.15 [f]=10.9.1.16)
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
# unbalanced NAME...: ends the machines.
unbalanced() {
  local name
  for name in "$@"; do
    end "$name"
    is_no_node "${id_of[$name]}"
  done
  is_at 2 s3://gate-releases/echo-1.tar.gz
}
: > "$state/targets"
: > "$state/calls"
