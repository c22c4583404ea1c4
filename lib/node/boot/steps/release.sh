#!/bin/bash
# Gives the release its environment and its cookie, and starts it as the one BEAM of this machine.
#
# By default the release `current` in the slot that serves. BEAMSTALK_LINK and BEAMSTALK_SLOT name others; BEAMSTALK_START is 1
# to start it, `once` to start it without starting it with the machine, 0 to write everything for its next start, and
# `environment` to write its environment alone.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
# shellcheck source=../databases.sh
source "$BOOT/databases.sh"
begin_step

current=$(readlink -f "$HOME_DIR/${BEAMSTALK_LINK:-current}") || fail 'no release was fetched'
slot="${BEAMSTALK_SLOT:-$(slot)}"
unit=$(unit_of "$slot")
http_port=$(port_of "$slot")
vm_args=$(of_slot "$slot" "$ETC/vm.args" "$ETC/vm-2.args")
named_vm_args=$(of_slot "$slot" "$ETC/named.vm.args" "$ETC/named-2.vm.args")
remote_vm_args=$(of_slot "$slot" "$ETC/remote.vm.args" "$ETC/remote-2.vm.args")
home="$STATE/home"
mkdir -p "$R/etc/systemd/system"
# The folder is made where only root may write; whatever is in it is made by the release's user.
root_only "$STATE" || fail "others may write to $STATE"
[[ ! -L "$home" ]] || fail "$home is a link"
install -d -m 0700 -o beamstalk -g beamstalk "$home"
as_release mkdir -p "$home/tmp"

# set_variable NAME VALUE: a line of the environment file, in the quotes that systemd undoes. systemd drops a variable with
# a control character other than these two, and says so in its log only.
# Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile= (2026-11-29)
set_variable() {
  local value="${2//\\/\\\\}"
  [[ "$1" =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || fail "$1 cannot be the name of a variable"
  [[ "${2//[$'\t\n']/}" != *[[:cntrl:]]* ]] || fail "the value for $1 holds a control character"
  value="${value//\"/\\\"}"
  value="${value//\$/\\\$}"
  printf '%s="%s"\n' "$1" "${value//\`/\\\`}" >> "$environment"
}
# set_from NAME PARAMETER: the same from a parameter, when there is one.
set_from() {
  local value
  value=$(parameter "$2" '')
  if [[ -n "$value" ]]; then set_variable "$1" "$value"; fi
}

# Holds secrets from here on: readable to root alone, and gone when the step ends, whatever its end.
environment=$(mktemp -- "$RUN/release.env.XXXXXXXXXX")
trap 'rm -f -- "$environment"' EXIT
set_variable HOME "$home"
set_variable LANG C.UTF-8
set_variable PORT "$http_port"
set_variable TLS_PORT "$(of_slot "$slot" "$TLS_PORT" "$SECOND_TLS_PORT")"
set_variable LISTEN_BACKLOG "$LISTEN_BACKLOG"
set_variable DRAIN_PER_SECOND "$EVICT_PER_SECOND"
set_variable PHX_SERVER true
# shellcheck disable=SC2153 # ENVIRONMENT is in node.conf
set_variable BEAMSTALK_ENVIRONMENT "$ENVIRONMENT"
set_variable BEAMSTALK_ROLE "$ROLE"
set_variable BEAMSTALK_SESSIONS "$SESSIONS"
set_variable AWS_REGION "$REGION"
set_from PHX_HOST ingress/domain
set_from ASSETS_BUCKET storage/assets-bucket
set_from UPLOADS_BUCKET storage/uploads-bucket

# Queues have names of the user's own: each below queues/ becomes a variable, QUEUE_MAIL_OUT_URL for queues/mail-out.
names=$(names_below queues)
for name in $names; do
  variable="${name//-/_}"
  set_from "QUEUE_${variable^^}_URL" "queues/$name"
done
# Tables in the same way: TABLE_EVENTS_BY_KIND for tables/events-by-kind.
names=$(names_below tables)
for name in $names; do
  variable="${name//-/_}"
  set_from "TABLE_${variable^^}" "tables/$name"
done
# Rows that are spread by key: `clusters` are found by the shard map, the other engines by one name.
set_from SHARDS shards/engine
set_from SHARD_MAP_TABLE shards/map-table
set_from SHARDS_USER shards/user
set_from SHARDS_HOST shards/endpoint
set_from SHARDS_DATABASE shards/database
set_from SHARDS_SECRET_ARN shards/application-secret
if [[ " $STEPS " == *' pressure '* ]]; then
  set_variable BEAMSTALK_PRESSURE_FILE "$RUN/pressure"
  set_variable BEAMSTALK_RETRY_AFTER_SECONDS "$RETRY_AFTER_SECONDS"
  set_variable BEAMSTALK_LOW_PRIORITY_PATHS "$LOW_PRIORITY_PATHS"
fi
if [[ "$ROLE" == worker ]]; then
  set_variable BEAMSTALK_JOB_QUEUES "$JOB_QUEUES"
  set_variable BEAMSTALK_JOBS_AT_ONCE "$JOBS_AT_ONCE"
  set_variable BEAMSTALK_DRAIN_FILE "$RUN/drain"
fi

# Authorities that vouch for managed databases, of this region; there are none for the newest regions.
if [[ -s "$BOOT/database-authorities.pem" ]]; then set_variable DATABASE_CA_FILE "$BOOT/database-authorities.pem"; fi
listed=$(set -e; list_databases)
while read -r topic place _; do
  if [[ -z "$topic" ]]; then continue; fi
  lines=$(set -e; way_to "$topic" "$place")
  while IFS=$'\t' read -r word value; do set_variable "$(variable_of "$topic")_$word" "$value"; done <<< "$lines"
done <<< "$listed"
# Without a single database the word about TLS is that of the others.
if [[ -n "$listed" && "$listed" != 'database '* ]]; then set_variable DATABASE_SSL true; fi
# Whoever follows the databases compares it with what is so by then, and writes the file.
set_variable BEAMSTALK_DATABASES "$(awk '{ printf "%s%s=%s", sep, $1, $2; sep = " " }' <<< "$listed")"
set_variable BEAMSTALK_DATABASES_FILE "$DATABASES_FILE"

cache=$(parameter cache/endpoint '')
if [[ -n "$cache" ]]; then
  set_variable CACHE_HOST "$cache"
  set_variable CACHE_PORT "$(parameter cache/port 6379)"
  set_variable CACHE_SSL true
  set_from CACHE_READER_HOST cache/reader-endpoint
  arn=$(parameter_like secret cache/secret '')
  if [[ -n "$arn" ]]; then
    credentials=$(secret "$arn")
    # Either a user with a password, or the password alone.
    if [[ "$credentials" == '{'* ]]; then
      set_variable CACHE_USERNAME "$(json_field username <<< "$credentials")"
      set_variable CACHE_PASSWORD "$(json_field password <<< "$credentials")"
    else
      set_variable CACHE_PASSWORD "$credentials"
    fi
  fi
fi

# The other families of stores, of which an environment has what it switched on.
endpoint=$(parameter_like host documents/endpoint '')
if [[ -n "$endpoint" ]]; then
  arn=$(parameter_like secret documents/secret)
  credentials=$(secret "$arn")
  user=$(json_field username <<< "$credentials" | url_encode)
  password=$(json_field password <<< "$credentials" | url_encode)
  port=$(parameter_like port documents/port 27017)
  # DocumentDB is a replica set of one name, and knows no retryable writes.
  set_variable DOCUMENTS_URL "mongodb://$user:$password@$endpoint:$port/?tls=true&replicaSet=rs0&retryWrites=false"
  set_variable DOCUMENTS_SECRET_ARN "$arn"
  set_from DOCUMENTS_READER_HOST documents/reader-endpoint
fi
# These know who asks by the role of the instance.
set_from WIDE_COLUMNS_HOST wide-columns/endpoint
set_from WIDE_COLUMNS_PORT wide-columns/port
set_from WIDE_COLUMNS_KEYSPACE wide-columns/keyspace
set_from GRAPH_HOST graph/endpoint
set_from GRAPH_READER_HOST graph/reader-endpoint
set_from GRAPH_PORT graph/port

# Where the release reports its errors. Before what the application says itself, which has the last word.
arn=$(parameter_like secret app/sentry-secret '')
if [[ -n "$arn" ]]; then
  dsn=$(secret "$arn")
  set_variable SENTRY_DSN "$dsn"
  set_variable SENTRY_ENVIRONMENT "$ENVIRONMENT"
fi

# What only this application needs, for example SECRET_KEY_BASE: a JSON object, name -> value.
extra=$(parameter_like secret app/environment-secret '')
if [[ -n "$extra" ]]; then
  variables=$(secret "$extra")
  # Name and value in turn, each ended by a byte that none of them can hold.
  mapfile -d '' -t pairs < <(python3 -I -c 'import json, sys
for name, value in json.load(sys.stdin).items():
    value = value if isinstance(value, str) else json.dumps(value)
    if "\0" in name + value: sys.exit(1)
    print(name, value, sep="\0", end="\0")' <<< "$variables" && printf 'whole\0')
  if ((${#pairs[@]} % 2 == 0)) || [[ "${pairs[-1]}" != whole ]]; then fail "secret $extra is no JSON object of variables"; fi
  for ((index = 0; index + 1 < ${#pairs[@]}; index += 2)); do
    [[ "${pairs[index]}" =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || fail "secret $extra has a name that no variable can have"
    set_variable "${pairs[index]}" "${pairs[index + 1]}"
  done
fi

if [[ -f "$current/responder.py" ]]; then
  command="/usr/bin/python3 -I $current/responder.py $http_port $HEALTH_PATH"
else
  version=$(cut -d ' ' -f 2 "$current/releases/start_erl.data") || fail "$current/releases/start_erl.data cannot be read"
  [[ "$version" =~ $RELEASE_WORD ]] || fail "release $(basename "$current") has a version that no release has"
  name=$(start_script "$current" "$current/releases/$version")
  [[ -n "$name" ]] || fail "release $(basename "$current") has no start script bin/<name> for one of its .rel files"

  # The address, not a name: peers find each other by describing instances, and a name would need DNS to be right.
  address=$(imds local-ipv4) || fail 'instance metadata does not say the address of this instance'
  in_shape ipv4 "$address" || fail "instance metadata says that the address of this instance is ${address@Q}"
  node="$name@$address"
  # for_slot FILE: with the port for distribution of the slot.
  for_slot() {
    if [[ "$slot" == 2 ]]; then sed "s/\b$DISTRIBUTION_PORT\b/$SECOND_DISTRIBUTION_PORT/" "$BOOT/$1"; else cat "$BOOT/$1"; fi
  }
  # arguments: of a node that takes connections of others on its own address alone, and not on all that the machine has.
  arguments() {
    for_slot vm.args
    printf '\n# The address of this node, on which distribution listens.\n-kernel inet_dist_use_interface {%s}\n' "${address//./,}"
  }
  arguments | put 0644 root:root "$vm_args"
  for_slot remote.vm.args | put 0644 root:root "$remote_vm_args"
  { arguments && printf '\n# This node.\n-name %s\n' "$node"; } | put 0644 root:root "$named_vm_args"
  set_variable RELEASE_DISTRIBUTION name
  set_variable RELEASE_NODE "$node"
  set_variable RELEASE_TMP "$home/tmp"
  # Where the release handler keeps its books when the release is upgraded while it runs: its own folder is read-only.
  set_variable RELDIR "$home/releases"
  set_variable RELEASE_VM_ARGS "$vm_args"
  set_variable RELEASE_REMOTE_VM_ARGS "$remote_vm_args"
  # The same for releases made by relx, which wants the node's name among the arguments.
  set_variable VMARGS_PATH "$named_vm_args"
  set_variable RELX_OUT_FILE_PATH "$home/tmp"

  # A box may do without: it has no peers, and the release brings a cookie of its own.
  arn=$(parameter_like secret app/cookie-secret '')
  if [[ -n "$arn" ]]; then
    cookie=$(secret "$arn")
    # shellcheck disable=SC2016 # expanded by the release's user
    printf '%s' "$cookie" | as_release bash -c 'umask 077 && rm -rf -- "$1.new" && cat > "$1.new" && chmod 0400 -- "$1.new" &&
      mv -fT -- "$1.new" "$1"' - "$home/.erlang.cookie" || fail "$home/.erlang.cookie cannot be written"
    printf '%s' "$cookie" | put 0440 root:beamstalk "$current/releases/COOKIE"
    # Elixir's script hands the cookie to the BEAM as an argument, for every user of the machine to read. Without that
    # the BEAM takes it from the file in its home.
    # shellcheck disable=SC2016 # the dollar is the script's own
    sed -i 's/ --cookie "\$RELEASE_COOKIE"//' "$current/bin/$name"
  fi
  if grep -q RELEASE_VM_ARGS "$current/bin/$name"; then command=start; else command=foreground; fi
  command="$current/bin/$name $command"
fi

environment_file=$(environment_of "$slot")
write_environment "$slot" < "$environment"
if [[ "${BEAMSTALK_START:-1}" == environment ]]; then exit 0; fi
# systemd has a meaning of its own for these two.
command="${command//%/%%}"
render "$BOOT/files/systemd/beamstalk.service" "COMMAND=${command//\$/\$\$}" "ENVIRONMENT=$environment_file" "HOME=$home" \
  "STOP_SECONDS=$STOP_SECONDS" |
  put 0644 root:root "$R/etc/systemd/system/$unit"
limit_unit "$unit"
# A machine that went down while both slots ran starts with the one that serves.
other=$(unit_of "$((3 - slot))")
if [[ -z "${BEAMSTALK_SLOT:-}" && -e "$R/etc/systemd/system/$other" ]]; then systemctl disable --quiet --now "$other"; fi
# After a hot upgrade the node runs this release already; what is written here is for its next start.
case "${BEAMSTALK_START:-1}" in
  1) start_unit "$unit" ;;
  once) systemctl daemon-reload && systemctl restart "$unit" ;;
  *) systemctl daemon-reload ;;
esac
# Whoever follows them already may have begun this.
if [[ "${BEAMSTALK_START:-1}" == 1 && -z "${BEAMSTALK_FOLLOWS:-}" ]]; then follow_databases; fi
