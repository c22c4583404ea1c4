# shellcheck shell=bash disable=SC2154
# Machines, the AWS they speak to, a release to run, and how evidence is counted. Sourced by run.sh, which has made `root`,
# `engine`, `work`, `state` and `here`.

passed=0 failed=0
# check TEXT COMMAND...: one line of evidence.
check() {
  local text="$1"
  shift
  if "$@" > "$work/check.log" 2>&1; then
    echo "ok    $text"
    passed=$((passed + 1))
  else
    echo "FAIL  $text"
    sed 's/^/        /' "$work/check.log" | tail -n 15
    failed=$((failed + 1))
  fi
}
equal() { [[ "$1" == "$2" ]] || { printf 'expected: %s\nfound:    %s\n' "$2" "$1"; return 1; }; }
# eventually COMMAND...: for what a background process is about to do; a minute, since a machine may be several times slower
# than another.
eventually() {
  local _
  for _ in $(seq 300); do "$@" && return 0; sleep 0.2; done
  return 1
}

# Where the engine and the control plane answer the gate, and what stands before them.
here4=10.9.0.1
engine_url="http://$here4:4566"
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=eu-west-1
export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338/
export AWS_PAGER='' BEAMSTALK_PAUSE_SECONDS=1 BEAMSTALK_PATIENCE_SECONDS=60 BEAMSTALK_BACKOFF_SECONDS=0 BEAMSTALK_RETRY_SECONDS=0
export BEAMSTALK_SIGNAL_SECONDS=15
# The same on every machine: nothing of the caller's surroundings reaches the nodes.
surroundings=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
while IFS= read -r -d '' variable; do surroundings+=("$variable"); done < <(env -0 | grep -zE '^(AWS|BEAMSTALK)_')

# --- Machines ---------------------------------------------------------------------------------------------------------

groups="$work/cgroup/beamstalk-$(basename "$work")"
mkdir -p "$work/cgroup" && mount -t cgroup2 cgroup2 "$work/cgroup"
declare -A unshare_pid first_pid services_pid
# start NAME INSTANCE [DEVICE] [systemd] [ADDRESS]: a new machine from the image; with an address in a network of its own.
start() {
  local namespaces=(--mount --pid)
  if [[ -n "${4:-}" ]]; then namespaces+=(--cgroup --uts --ipc); fi
  if [[ -n "${5:-}" ]]; then namespaces+=(--net); fi
  mkdir -p "$work/nodes/$1"
  in_group "$1" unshare "${namespaces[@]}" --fork --kill-child bash "$here/node.sh" "$root" "$work/nodes/$1" "${3:-}" "${4:-}" > "$work/nodes/$1/machine.log" 2>&1 &
  unshare_pid[$1]=$!
  eventually machine_is_up "$1" || { cat "$work/nodes/$1/machine.log"; exit 1; }
  # The authority that vouches for what stands in for AWS.
  cat "$work/aws.crt" >> "/proc/${first_pid[$1]}/root/etc/ssl/certs/ca-certificates.crt"
  # And the one that signs certificates of domains, where OpenSSL looks for those of a system.
  cp "$work/signer.crt" "/proc/${first_pid[$1]}/root/etc/ssl/certs/$(openssl x509 -noout -hash -in "$work/signer.crt").0"
  if [[ -n "${5:-}" ]]; then
    connect "$@"
    return
  fi
  echo "$2" > "$state/instance"
  : > "$state/lifecycle"
}
# in_group NAME COMMAND...: in a control group of its own. Two machines in one would take each other's processes for theirs, and
# systemd ends what a stopped service has left behind.
in_group() {
  # shellcheck disable=SC2016 # expanded there
  exec bash -c 'mkdir -p "$1" && echo $$ > "$1/cgroup.procs" && exec "${@:2}"' - "$groups-$1" "${@:2}"
}
# connect NAME INSTANCE _ _ ADDRESS: a machine with a network of its own finds there what it would on a loopback of AWS.
connect() {
  local own="$state/of/$1"
  mkdir -p "$own"
  echo "$2" > "$own/instance"
  echo "$5" > "$own/address"
  : > "$own/lifecycle"
  for file in names withheld asked-for; do ln -sf "$state/$file" "$own/$file"; done
  ip link add "to-$1" type veth peer name eth0 netns "${first_pid[$1]}"
  ip link set "to-$1" master fleet up
  in_network "$1" ip link set lo up
  in_network "$1" ip addr add "$5/24" dev eth0
  in_network "$1" ip link set eth0 up
  in_network "$1" ip route add default via "$fleet4"
  in_network "$1" python3 -B "$here/instance_services.py" "$own" > "$work/nodes/$1/services.log" 2>&1 &
  services_pid[$1]=$!
  eventually test -e "$own/instance-services-are-up" || { cat "$work/nodes/$1/services.log"; exit 1; }
}
in_network() { nsenter -t "${first_pid[$1]}" -n "${@:2}"; }
machine_is_up() {
  first_pid[$1]=$(pgrep -P "${unshare_pid[$1]}") && [[ -e "/proc/${first_pid[$1]}/root/run/machine-is-up" ]]
}
# inside NAME COMMAND...: runs a command on a machine.
inside() {
  local name="$1"
  shift
  nsenter -t "${first_pid[$name]}" -m -p -n -r -w "${surroundings[@]}" "$@" < /dev/null
}
# Before a command of root's: nothing, or what takes powers from it. `lesser` may write in no folder of others.
power=()
# shellcheck disable=SC2034 # for the parts
lesser=(setpriv '--bounding-set=-dac_override,-fowner' '--inh-caps=-dac_override,-fowner')
# own_logs NAME: the package gives its log to nginx's user. systemd starts nginx with all powers; the stand-in for systemd
# has those of its caller.
own_logs() { inside "$1" chown -R root /var/log/nginx; }
# speak_to_aws NAME: in a real node the instance profile and the region say where AWS is; under systemd here the environment of
# every unit does.
speak_to_aws() {
  mkdir -p "/proc/${first_pid[$1]}/root/etc/systemd/system/service.d"
  # shellcheck disable=SC2016 # expanded on the machine
  inside "$1" bash -c '{ echo "[Service]"; env | grep -E "^(AWS|BEAMSTALK)_" | sed "s/.*/Environment=&/"; } > /etc/systemd/system/service.d/aws.conf'
}
# boot NAME ROLE: what cloud-init does.
boot() {
  mkdir -p "/proc/${first_pid[$1]}/root/var/lib/cloud"
  cp "$work/bundles/$2.user-data" "/proc/${first_pid[$1]}/root/var/lib/cloud/user-data"
  inside "$1" "${power[@]}" bash /var/lib/cloud/user-data > "$work/nodes/$1/boot.log" 2>&1
}
# end NAME: pulls the plug.
end() {
  kill -9 "${first_pid[$1]}" 2> /dev/null
  wait "${unshare_pid[$1]}" 2> /dev/null
  if [[ -n "${services_pid[$1]:-}" ]]; then kill "${services_pid[$1]}" 2> /dev/null; fi
}
boot_says() { grep -F "$2" "$work/nodes/$1/boot.log" || { tail -n 12 "$work/nodes/$1/boot.log"; return 1; }; }
console_says() { eventually grep -qF "$2" "$work/nodes/$1/console.log" || { cat "$work/nodes/$1/console.log"; return 1; }; }
release_rpc() { inside "$1" bash /opt/beamstalk/boot/files/bin/run-release.sh echo rpc "IO.puts(inspect($2))"; }
called() { grep -E "$1" "$state/calls" || { tail -n 8 "$state/calls"; return 1; }; }

# --- AWS --------------------------------------------------------------------------------------------------------------

# Machines find it under the names that it documents, and under no other. What can be reached of it differs by the way out
# of their network: addresses that answer outside, one of an interface endpoint inside, and one from which nothing comes back.
# It is another network: machines listen on its ports themselves.
outside4=203.0.113.1 outside6=2001:db8::1 inside4=10.7.0.10 silent4=203.0.113.2 no_route6=2001:db8:1::1
ip link set lo up
unshare --net sleep infinity &
aws_network=$!
aws_is_apart() { [[ "$(readlink "/proc/$aws_network/ns/net")" != "$(readlink /proc/self/ns/net)" ]]; }
eventually aws_is_apart || exit 1
in_aws() { nsenter -t "$aws_network" -n "$@"; }
ip link add away type veth peer name nodes netns "$aws_network"
ip addr add "$here4/24" dev away && ip -6 addr add 2001:db8:9::1/64 dev away nodad && ip link set away up
in_aws ip link set lo up
in_aws ip addr add 10.9.0.2/24 dev nodes && in_aws ip -6 addr add 2001:db8:9::2/64 dev nodes nodad && in_aws ip link set nodes up
# Machines with a network of their own, of which the gate is the router.
fleet4=10.9.1.1
ip link add fleet type bridge && ip addr add "$fleet4/24" dev fleet && ip link set fleet up
sysctl -qw net.ipv4.ip_forward=1
in_aws ip route add 10.9.1.0/24 via "$here4"
for address in "$outside4/32" "$outside6/128" "$inside4/32"; do in_aws ip addr add "$address" dev lo; done
ip route add 203.0.113.0/24 via 10.9.0.2 && ip route add 10.7.0.0/24 via 10.9.0.2
ip -6 route add 2001:db8::/64 via 2001:db8:9::2

# egress KIND: `both`, `ipv4` alone, or `ipv6` alone with the interface endpoints that a network without IPv4 has.
egress() {
  awk -v kind="$1" -v outside4="$outside4" -v outside6="$outside6" -v inside4="$inside4" -v silent4="$silent4" \
    -v no_route6="$no_route6" '{
      ipv4 = outside4
      if (kind == "ipv6" && $5 != "gateway") ipv4 = $4 == "inside" ? inside4 : silent4
      ipv6 = $3 != "ipv6" ? "-" : kind == "ipv4" ? no_route6 : outside6
      print $1, ipv4, ipv6
    }' "$work/bundles/documented" > "$state/names"
  : > "$state/asked"
}
egress both
: > "$state/asked-for"
# asked NAME [ADDRESS]: whether a machine has spoken to it.
asked() { grep -E "^${1//./\\.} ${2:-}" "$state/asked" || { sort "$state/asked" | uniq -c; return 1; }; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=AWS of the gate' \
  -addext "subjectAltName=$(awk '{ print "DNS:" $1; if ($5 == "gateway") print "DNS:*." $1 }' "$work/bundles/documented" | paste -sd ,)" \
  -keyout "$work/aws.key" -out "$work/aws.crt" 2> /dev/null

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 4000 -subj '/CN=Signer of the gate' \
  -keyout "$work/signer.key" -out "$work/signer.crt" 2> /dev/null

BIND_HOST="$here4" "$engine/bin/ministack" > "$work/ministack.log" 2>&1 &
python3 -B "$here/instance_services.py" "$state" > "$work/services.log" 2>&1 &
python3 -B "$here/control_plane.py" "$state" "$here4" "$engine_url" > "$work/control.log" 2>&1 &
eventually curl -sf -o /dev/null "$engine_url/_localstack/health" || { cat "$work/ministack.log"; exit 1; }
in_aws python3 "$here/front.py" "$state" "$here4" "$work/aws.crt" "$work/aws.key" "$outside4" "$outside6" "$inside4" > "$work/front.log" 2>&1 &
eventually test -e "$state/up" || { cat "$work/control.log"; exit 1; }
eventually test -e "$state/instance-services-are-up" || { cat "$work/services.log"; exit 1; }
eventually test -e "$state/front-is-up" || { cat "$work/front.log"; exit 1; }

# A machine for the administrator: builds the release, and speaks to AWS with the same command line as the nodes.
start admin i-admin
admin() { inside admin env "AWS_ENDPOINT_URL=$engine_url" "$@"; }
admin_root="/proc/${first_pid[admin]}/root"
# The engine checks no signature, and the command line takes a second a call: only nodes use it for what is JSON anyway.
json_api() {
  curl -sf -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: $1" --data-binary @- "$engine_url" \
    -H 'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/x/aws4_request, SignedHeaders=host, Signature=0'
}
put_parameter() {
  jq -n --arg name "/beamstalk/gate/$1" --arg value "$2" '{Name: $name, Value: $value, Type: "String", Overwrite: true}' |
    json_api AmazonSSM.PutParameter > /dev/null
}
drop_parameter() { jq -n --arg name "/beamstalk/gate/$1" '{Name: $name}' | json_api AmazonSSM.DeleteParameter > /dev/null; }
make_secret() {
  jq -n --arg name "$1" --arg value "$2" '{Name: $name, SecretString: $value}' | json_api secretsmanager.CreateSecret | jq -r .ARN
}

cp -r "$here/echo" "$here/hostile" "$admin_root/root/"
cp "$work"/signer.{crt,key} "$admin_root/root/"
# shellcheck disable=SC2016 # expanded on the machine
admin bash -euc 'export HOME=/root LC_ALL=C.UTF-8 MIX_ENV=prod; cd /root/echo; mix release --quiet
  mv _build/prod/echo-0.1.0.tar.gz /root/echo-1.tar.gz; cd _build/prod/rel/echo
  beam=$(echo erts-*/bin/beam.smp)
  cp "$beam" /root/beam; printf "\xb7\x00" | dd of="$beam" bs=1 seek=18 conv=notrunc status=none
  tar -czf /root/echo-arm.tar.gz .; cp /root/beam "$beam"
  sed -i s/GLIBC_2.34/GLIBC_2.99/g "$beam"; tar -czf /root/echo-new.tar.gz .
  cd /root; sha256sum echo-1.tar.gz > echo-1.tar.gz.sha256' > "$work/release.log" 2>&1 || { cat "$work/release.log"; exit 1; }
# Where the nodes are: a bucket of another region would send them to names of that region.
here_xml='<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>'
for bucket in gate-bundles gate-releases gate-backups; do curl -sf -X PUT --data "$here_xml" "$engine_url/$bucket"; done
admin aws s3 cp --only-show-errors --recursive --exclude '*' --include 'echo-*' /root/ s3://gate-releases/
for role in box app web web-http worker; do
  # An authority that vouches for the databases of the gate.
  if [[ -e "$work/bundles/$role/database-authorities.pem" ]]; then cat "$work/signer.crt" >> "$work/bundles/$role/database-authorities.pem"; fi
  (cd "$work/bundles/$role" && python3 -m zipfile -c "$admin_root/root/$role.zip" ./*)
done
admin aws s3 cp --only-show-errors --recursive --exclude '*' --include '*.zip' /root/ s3://gate-bundles/
put_parameter box/address eipalloc-1
put_parameter box/volume vol-0123456789abcdef0
put_parameter storage/backups-bucket gate-backups
put_parameter storage/assets-bucket gate-assets
put_parameter storage/uploads-bucket gate-uploads
put_parameter cluster/function gate-certifies
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
cookie=AMONSTEROFACOOKIE0123456789
put_parameter app/cookie-secret "$(make_secret cookie "$cookie")"
