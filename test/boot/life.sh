# shellcheck shell=bash disable=SC2154
# Nodes of every role from their first boot to their end. Sourced by run.sh.

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
# in_environment NAME COMMAND [ARGUMENT]: what bash says as the release's user in the release's environment.
in_environment() {
  inside "$1" bash -c 'exec 3< /etc/beamstalk/release.env; exec setpriv --reuid=beamstalk --regid=beamstalk --clear-groups \
    python3 -I /opt/beamstalk/boot/files/bin/in-environment.py /bin/bash -c "$@"' - "$2" - "${@:3}"
}
# shellcheck disable=SC2016 # expanded on the machine
ask() { in_environment "$1" 'exec psql -qXAt -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "$1"' "$2"; }
# A root that may write in no folder of others does all that a box does, from the first boot to the last dump.
power=("${lesser[@]}")
start box1 i-box1 "$disk"
own_logs box1
boot box1 box
check 'a box boots from its user data' boot_says box1 'box node of gate is up'
check 'the console tells its steps' console_says box1 'beamstalk: step database'
check 'CloudFormation hears of success' called '^SignalResource .*StackName=gate-box Status=SUCCESS UniqueId=i-box1'
check 'it was told so by the one name that CloudFormation has' asked cloudformation.eu-west-1.amazonaws.com "$outside4"
check 'the box takes the address' called '^AssociateAddress AllocationId=eipalloc-1 AllowReassociation=true InstanceId=i-box1'
check 'nginx passes /echo?message=health through to the BEAM' equal "$(curl -s "$url/echo?message=health")" health
check 'nginx does not tell its version' bash -c "! curl -si $url/nothing | grep -i 'nginx/'"
check 'PostgreSQL takes a table and a row from the release' ask box1 'CREATE TABLE kept (word text); INSERT INTO kept VALUES (chr(233) || chr(8364))'
# knocks HOST MODE USER: what PostgreSQL says to who comes from this network, by TLS or not.
knocks() {
  { inside box1 env PGPASSWORD=x PGSSLMODE="$2" psql -h "$1" -U "$3" -d app -c 'SELECT 1' 2>&1 || true; } | grep -F 'no pg_hba.conf entry for host'
}
for role in app postgres beamstalk_mover; do
  for mode in require disable; do
    check "PostgreSQL lets nobody in from outside: $role, TLS $mode" knocks "$here4" "$mode" "$role"
  done
done
check 'PostgreSQL has TLS, with a key that is its own' equal \
  "$(ask box1 'SHOW ssl')/$(inside box1 stat -c '%a %U %G' /etc/beamstalk/postgresql/server.key)" 'on/640 root postgres'
check 'data checksums and write-ahead log for replication are on' equal "$(ask box1 'SHOW data_checksums')/$(ask box1 'SHOW wal_level')" on/logical
check 'kernel: the listen queue of the namespace is set' equal "$(inside box1 sysctl -n net.core.somaxconn)" 32768
check 'kernel: ports listened on are reserved' equal "$(inside box1 sysctl -n net.ipv4.ip_local_reserved_ports)" 4000-4001,4370-4371,4443-4444
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
# Metadata says that this is the address of box1, as it has no network of its own.
check 'distribution listens on 4370 of the own address alone' equal "$(ss -Hltn 'sport = :4370' | awk '{ print $4 }')" 127.0.0.1:4370
check 'no epmd runs' equal "$(ss -Hltn 'sport = :4369')" ''
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
check 'the boot runs again' inside box1 "${power[@]}" bash /opt/beamstalk/boot/boot.sh gate-box Fleetbox
check 'again: same filesystem, PostgreSQL restarted, rows there' equal \
  "$(blkid -p -o value -s UUID "$disk")/$([[ $(inside box1 cat /run/systemctl-shim/beamstalk-postgresql.service) != "$pid" ]] && echo restarted)/$(ask box1 'SELECT count(*) FROM kept')" "$uuid/restarted/1"
check 'again: one line in fstab' equal "$(inside box1 grep -c ' /data ' /etc/fstab)" 1

check 'the nightly dump runs' inside box1 "${power[@]}" systemctl start beamstalk-backup.service
dump=$(admin aws s3api list-objects-v2 --bucket gate-backups --prefix postgresql/app/ --query 'Contents[0].Key' --output text)
admin aws s3 cp --only-show-errors "s3://gate-backups/$dump" /root/dump > /dev/null 2>&1
check 'the dump in S3 holds the table' admin bash -c '/usr/lib/postgresql/17/bin/pg_restore --list /root/dump | grep "TABLE DATA public kept app"'
restored() { inside box1 runuser -u postgres -- psql -qXAt -h /run/postgresql -d app_restored -c "$1"; }
# restore_from LINK: with the link on standard input, which `inside` closes.
restore_from() {
  nsenter -t "${first_pid[box1]}" -m -p -r -w "${surroundings[@]}" "${power[@]}" bash /opt/beamstalk/boot/files/bin/restore.sh app <<< "$1"
}
restore_dump() { restore_from "$(admin aws s3 presign "s3://gate-backups/$dump")"; }
no_dump() {
  if restore_from "$engine_url/gate-backups/none" > "$work/restore.log"; then return 1; fi
  grep 'cannot be downloaded' "$work/restore.log" &&
    equal "$(inside box1 runuser -u postgres -- psql -qXAt -h /run/postgresql -c "SELECT datname FROM pg_database WHERE datname LIKE 'app_%'")" ''
}
check 'a link that leads to no dump is refused, and leaves no database' no_dump
check 'the dump comes back from a link, beside the live database' restore_dump
check 'row by row, as the application'\''s' equal "$(restored 'SELECT word FROM kept')/$(restored "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'")" 'é€/app'
check 'and leaves neither the dump nor a password behind' equal "$(inside box1 bash -c 'ls /data/postgresql')" $'data\npassword'

# --- Another box in its place ---------------------------------------------------------------------------------------

echo "--- the box dies, another takes its place, with a domain ($SECONDS s)"
end box1
# Still holding the volume for two looks.
echo 'leaving 2' > "$state/volume"
domain=box.gate.test
put_parameter ingress/domain "$domain"
admin python3 -B /root/hostile/certbot_folder.py /root/tls "$domain" 90 acme-v02.api.letsencrypt.org/directory
tar -czf "$admin_root/root/tls.tar.gz" -C "$admin_root/root/tls" .
admin aws s3 cp --only-show-errors /root/tls.tar.gz "s3://gate-backups/tls/$domain.tar.gz"

start box2 i-box2 "$disk"
own_logs box2
boot box2 box
check 'a second box boots on the same volume' boot_says box2 'box node of gate is up'
check 'it waited for the volume, then attached it once' equal "$(grep -c '^AttachVolume .*InstanceId=i-box2' "$state/calls")" 1
check 'the row of the first box is there, after a crash' equal "$(ask box2 'SELECT word FROM kept')" 'é€'
check 'the filesystem was not made again' equal "$(blkid -p -o value -s UUID "$disk")" "$uuid"
check 'the password is the same' equal "$(inside box2 cat /data/postgresql/password)" "$password"
tls=(curl -s --cacert "$admin_root/root/tls/live/$domain/cert.pem" --resolve "$domain:443:127.0.0.1" --resolve "$domain:80:127.0.0.1")
check 'HTTPS with the kept certificate, at once' equal "$("${tls[@]}" "https://$domain/echo?message=tls")" tls
check 'HTTP leads to HTTPS' equal "$("${tls[@]}" -o /dev/null -w '%{http_code} %{redirect_url}' "http://$domain/a?b")" "301 https://$domain/a?b"
check 'a name that is not ours gets 404 and learns nothing' equal "$(curl -s -o /dev/null -w '%{http_code}' "$url/echo?message=health")" 404
check 'a name that is not ours gets no TLS handshake' bash -c '! curl -sk https://127.0.0.1/'
check 'a certificate that lasts is left alone' inside box2 "${power[@]}" bash /opt/beamstalk/boot/files/bin/certificate.sh renew

echo "--- the database login of a box changes ($SECONDS s)"
login=$(make_secret box-login '{"username":"app_1","password":"first"}')
put_parameter database/source managed
put_parameter database/endpoint writer.gate.test
put_parameter database/application-secret "$login"
inside box2 "${power[@]}" bash -c 'rm -f /run/beamstalk/parameters; STACK=gate-box FLEET=Fleetbox bash /opt/beamstalk/boot/steps/release.sh' > "$work/nodes/box2/boot.log" 2>&1
# reads_login USER:PASSWORD: once the release is up.
reads_login() { equal "$(release_rpc box2 'System.get_env("DATABASE_URL")' 2> /dev/null)" "\"postgres://$1@writer.gate.test:5432/app\""; }
check 'a release of the managed database reads its login' eventually reads_login app_1:first
beam() { inside box2 cat /run/systemctl-shim/beamstalk.service; }
look_at_login() { inside box2 "${power[@]}" bash -c 'rm -f /run/beamstalk/parameters; exec bash /opt/beamstalk/boot/files/bin/credentials.sh'; }
before=$(beam)
check 'a look at a login that is the same' look_at_login
check '  leaves the release alone' equal "$(beam)" "$before"
jq -n --arg id "$login" '{SecretId: $id, SecretString: "{\"username\":\"app_2\",\"password\":\"second/word\"}"}' | json_api secretsmanager.PutSecretValue > /dev/null
check 'a look at one that has changed' look_at_login
check '  starts the release with it' eventually reads_login app_2:second%2Fword
for name in source endpoint application-secret; do drop_parameter "database/$name"; done
end box2
power=()

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
check 'the instance shuts down, so that the group replaces it' inside box3 grep -qx 'shutdown -h now' /var/log/shutdown
check 'and asks nobody to end an instance' bash -c "! grep '^SetInstanceHealth' '$state/calls'"
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
put_parameter database/application-secret "$(make_secret database '{"username":"app","password":"a/b c%$\"`@é"}')"
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
variables='echo "$DATABASE_URL $DATABASE_READER_HOST $CACHE_HOST $CACHE_PASSWORD"'
check 'its release finds database and cache, the password percent-encoded' equal "$(in_environment app "$variables")" \
  'postgres://app:a%2Fb%20c%25%24%22%60%40%C3%A9@writer.gate.test:5432/app reader.gate.test cache.gate.test cache-word'
check 'the BEAM reads the same from its environment' equal \
  "$(release_rpc app 'System.get_env("DATABASE_URL") =~ "a%2Fb%20c%25%24%22%60%40%C3%A9@"')" true
check 'a c7i.4xlarge: +P 2097152 and +Q 1048576' equal \
  "$(release_rpc app '{:erlang.system_info(:process_limit), :erlang.system_info(:port_limit)}')" '{2097152, 1048576}'

egress ipv4
start web i-web
own_logs web
power=("${lesser[@]}")
boot web web
power=()
check 'a web node boots with IPv4 alone' boot_says web 'web node of gate is up'
there=$(admin aws ssm get-parameter --name /beamstalk/gate/database/endpoint --query Parameter.Value --output text)
check 'and is told whom it asks, and nothing of a database that there is' equal \
  "$there/$(inside web cut -d / -f 4 /run/beamstalk/parameters | sort -u)" writer.gate.test/ingress
check 'it asks nobody by IPv6' bash -c "[[ -s '$state/asked' ]] && ! grep ':' '$state/asked'"
check 'it passes requests on to the application' equal "$(curl -s "$url/where")" 127.0.0.1
echo 127.0.0.77 > "$state/endpoint"
# Each process of nginx resolves names for itself, and whoever answers is a matter of chance.
moved() { equal "$(for _ in {1..20}; do curl -s "$url/where"; done | sort -u)" 127.0.0.77; }
check 'it follows the load balancer to another address' eventually moved
check 'behind a load balancer for sockets it says of the client what it sees itself' equal \
  "$(curl -s -H 'Host: shop.test' -H 'X-Forwarded-For: 203.0.113.9' -H 'X-Forwarded-Proto: https' "$url/headers" | paste -sd ' ')" \
  'host: shop.test x-forwarded-for: 127.0.0.1 x-forwarded-proto: http'
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
  called '^CompleteLifecycleAction AutoScalingGroupName=gate-group InstanceId=i-app LifecycleActionResult=CONTINUE LifecycleHookName=leave'
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
