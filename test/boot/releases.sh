# shellcheck shell=bash disable=SC2154,SC2016
# The example of examples/counter in versions that are good and in versions that are not, the command line that rolls them
# out, and users who come meanwhile. Sourced by parts; what it makes, it makes once. `$` in single quotes is for the machine.

# --- The operator -----------------------------------------------------------------------------------------------------

mkdir -p "$work/operator/config"
printf '{"phase": 2, "region": "eu-west-1", "node": {"image": "debian-13"}}\n' > "$work/operator/config/gate.json"
# beamstalk ARGUMENT...: the command line as its users start it. The engine answers it, and for nodes the control plane.
beamstalk() {
  (cd "$work/operator" && exec env -i PATH="$PATH" HOME="$work/operator" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
    AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL="$engine_url" AWS_ENDPOINT_URL_SSM="http://$here4:4567" \
    AWS_ENDPOINT_URL_EC2="http://$here4:4567" AWS_ENDPOINT_URL_AUTO_SCALING="http://$here4:4567" \
    node "$here/../../.build/beamstalk.cjs" "$@" --env gate)
}
# does ARGUMENT...: the command succeeds. What it said is in the file `said`, on both channels, and in `answered` the first alone.
does() {
  beamstalk "$@" > "$work/answered" 2> "$work/complained" || { cat "$work/answered" "$work/complained"; return 1; }
  cat "$work/answered" "$work/complained" > "$work/said"
}
# is_refused REASON ARGUMENT...: the command ends with 1, and its last line says why.
is_refused() {
  local status=0
  beamstalk "${@:2}" > "$work/said" 2>&1 || status=$?
  if ((status == 1)) && tail -n 1 "$work/said" | grep -F -- "$1"; then return; fi
  echo "it ended with $status"
  cat "$work/said"
  return 1
}
said() { grep -F -- "$1" "$work/said" || { cat "$work/said"; return 1; }; }
answered() { equal "$(jq -r "$1" "$work/answered")" "$2" || { cat "$work/answered"; return 1; }; }

# is_node NAME ID ROLE STATE [ADDRESS]: has Auto Scaling and Systems Manager know a machine, in a lifecycle state.
is_node() {
  patience 120
  note_node "$2" "$2 $3 $4 ${5:--} ${first_pid[$1]}"
}
# patience SECONDS: how long a node waits for a release to get well. One that crashes ends it before, however slow the machine is.
patience() {
  # After `env -i`.
  printf '%s\0' "${surroundings[@]:2}" "BEAMSTALK_HEALTH_SECONDS=$1" > "$state/surroundings"
}
is_no_node() { note_node "$1"; }
# note_node ID [LINE]: at once for whoever reads, and one after the other.
note_node() {
  (
    flock 9
    touch "$state/fleet"
    { grep -v "^$1 " "$state/fleet"; if [[ -n "${2:-}" ]]; then echo "$2"; fi; } > "$state/fleet.new"
    mv "$state/fleet.new" "$state/fleet"
  ) 9> "$state/fleet.lock"
}
# is_at PHASE RELEASE: a deployed environment, with what its configuration says of the release.
is_at() {
  local name
  for name in release/current database/source database/endpoint database/reader-endpoint app/environment-secret ingress/domain \
    ingress/app-endpoint cache/endpoint cache/secret delivery/target-groups delivery/rollout queues/mail-out pressure/shed; do
    drop_parameter "$name" > /dev/null 2>&1 || true
  done
  put_parameter climb/state "{\"phase\":$1,\"at\":\"2026-11-29T12:00:00.000Z\"}"
  put_parameter delivery/releases-bucket gate-releases
  put_parameter release/uri "$2"
}

# --- Users ------------------------------------------------------------------------------------------------------------

# load PORT [PATH...]: 200 requests a second and 500 WebSockets, or as many as `sockets` says, until load_ends.
sockets=500
load() {
  local paths=("${@:2}")
  if ((${#paths[@]} == 0)); then paths=('/echo?message=x' /counter); fi
  node "$here/load/load.mjs" "http://127.0.0.1:$1" 200 "$sockets" "$work/load.json" / "${paths[@]}" &
  load_pid=$!
  eventually sockets_open "$1" "$sockets"
}
sockets_open() { (($(ss -Htn state established "sport = :$1" | wc -l) >= $2)); }
# load_ends: what users saw since the load began.
load_ends() {
  sleep 2
  kill -TERM "$load_pid"
  wait "$load_pid"
  echo "users saw: $(cat "$work/load.json")"
}
saw() { equal "$(jq -c "$1" "$work/load.json")" "$2"; }

# --- Releases ---------------------------------------------------------------------------------------------------------

uri_of() { echo "s3://gate-releases/releases/$1/counter-$1.tar.gz"; }
# version NUMBER COMMAND: builds the example as that version, after a change to its source, and pushes it.
version() {
  admin env NUMBER="$1" CHANGE="$2" bash -euc 'export HOME=/root LC_ALL=C.UTF-8 MIX_ENV=prod
    mkdir -p /root/build /root/releases && rm -rf /root/build/{lib,priv,rel,config,mix.exs} && cp -r /root/counter/. /root/build && cd /root/build
    sed -i "s/version: \"[0-9.]*\"/version: \"$NUMBER\"/" mix.exs
    bash -euc "$CHANGE"
    mix release --quiet --overwrite
    cp "_build/prod/counter-$NUMBER.tar.gz" /root/releases/' && does release push "$admin_root/root/releases/counter-$1.tar.gz"
}
another_library() {
  admin bash -euc 'rm -rf /root/other && mkdir /root/other && cd /root/other && tar -xzf /root/releases/counter-0.1.0.tar.gz
    mv releases/0.1.0 releases/0.6.0 && sed -i s/0.1.0/0.6.0/ releases/start_erl.data
    sed -i s/GLIBC_2.34/GLIBC_2.99/g erts-*/bin/beam.smp && tar -czf /root/releases/counter-0.6.0.tar.gz .
    cd /root/releases && sha256sum counter-0.6.0.tar.gz > counter-0.6.0.tar.gz.sha256' &&
    is_refused 'needs glibc 2.99' release push "$admin_root/root/releases/counter-0.6.0.tar.gz" &&
    # The node has to refuse what came another way.
    admin aws s3 cp --only-show-errors --recursive --exclude '*' --include 'counter-0.6.0.*' /root/releases/ s3://gate-releases/releases/0.6.0/
}
if [[ ! -e "$admin_root/root/counter" ]]; then
  echo "--- releases of the example ($SECONDS s)"
  is_at 0 none
  cp -r "$here/../../examples/counter" "$admin_root/root/counter"
  rm -rf "$admin_root/root/counter/_build"
  check 'the example is built by mix release, and pushed' version 0.1.0 :
  check 'the same is there already' does release push "$admin_root/root/releases/counter-0.1.0.tar.gz"
  check 'a second version, with a migration that takes its time' version 0.2.0 \
    "echo 'select pg_sleep(3); create table notes (word text);' > priv/migrations/0003_notes.sql"
  check 'one that crashes at its start' version 0.3.0 "sed -i 's/    Drain.reset()/    raise \"no way\"/' lib/counter/application.ex"
  check 'one that answers 500' version 0.4.0 "sed -i 's/do: Map.get(query, \"message\", \"\")/do: raise(\"no\")/; s/do: Response.text(200, Map.get(query, \"message\", \"\"))/do: Response.text(500, \"no\")/' lib/counter/router.ex"
  check 'one whose migration fails' version 0.5.0 "echo 'select 1 / 0;' > priv/migrations/0004_wrong.sql"
  check 'and one for a newer C library, which is not pushed' another_library
fi
