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
set_variable BEAMSTALK_SESSIONS "$SESSIONS"
set_variable AWS_REGION "$REGION"
set_from PHX_HOST ingress/domain
set_from ASSETS_BUCKET storage/assets-bucket
set_from UPLOADS_BUCKET storage/uploads-bucket

# database_url USER HOST PORT: the password comes by standard input.
database_url() {
  printf 'postgres://%s:%s@%s:%s/%s' "$(url_encode <<< "$1")" "$(url_encode)" "$2" "$3" "$(parameter database/name app)"
}
# A box with a database of its own uses it until `database/source` says that the data have moved: while a climb expands,
# the managed database is there already, and empty.
source_of_data=managed
if [[ " $STEPS " == *' database '* ]]; then source_of_data=$(parameter database/source local); fi
case "$source_of_data" in
  local)
    set_variable DATABASE_URL "$(database_url app 127.0.0.1 5432 < "$R/data/postgresql/password")"
    set_variable DATABASE_SSL false
    ;;
  managed)
    endpoint=$(parameter database/endpoint '')
    if [[ -n "$endpoint" ]]; then
      arn=$(parameter database/secret)
      credentials=$(secret "$arn")
      user=$(json_field username <<< "$credentials")
      url=$(json_field password <<< "$credentials" | database_url "$user" "$endpoint" "$(parameter database/port 5432)")
      set_variable DATABASE_URL "$url"
      set_variable DATABASE_SSL true
      # For releases that ask for the password of the hour: a rotated one is not in DATABASE_URL until the next boot.
      set_variable DATABASE_SECRET_ARN "$arn"
      set_from DATABASE_READER_HOST database/reader-endpoint
    fi
    ;;
  *) fail "parameter /beamstalk/$ENVIRONMENT/database/source is $source_of_data; expected local or managed" ;;
esac

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
start_unit beamstalk.service
