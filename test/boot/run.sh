#!/bin/bash
# run.sh ROOT ENGINE WORK: the gate itself, inside private mount, network and process namespaces.
set -uo pipefail
root="$1" engine="$2" work="$3"
here="$(cd "$(dirname "$0")" && pwd)"
state="$work/state"
mkdir -p "$state" "$work/nodes"

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
# eventually COMMAND...: for what a background process is about to do.
eventually() {
  local _
  for _ in $(seq 100); do "$@" && return 0; sleep 0.2; done
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

declare -A unshare_pid first_pid
# start NAME INSTANCE [DEVICE]: a new machine from the image.
start() {
  mkdir -p "$work/nodes/$1"
  unshare --mount --pid --fork --kill-child bash "$here/node.sh" "$root" "$work/nodes/$1" "${3:-}" > "$work/nodes/$1/machine.log" 2>&1 &
  unshare_pid[$1]=$!
  eventually machine_is_up "$1" || { cat "$work/nodes/$1/machine.log"; exit 1; }
  # The authority that vouches for what stands in for AWS.
  cat "$work/aws.crt" >> "/proc/${first_pid[$1]}/root/etc/ssl/certs/ca-certificates.crt"
  echo "$2" > "$state/instance"
  : > "$state/lifecycle"
}
machine_is_up() {
  first_pid[$1]=$(pgrep -P "${unshare_pid[$1]}") && [[ -e "/proc/${first_pid[$1]}/root/run/machine-is-up" ]]
}
# inside NAME COMMAND...: runs a command on a machine.
inside() {
  local name="$1"
  shift
  nsenter -t "${first_pid[$name]}" -m -p -r -w "${surroundings[@]}" "$@" < /dev/null
}
# boot NAME ROLE: what cloud-init does.
boot() {
  mkdir -p "/proc/${first_pid[$1]}/root/var/lib/cloud"
  cp "$work/bundles/$2.user-data" "/proc/${first_pid[$1]}/root/var/lib/cloud/user-data"
  inside "$1" bash /var/lib/cloud/user-data > "$work/nodes/$1/boot.log" 2>&1
}
# end NAME: pulls the plug.
end() {
  kill -9 "${first_pid[$1]}" 2> /dev/null
  wait "${unshare_pid[$1]}" 2> /dev/null
}
boot_says() { grep -F "$2" "$work/nodes/$1/boot.log" || { tail -n 12 "$work/nodes/$1/boot.log"; return 1; }; }
console_says() { eventually grep -qF "$2" "$work/nodes/$1/console.log" || { cat "$work/nodes/$1/console.log"; return 1; }; }
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

BIND_HOST="$here4" "$engine/bin/ministack" > "$work/ministack.log" 2>&1 &
python3 "$here/control_plane.py" "$state" "$here4" > "$work/control.log" 2>&1 &
eventually curl -sf -o /dev/null "$engine_url/_localstack/health" || { cat "$work/ministack.log"; exit 1; }
in_aws python3 "$here/front.py" "$state" "$here4" "$work/aws.crt" "$work/aws.key" "$outside4" "$outside6" "$inside4" > "$work/front.log" 2>&1 &
eventually test -e "$state/up" || { cat "$work/control.log"; exit 1; }
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

cp -r "$here/echo" "$admin_root/root/echo"
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
for role in box app web worker; do
  (cd "$work/bundles/$role" && python3 -m zipfile -c "$admin_root/root/$role.zip" ./*)
done
admin aws s3 cp --only-show-errors --recursive --exclude '*' --include '*.zip' /root/ s3://gate-bundles/
put_parameter box/address eipalloc-1
put_parameter box/volume vol-0123456789abcdef0
put_parameter storage/backups-bucket gate-backups
put_parameter storage/assets-bucket gate-assets
put_parameter storage/uploads-bucket gate-uploads
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
cookie=AMONSTEROFACOOKIE0123456789
put_parameter app/cookie-secret "$(make_secret cookie "$cookie")"

truncate -s 2G "$work/volume.img"
disk=$(losetup --find --show "$work/volume.img")
url=http://127.0.0.1

# --- A box ------------------------------------------------------------------------------------------------------------

# Each program is of the package that lib/facts/programs.ts names: the program itself, or what a link of the system leads to;
# by the path that the package knows, before /bin became /usr/bin.
# shellcheck disable=SC2016 # expanded on the machine
bring_programs() {
  admin env PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c 'status=0
    while read -r program package; do
      path=$(type -P "$program")
      target=$(readlink -f "$path")
      dpkg -S "$path" "${path#/usr}" "$target" "${target#/usr}" 2> /dev/null | grep -q "^$package:" ||
        { echo "$program (${path:-not there}, $target) is not of $package"; status=1; }
    done <<< "$1"
    exit "$status"' - "$(< "$work/bundles/programs")"
}
check 'packages bring the programs that the table says they bring' bring_programs

echo "--- a box, its first time: a public subnet, IPv4 and IPv6 ($SECONDS s)"
# shellcheck disable=SC2016 # expanded on the machine
as_app='set -a; source /etc/beamstalk/release.env; exec psql -qXAt -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "$1"'
ask() { inside "$1" bash -c "$as_app" - "$2"; }
release_rpc() { inside "$1" bash /opt/beamstalk/boot/files/bin/run-release.sh echo rpc "IO.puts(inspect($2))"; }

start box1 i-box1 "$disk"
boot box1 box
check 'a box boots from its user data' boot_says box1 'box node of gate is up'
check 'the console tells its steps' console_says box1 'beamstalk: step database'
check 'CloudFormation hears of success' called '^SignalResource .*StackName=gate-box Status=SUCCESS UniqueId=i-box1'
check 'it was told so by the one name that CloudFormation has' asked cloudformation.eu-west-1.amazonaws.com "$outside4"
check 'the box takes the address' called '^AssociateAddress AllocationId=eipalloc-1 AllowReassociation=true InstanceId=i-box1'
check 'nginx passes /echo?message=health through to the BEAM' equal "$(curl -s "$url/echo?message=health")" health
check 'nginx does not tell its version' bash -c "! curl -si $url/nothing | grep -i 'nginx/'"
check 'PostgreSQL takes a table and a row from the release' ask box1 'CREATE TABLE kept (word text); INSERT INTO kept VALUES (chr(233) || chr(8364))'
check 'PostgreSQL listens on loopback only' \
  equal "$(inside box1 ss -Hltn 'sport = :5432' | awk '{ print $4 }' | sort | paste -sd ' ')" '127.0.0.1:5432 [::1]:5432'
check 'data checksums and write-ahead log for replication are on' equal "$(ask box1 'SHOW data_checksums')/$(ask box1 'SHOW wal_level')" on/logical
check 'kernel: the listen queue of the namespace is set' equal "$(inside box1 sysctl -n net.core.somaxconn)" 32768
check 'kernel: ports listened on are reserved' equal "$(inside box1 sysctl -n net.ipv4.ip_local_reserved_ports)" 4000,4370,4443
# A value that systemd does not know is a remark to it and no error; to us it is one.
units_are_right() {
  local remarks
  remarks=$(inside "$1" bash -c 'systemd-analyze verify --man=no /etc/systemd/system/beamstalk*.{service,timer}' 2>&1) || return 1
  ! grep beamstalk <<< "$remarks"
}
check 'systemd-analyze verify has nothing to say about our units' units_are_right box1

check 'vm.args reach the BEAM: +P' equal "$(release_rpc box1 ':erlang.system_info(:process_limit)')" 1048576
check 'vm.args reach the BEAM: +Q' equal "$(release_rpc box1 ':erlang.system_info(:port_limit)')" 131072
check 'vm.args reach the BEAM: embedded mode' equal "$(release_rpc box1 ':code.get_mode()')" :embedded
check 'vm.args reach the BEAM: +zdbbl' equal "$(release_rpc box1 ':erlang.system_info(:dist_buf_busy_limit)')" $((32768 * 1024))
check 'distribution listens on 4370, and no epmd runs' bash -c "[[ \$(ss -Hltn 'sport = :4370' | wc -l) == 1 && \$(ss -Hltn 'sport = :4369' | wc -l) == 0 ]]"
check 'the cookie is the one of Secrets Manager' equal "$(release_rpc box1 ':erlang.get_cookie()')" ":$cookie"

password=$(inside box1 cat /data/postgresql/password)
in_arguments() { inside box1 bash -c "cat /proc/[0-9]*/cmdline" | tr '\0' '\n' | grep -F -- "$1"; }
# The search must find what is there, or it proves nothing.
no_secret_in_arguments() { in_arguments -mode && ! in_arguments "$cookie" && ! in_arguments "$password"; }
check 'no secret is in the arguments of any process' no_secret_in_arguments
check 'files with secrets: owner only' equal \
  "$(inside box1 stat -c '%a %U' /etc/beamstalk/release.env /data/postgresql/password /var/lib/beamstalk/home/.erlang.cookie /run/beamstalk/parameters | paste -sd ' ')" \
  '400 root 400 root 400 beamstalk 600 root'

uuid=$(blkid -p -o value -s UUID "$disk")
pid=$(inside box1 cat /run/systemctl-shim/beamstalk-postgresql.service)
check 'the boot runs again' inside box1 bash /opt/beamstalk/boot/boot.sh gate-box Fleetbox
check 'again: same filesystem, PostgreSQL restarted, rows there' equal \
  "$(blkid -p -o value -s UUID "$disk")/$([[ $(inside box1 cat /run/systemctl-shim/beamstalk-postgresql.service) != "$pid" ]] && echo restarted)/$(ask box1 'SELECT count(*) FROM kept')" "$uuid/restarted/1"
check 'again: one line in fstab' equal "$(inside box1 grep -c ' /data ' /etc/fstab)" 1

check 'the nightly dump runs' inside box1 systemctl start beamstalk-backup.service
dump=$(admin aws s3api list-objects-v2 --bucket gate-backups --prefix postgresql/app/ --query 'Contents[0].Key' --output text)
admin aws s3 cp --only-show-errors "s3://gate-backups/$dump" /root/dump > /dev/null 2>&1
check 'the dump in S3 holds the table' admin bash -c '/usr/lib/postgresql/17/bin/pg_restore --list /root/dump | grep "TABLE DATA public kept app"'

# --- Another box in its place ---------------------------------------------------------------------------------------

echo "--- the box dies, another takes its place, with a domain ($SECONDS s)"
end box1
# Still holding the volume for two looks.
echo 'leaving 2' > "$state/volume"
domain=box.gate.test
put_parameter ingress/domain "$domain"
mkdir -p "$work/tls/live/$domain"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$domain" -addext "subjectAltName=DNS:$domain" \
  -keyout "$work/tls/live/$domain/privkey.pem" -out "$work/tls/live/$domain/fullchain.pem" 2> /dev/null
tar -czf "$admin_root/root/tls.tar.gz" -C "$work/tls" .
admin aws s3 cp --only-show-errors /root/tls.tar.gz "s3://gate-backups/tls/$domain.tar.gz"

start box2 i-box2 "$disk"
boot box2 box
check 'a second box boots on the same volume' boot_says box2 'box node of gate is up'
check 'it waited for the volume, then attached it once' equal "$(grep -c '^AttachVolume .*InstanceId=i-box2' "$state/calls")" 1
check 'the row of the first box is there, after a crash' equal "$(ask box2 'SELECT word FROM kept')" 'é€'
check 'the filesystem was not made again' equal "$(blkid -p -o value -s UUID "$disk")" "$uuid"
check 'the password is the same' equal "$(inside box2 cat /data/postgresql/password)" "$password"
tls=(curl -s --cacert "$work/tls/live/$domain/fullchain.pem" --resolve "$domain:443:127.0.0.1" --resolve "$domain:80:127.0.0.1")
check 'HTTPS with the kept certificate, at once' equal "$("${tls[@]}" "https://$domain/echo?message=tls")" tls
check 'HTTP leads to HTTPS' equal "$("${tls[@]}" -o /dev/null -w '%{http_code} %{redirect_url}' "http://$domain/a?b")" "301 https://$domain/a?b"
check 'a name that is not ours gets 404 and learns nothing' equal "$(curl -s -o /dev/null -w '%{http_code}' "$url/echo?message=health")" 404
check 'a name that is not ours gets no TLS handshake' bash -c '! curl -sk https://127.0.0.1/'
check 'a certificate that lasts is left alone' inside box2 bash /opt/beamstalk/boot/files/bin/certificate.sh renew
end box2

echo "--- what a box refuses ($SECONDS s)"
drop_parameter ingress/domain
put_parameter release/uri s3://gate-releases/echo-arm.tar.gz
: > "$state/calls"
start box3 i-box3 "$disk"
boot box3 box
check 'a release for another CPU is refused in one line' boot_says box3 \
  "beamstalk: boot failed at step check: release echo-arm was built for aarch64, this machine is $(uname -m)"
check 'the console says the same' console_says box3 'boot failed at step check: release echo-arm was built for aarch64'
check 'CloudFormation hears of failure' called '^SignalResource .*Status=FAILURE UniqueId=i-box3'
check 'the group is asked to replace the instance' called '^SetInstanceHealth HealthStatus=Unhealthy InstanceId=i-box3'
check 'and neither address nor volume was touched' bash -c "! grep -E '^(AssociateAddress|AttachVolume)' '$state/calls'"
put_parameter release/uri s3://gate-releases/echo-new.tar.gz
inside box3 bash /opt/beamstalk/boot/boot.sh gate-box Fleetbox > "$work/nodes/box3/boot.log" 2>&1
check 'a release for a newer C library is refused in one line' boot_says box3 \
  'beamstalk: boot failed at step check: release echo-new needs glibc 2.99, this machine has 2.41: build it on debian-13'
put_parameter release/uri none

truncate -s 256M "$work/doubt.img"
printf 'not a filesystem, but somebody may want it' | dd of="$work/doubt.img" bs=1 seek=1000000 conv=notrunc status=none
before=$(sha256sum < "$work/doubt.img")
doubt=$(losetup --find --show "$work/doubt.img")
end box3
: > "$state/volume"
start box4 i-box4 "$doubt"
boot box4 box
check 'a volume in doubt is refused' boot_says box4 'is not empty: left as it is'
check 'and left as it was' equal "$(sha256sum < "$work/doubt.img")" "$before"
end box4
losetup -d "$doubt" "$disk"

# --- An application node ------------------------------------------------------------------------------------------------

echo "--- application and web nodes ($SECONDS s)"
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
put_parameter database/endpoint writer.gate.test
put_parameter database/name app
put_parameter database/secret "$(make_secret database '{"username":"app","password":"a/b c%$\"`@é"}')"
put_parameter database/reader-endpoint reader.gate.test
put_parameter cache/endpoint cache.gate.test
put_parameter cache/secret "$(make_secret cache 'cache-word')"
put_parameter ingress/app-endpoint app.gate.test:4000
echo 127.0.0.1 > "$state/endpoint"

egress ipv6
start app i-app
boot app app
check 'an application node boots with IPv6 alone' boot_says app 'app node of gate is up'
check 'it asks Secrets Manager by IPv6' asked secretsmanager.eu-west-1.amazonaws.com "$outside6"
check 'what has no name for IPv6 by an interface endpoint' bash -c \
  "for name in cloudformation ssm; do grep -q \"^\$name.eu-west-1.amazonaws.com $inside4\" '$state/asked' || exit 1; done"
check 'and S3 by the gateway endpoint' asked gate-bundles.s3.eu-west-1.amazonaws.com "$outside4"
# shellcheck disable=SC2016 # expanded on the machine
variables='set -a; source /etc/beamstalk/release.env; echo "$DATABASE_URL $DATABASE_READER_HOST $CACHE_HOST $CACHE_PASSWORD"'
check 'its release finds database and cache, the password percent-encoded' equal "$(inside app bash -c "$variables")" \
  'postgres://app:a%2Fb%20c%25%24%22%60%40%C3%A9@writer.gate.test:5432/app reader.gate.test cache.gate.test cache-word'
check 'the BEAM reads the same from its environment' equal \
  "$(release_rpc app 'System.get_env("DATABASE_URL") =~ "a%2Fb%20c%25%24%22%60%40%C3%A9@"')" true
check 'a c7i.4xlarge: +P 2097152 and +Q 1048576' equal \
  "$(release_rpc app '{:erlang.system_info(:process_limit), :erlang.system_info(:port_limit)}')" '{2097152, 1048576}'

egress ipv4
start web i-web
boot web web
check 'a web node boots with IPv4 alone' boot_says web 'web node of gate is up'
check 'it asks nobody by IPv6' bash -c "[[ -s '$state/asked' ]] && ! grep ':' '$state/asked'"
check 'it passes requests on to the application' equal "$(curl -s "$url/where")" 127.0.0.1
echo 127.0.0.77 > "$state/endpoint"
moved() { equal "$(curl -s "$url/where")" 127.0.0.77; }
check 'it follows the load balancer to another address' eventually moved
check 'it adds itself to what the load balancer said of the client' equal \
  "$(curl -s -H 'Host: shop.test' -H 'X-Forwarded-For: 203.0.113.9' -H 'X-Forwarded-Proto: https' "$url/headers" | paste -sd ' ')" \
  'host: shop.test x-forwarded-for: 203.0.113.9, 127.0.0.1 x-forwarded-proto: https'
check 'it listens for TLS to pass through' bash -c "[[ -n \$(ss -Hltn 'sport = :443') ]]"

echo "--- back pressure ($SECONDS s)"
code() { curl -s --path-as-is -o /dev/null -w '%{http_code}' "$url$1"; }
# shed VALUE: the parameter changes, and the web node's timer comes round.
shed() { put_parameter pressure/shed "$1" && inside web systemctl start beamstalk-pressure.service; }
check 'before there are queues, nobody is turned away' equal "$(inside web cat /run/beamstalk/pressure)/$(code /batch/job)" off/200
proxies=$(inside web pgrep -x nginx | sort | paste -sd ' ')
shed on
turned_away=$(curl -si "$url/batch/job" | tr -d '\r' | awk 'NR == 1 { print $2 } tolower($1) ~ /^(retry-after|cache-control):$/ { print $2 }' | sort | paste -sd ' ')
check 'what can wait is turned away: 429, with the time to wait, kept by no cache' equal "$turned_away" '429 7 no-store'
check 'each of the prefixes is' equal "$(code /reports/2026)" 429
check 'everything else passes' equal "$(curl -s "$url/where")/$(code /)/$(code /batches)" 127.0.0.77/200/200
check 'a prefix in disguise is seen through' equal "$(code //batch/job)/$(code /x/../batch/job)/$(code /%62atch/job)" 429/429/429
shed off
check 'and is let in again' equal "$(code /batch/job)" 200
client=(-s -H 'Host: shop.test' -H 'X-Forwarded-For: 203.0.113.9' -H 'X-Forwarded-Proto: https')
check 'what it says of the client is the same there' equal "$(curl "${client[@]}" "$url/batch/headers")" "$(curl "${client[@]}" "$url/headers")"
check 'without a reload: the same processes' equal "$(inside web pgrep -x nginx | sort | paste -sd ' ')" "$proxies"

echo "--- the end of the application node ($SECONDS s)"
echo i-app > "$state/instance"
echo Terminated > "$state/lifecycle"
check 'the drain completes the lifecycle action' eventually \
  called '^CompleteLifecycleAction AutoScalingGroupName=gate-group InstanceId=i-app LifecycleActionResult=CONTINUE LifecycleHookName=drain'
check 'and had the release let go at the configured rate' equal "$(inside app cat /var/lib/beamstalk/home/drained)" 500
end app
check 'a web node stays well while no application node is' equal "$(curl -s "$url/proxy-health")" ok
check 'and says 502 without a version' bash -c "curl -si $url/where | grep -q '^HTTP/1.1 502' && ! curl -si $url/where | grep -i 'nginx/'"
end web

echo "--- a worker ($SECONDS s)"
egress ipv6
put_parameter queues/mail-out https://sqs.eu-west-1.amazonaws.com/1/mail-out
: > "$state/calls"
start worker i-worker
boot worker worker
check 'a worker boots' boot_says worker 'worker node of gate is up'
check 'it asks EC2 by IPv6' asked ec2.eu-west-1.api.aws "$outside6"
# shellcheck disable=SC2016 # expanded on the machine
check 'its release knows what it works on' equal \
  "$(release_rpc worker 'Enum.map(~w(BEAMSTALK_ROLE BEAMSTALK_JOB_QUEUES BEAMSTALK_JOBS_AT_ONCE QUEUE_MAIL_OUT_URL), &System.get_env/1)')" \
  '["worker", "jobs", "50", "https://sqs.eu-west-1.amazonaws.com/1/mail-out"]'
check 'systemd-analyze verify has nothing to say about the units of a worker' units_are_right worker
protect() { inside worker runuser -u beamstalk -- beamstalk-protect "$1"; }
check 'the release may protect its node' protect on
check 'and the group hears of it' called '^SetInstanceProtection AutoScalingGroupName=gate-group InstanceIds.member.1=i-worker ProtectedFromScaleIn=true'
echo Terminated > "$state/lifecycle"
check 'a worker that is to end says so to its release' eventually inside worker test -e /run/beamstalk/drain
sleep 3
check 'waits for the job that is under way' bash -c "! grep '^CompleteLifecycleAction' '$state/calls'"
check 'which goes on meanwhile' equal "$(release_rpc worker ':running')" :running
check 'the job ends' protect off
check 'then the release is stopped, and the instance goes' eventually called '^CompleteLifecycleAction .*InstanceId=i-worker'
check 'in this order' bash -c '! curl -sf http://127.0.0.1:4000/where'
end worker
: > "$state/lifecycle"

start worker2 i-worker2
boot worker2 worker
inside worker2 runuser -u beamstalk -- beamstalk-protect on
inside worker2 systemctl stop beamstalk.service
check 'a release that ends with a job under way is protected no more' \
  called '^SetInstanceProtection .*InstanceIds.member.1=i-worker2 ProtectedFromScaleIn=false'
end worker2

echo "--- no release yet ($SECONDS s)"
put_parameter release/uri none
start first i-first
boot first app
check 'a fleet deploys before its first release' boot_says first 'app node of gate is up'
check 'its health check is answered' equal "$(curl -s 'http://127.0.0.1:4000/echo?message=health')" 'no release yet'
end first

echo "--- a name of AWS that is not there ($SECONDS s)"
check 'nobody asked for a name that AWS does not document' bash -c "! sort -u '$state/asked-for' |
  grep -E '(amazonaws\.com|api\.aws)\$' | grep -vxFf <(cut -d ' ' -f 1 '$work/bundles/documented') |
  grep -vE '^gate-[a-z]+\.s3\.(dualstack\.)?eu-west-1\.amazonaws\.com\$'"
# without NAME REASON...: boots a node while the name is taken away; the console says each of the reasons.
number=0
without() {
  local withheld="$1" reason node="without$((++number))"
  shift
  echo "$withheld" > "$state/withheld"
  : > "$state/calls"
  start "$node" "i-$node"
  boot "$node" app
  for reason in "$@"; do check "without ${withheld// / and }, the console says: $reason" console_says "$node" "$reason"; done
}
for kind in both ipv4 ipv6; do
  egress "$kind"
  without cloudformation.eu-west-1.amazonaws.com \
    'cloudformation cannot be reached: cloudformation.eu-west-1.amazonaws.com does not resolve' \
    "CloudFormation did not take the signal SUCCESS of i-without$((number + 1)) for Fleetapp in gate-app in 15 s" \
    'app node of gate is up'
  end "without$number"
done
without 'ssm.eu-west-1.amazonaws.com ssm.eu-west-1.api.aws' \
  'ssm cannot be reached: ssm.eu-west-1.api.aws does not resolve, ssm.eu-west-1.amazonaws.com does not resolve' \
  'boot failed at step parameters: the parameters under /beamstalk/gate/ cannot be read'
check 'CloudFormation hears of failure all the same' called '^SignalResource .*Status=FAILURE'
end "without$number"
without secretsmanager.eu-west-1.amazonaws.com \
  'secretsmanager cannot be reached: secretsmanager.eu-west-1.amazonaws.com does not resolve' 'boot failed at step release'
end "without$number"
without 's3.eu-west-1.amazonaws.com s3.dualstack.eu-west-1.amazonaws.com' \
  's3 cannot be reached: s3.eu-west-1.amazonaws.com does not resolve, s3.dualstack.eu-west-1.amazonaws.com does not resolve' \
  'boot failed at step bundle'
end "without$number"
without ssm.eu-west-1.amazonaws.com 'app node of gate is up'
check 'where one of two names is gone, the other is asked' asked ssm.eu-west-1.api.aws "$outside6"
end "without$number"
: > "$state/withheld"
end admin

echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
