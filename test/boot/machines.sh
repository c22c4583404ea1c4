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
# eventually COMMAND...: for what a background process is about to do.
eventually() {
  local _
  for _ in $(seq 100); do "$@" && return 0; sleep 0.2; done
  return 1
}

export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=eu-west-1
export AWS_ENDPOINT_URL_EC2=http://127.0.0.1:4567 AWS_ENDPOINT_URL_AUTO_SCALING=http://127.0.0.1:4567
export AWS_ENDPOINT_URL_CLOUDFORMATION=http://127.0.0.1:4567 AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338/
export AWS_PAGER='' BEAMSTALK_PAUSE_SECONDS=1 BEAMSTALK_PATIENCE_SECONDS=60 BEAMSTALK_BACKOFF_SECONDS=0 BEAMSTALK_RETRY_SECONDS=0
# The same on every machine: nothing of the caller's surroundings reaches the nodes.
surroundings=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
while IFS= read -r -d '' variable; do surroundings+=("$variable"); done < <(env -0 | grep -zE '^(AWS|BEAMSTALK)_')

# --- Machines ---------------------------------------------------------------------------------------------------------

declare -A unshare_pid first_pid
# start NAME INSTANCE [DEVICE] [systemd]: a new machine from the image.
start() {
  local namespaces=(--mount --pid)
  if [[ -n "${4:-}" ]]; then namespaces+=(--cgroup --uts --ipc); fi
  mkdir -p "$work/nodes/$1"
  unshare "${namespaces[@]}" --fork --kill-child bash "$here/node.sh" "$root" "$work/nodes/$1" "${3:-}" "${4:-}" > "$work/nodes/$1/machine.log" 2>&1 &
  unshare_pid[$1]=$!
  eventually machine_is_up "$1" || { cat "$work/nodes/$1/machine.log"; exit 1; }
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
release_rpc() { inside "$1" bash /opt/beamstalk/boot/files/bin/run-release.sh echo rpc "IO.puts(inspect($2))"; }
called() { grep -E "$1" "$state/calls" || { tail -n 8 "$state/calls"; return 1; }; }

# --- AWS --------------------------------------------------------------------------------------------------------------

ip link set lo up
BIND_HOST=127.0.0.1 "$engine/bin/ministack" > "$work/ministack.log" 2>&1 &
python3 "$here/control_plane.py" "$state" > "$work/control.log" 2>&1 &
eventually curl -sf -o /dev/null http://127.0.0.1:4566/_localstack/health || { cat "$work/ministack.log"; exit 1; }
eventually test -e "$state/up" || { cat "$work/control.log"; exit 1; }

# A machine for the administrator: builds the release, and speaks to AWS with the same command line as the nodes.
start admin i-admin
admin() { inside admin "$@"; }
admin_root="/proc/${first_pid[admin]}/root"
# The engine checks no signature, and the command line takes a second a call: only nodes use it for what is JSON anyway.
json_api() {
  curl -sf -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: $1" --data-binary @- "$AWS_ENDPOINT_URL" \
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
# shellcheck disable=SC2016 # expanded on the machine
admin bash -euc 'export HOME=/root LC_ALL=C.UTF-8 MIX_ENV=prod; cd /root/echo; mix release --quiet
  mv _build/prod/echo-0.1.0.tar.gz /root/echo-1.tar.gz; cd _build/prod/rel/echo
  beam=$(echo erts-*/bin/beam.smp)
  cp "$beam" /root/beam; printf "\xb7\x00" | dd of="$beam" bs=1 seek=18 conv=notrunc status=none
  tar -czf /root/echo-arm.tar.gz .; cp /root/beam "$beam"
  sed -i s/GLIBC_2.34/GLIBC_2.99/g "$beam"; tar -czf /root/echo-new.tar.gz .
  cd /root; sha256sum echo-1.tar.gz > echo-1.tar.gz.sha256' > "$work/release.log" 2>&1 || { cat "$work/release.log"; exit 1; }
for bucket in gate-bundles gate-releases gate-backups; do curl -sf -X PUT "$AWS_ENDPOINT_URL/$bucket"; done
admin aws s3 cp --only-show-errors --recursive --exclude '*' --include 'echo-*' /root/ s3://gate-releases/
for role in box app web web-http worker; do
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
