#!/bin/bash
# Gives the release its environment and its cookie, and starts it as the one BEAM of this machine.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

current=$(readlink -f "$HOME_DIR/current") || fail 'no release was fetched'
home="$STATE/home"
environment="$RUN/release.env"
mkdir -p "$R/etc/systemd/system"
install -d -m 0700 -o beamstalk -g beamstalk "$home" "$home/tmp"

# set_variable NAME VALUE: a line of the environment file, in the quotes that systemd undoes.
set_variable() {
  local value="${2//\\/\\\\}"
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

# From here on the file holds secrets: readable to root alone, from its first byte.
(umask 077 && : > "$environment")
set_variable HOME "$home"
set_variable LANG C.UTF-8
set_variable PORT "$APP_PORT"
set_variable TLS_PORT "$TLS_PORT"
set_variable PHX_SERVER true
set_variable BEAMSTALK_ENVIRONMENT "$ENVIRONMENT"
set_variable BEAMSTALK_ROLE "$ROLE"
set_variable BEAMSTALK_SESSIONS "$SESSIONS"
set_variable AWS_REGION "$REGION"
set_from PHX_HOST ingress/domain
set_from ASSETS_BUCKET storage/assets-bucket
set_from UPLOADS_BUCKET storage/uploads-bucket

# Queues have names of the user's own: each below queues/ becomes a variable, QUEUE_MAIL_OUT_URL for queues/mail-out.
while IFS=$'\t' read -r name value; do
  variable="${name##*/}"
  variable="${variable^^}"
  set_variable "QUEUE_${variable//-/_}_URL" "$value"
done < <(awk -v below="/beamstalk/$ENVIRONMENT/queues/" 'index($0, below) == 1' "$PARAMETERS")
# Tables in the same way: TABLE_EVENTS_BY_KIND for tables/events-by-kind.
while IFS=$'\t' read -r name value; do
  variable="${name##*/}"
  variable="${variable^^}"
  set_variable "TABLE_${variable//-/_}" "$value"
done < <(awk -v below="/beamstalk/$ENVIRONMENT/tables/" 'index($0, below) == 1' "$PARAMETERS")
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

# database_url USER HOST PORT NAME: the password comes by standard input.
database_url() {
  printf 'postgres://%s:%s@%s:%s/%s' "$(url_encode <<< "$1")" "$(url_encode)" "$2" "$3" "$4"
}
# A box with a database of its own uses it until `database/source` says that the data have moved: while a climb expands,
# the managed database is there already, and empty.
# The single database, of which from phase 6 on there is none once every function has one of its own.
url=''
readers=''
arn=''
source_of_data=managed
if [[ " $STEPS " == *' database '* ]]; then source_of_data=$(parameter database/source local); fi
case "$source_of_data" in
  local)
    name=$(parameter database/name app)
    url=$(database_url app 127.0.0.1 5432 "$name" < "$R/data/postgresql/password")
    set_variable DATABASE_URL "$url"
    set_variable DATABASE_SSL false
    ;;
  managed)
    endpoint=$(parameter database/endpoint '')
    if [[ -n "$endpoint" ]]; then
      arn=$(parameter database/application-secret)
      credentials=$(secret "$arn")
      user=$(json_field username <<< "$credentials")
      port=$(parameter database/port 5432)
      name=$(parameter database/name app)
      url=$(json_field password <<< "$credentials" | database_url "$user" "$endpoint" "$port" "$name")
      set_variable DATABASE_URL "$url"
      set_variable DATABASE_SSL true
      # For releases that ask for the password of the hour: a rotated one is not in DATABASE_URL until the next boot.
      set_variable DATABASE_SECRET_ARN "$arn"
      readers=$(parameter database/reader-endpoint '')
      if [[ -n "$readers" ]]; then set_variable DATABASE_READER_HOST "$readers"; fi
    fi
    ;;
  *) fail "parameter /beamstalk/$ENVIRONMENT/database/source is $source_of_data; expected local or managed" ;;
esac

# From phase 6 on a database for each function. While the single one stands beside them, the data of a function are in
# it until `database/<function>/source` says that they have moved.
functions=$(names_below database endpoint)
if [[ -n "$functions" && -z "$url" ]]; then set_variable DATABASE_SSL true; fi
for function in $functions; do
  topic="database/$function"
  variable="DATABASE_${function//-/_}"
  variable="${variable^^}"
  default=own
  if [[ -n "$url" ]]; then default=shared; fi
  source_of_data=$(parameter "$topic/source" "$default")
  case "$source_of_data" in
    shared)
      [[ -n "$url" ]] || fail "parameter /beamstalk/$ENVIRONMENT/$topic/source is shared, but there is no single database"
      set_variable "${variable}_URL" "$url"
      if [[ -n "$arn" ]]; then set_variable "${variable}_SECRET_ARN" "$arn"; fi
      if [[ -n "$readers" ]]; then set_variable "${variable}_READER_HOST" "$readers"; fi
      ;;
    own)
      endpoint=$(parameter "$topic/endpoint")
      port=$(parameter "$topic/port" 5432)
      name=$(parameter "$topic/name")
      own_arn=$(parameter "$topic/application-secret")
      credentials=$(secret "$own_arn")
      user=$(json_field username <<< "$credentials")
      own_url=$(json_field password <<< "$credentials" | database_url "$user" "$endpoint" "$port" "$name")
      set_variable "${variable}_URL" "$own_url"
      set_variable "${variable}_SECRET_ARN" "$own_arn"
      set_from "${variable}_READER_HOST" "$topic/reader-endpoint"
      ;;
    *) fail "parameter /beamstalk/$ENVIRONMENT/$topic/source is $source_of_data; expected shared or own" ;;
  esac
done

cache=$(parameter cache/endpoint '')
if [[ -n "$cache" ]]; then
  set_variable CACHE_HOST "$cache"
  set_variable CACHE_PORT "$(parameter cache/port 6379)"
  set_variable CACHE_SSL true
  set_from CACHE_READER_HOST cache/reader-endpoint
  arn=$(parameter cache/secret '')
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
endpoint=$(parameter documents/endpoint '')
if [[ -n "$endpoint" ]]; then
  arn=$(parameter documents/secret)
  credentials=$(secret "$arn")
  user=$(json_field username <<< "$credentials" | url_encode)
  password=$(json_field password <<< "$credentials" | url_encode)
  port=$(parameter documents/port 27017)
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
arn=$(parameter app/sentry-secret '')
if [[ -n "$arn" ]]; then
  dsn=$(secret "$arn")
  set_variable SENTRY_DSN "$dsn"
  set_variable SENTRY_ENVIRONMENT "$ENVIRONMENT"
fi

# What only this application needs, for example SECRET_KEY_BASE: a JSON object, name -> value.
extra=$(parameter app/environment-secret '')
if [[ -n "$extra" ]]; then
  variables=$(secret "$extra")
  while IFS= read -r -d '' name && IFS= read -r -d '' value; do
    [[ "$name" =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || fail "secret $extra has a name that no variable can have"
    set_variable "$name" "$value"
  done < <(python3 -c 'import json, sys
for name, value in json.load(sys.stdin).items(): print(name, value, sep="\0", end="\0")' <<< "$variables")
fi

if [[ -f "$current/responder.py" ]]; then
  command="/usr/bin/python3 $current/responder.py $APP_PORT $HEALTH_PATH"
else
  version=$(cut -d ' ' -f 2 "$current/releases/start_erl.data") || fail "$current/releases/start_erl.data cannot be read"
  name=''
  for description in "$current/releases/$version"/*.rel; do
    candidate=$(basename "$description" .rel)
    if [[ -x "$current/bin/$candidate" ]]; then name="$candidate"; fi
  done
  [[ -n "$name" ]] || fail "release $(basename "$current") has no start script bin/<name> for one of its .rel files"

  # The address, not a name: peers find each other by describing instances, and a name would need DNS to be right.
  node="$name@$(imds local-ipv4)"
  put 0644 root:root "$ETC/vm.args" < "$BOOT/vm.args"
  put 0644 root:root "$ETC/remote.vm.args" < "$BOOT/remote.vm.args"
  { cat "$BOOT/vm.args" && printf '\n# This node.\n-name %s\n' "$node"; } | put 0644 root:root "$ETC/named.vm.args"
  set_variable RELEASE_DISTRIBUTION name
  set_variable RELEASE_NODE "$node"
  set_variable RELEASE_TMP "$home/tmp"
  # Where the release handler keeps its books when the release is upgraded while it runs: its own folder is read-only.
  set_variable RELDIR "$home/releases"
  set_variable RELEASE_VM_ARGS "$ETC/vm.args"
  set_variable RELEASE_REMOTE_VM_ARGS "$ETC/remote.vm.args"
  # The same for releases made by relx, which wants the node's name among the arguments.
  set_variable VMARGS_PATH "$ETC/named.vm.args"
  set_variable RELX_OUT_FILE_PATH "$home/tmp"

  # A box may do without: it has no peers, and the release brings a cookie of its own.
  arn=$(parameter app/cookie-secret '')
  if [[ -n "$arn" ]]; then
    cookie=$(secret "$arn")
    printf '%s' "$cookie" | put 0400 beamstalk:beamstalk "$home/.erlang.cookie"
    printf '%s' "$cookie" | put 0400 beamstalk:beamstalk "$current/releases/COOKIE"
    # Elixir's script hands the cookie to the BEAM as an argument, for every user of the machine to read. Without that
    # the BEAM takes it from the file in its home.
    # shellcheck disable=SC2016 # the dollar is the script's own
    sed -i 's/ --cookie "\$RELEASE_COOKIE"//' "$current/bin/$name"
  fi
  if grep -q RELEASE_VM_ARGS "$current/bin/$name"; then command=start; else command=foreground; fi
  command="$HOME_DIR/current/bin/$name $command"
fi

put 0400 root:root "$ETC/release.env" < "$environment"
rm -f "$environment"
# systemd has a meaning of its own for these two.
command="${command//%/%%}"
install_unit beamstalk.service "COMMAND=${command//\$/\$\$}" "ETC=$ETC" "STATE=$STATE" "HOME=$home"
limit_unit beamstalk.service
# After a hot upgrade the node runs this release already; what is written here is for its next start.
if [[ "${BEAMSTALK_START:-1}" == 1 ]]; then start_unit beamstalk.service; else systemctl daemon-reload; fi
