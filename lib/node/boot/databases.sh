# shellcheck shell=bash
# Which databases the release has, where the data of each are, and how it is reached there. Sourced after lib.sh.
#
# A climb that moves data has two places for them: `local`, the box, and `managed`; or `shared`, the single database, and
# `own`, that of a function. A parameter `source` says where they are, which changes while nodes serve.
#
# Functions that print are called as `$(set -e; ...)`: bash does not end a command substitution at the first failure otherwise, and
# what a parameter says that may not be would be left out in silence.

# File that the release reads when that has changed: JSON, the variables of its databases as they are now.
DATABASES_FILE="$RUN/databases"

# Facts about a switch, of this boot: the places that were heard of last and the numbers of their switches, a line each; those of
# which the release that serves could not be told; and below, what the release of a slot knows.
HEARD="$RUN/databases-heard"
UNTOLD="$RUN/databases-untold"
heard_places() { sed -n 1p "$HEARD" 2> /dev/null || true; }
heard_numbers() { sed -n 2p "$HEARD" 2> /dev/null || true; }

# run_of SLOT: the run of its release, by systemd's InvocationID: another one after each start, also that of systemd after a crash.
# Nothing, when it never ran. Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#$INVOCATION_ID (2026-11-30)
run_of() { systemctl show --property=InvocationID --value "$(unit_of "$1")" < /dev/null 2> /dev/null || true; }

# environment_says SLOT: where the data were when the environment of its next start was written.
environment_says() { sed -n 's/^BEAMSTALK_DATABASES="\(.*\)"$/\1/p' "$(environment_of "$1")" 2> /dev/null || true; }

# known_to SLOT RUN: places that a run of its release knows, because it was told, or by its environment when that was written before
# the run began. Nothing, when nobody can say: it started while the environment was older, and was told nothing.
known_to() {
  local run='' places=''
  { read -r run && read -r places; } 2> /dev/null < "$RUN/databases-known-$1" || true
  if [[ -n "$2" && "$run" == "$2" ]]; then
    echo "$places"
  elif [[ -z "$2" || "$(cat "$RUN/databases-written-$1" 2> /dev/null)" != "$2" ]]; then
    environment_says "$1"
  fi
}

# note_known SLOT RUN PLACES
note_known() { printf '%s\n' "$2" "$3" | put 0600 root:root "$RUN/databases-known-$1"; }

# write_environment SLOT: standard input becomes the environment of its next start. A run that is there goes on knowing what it knew.
write_environment() {
  local run places
  run=$(run_of "$1")
  places=$(known_to "$1" "$run")
  if [[ -n "$run" && -n "$places" ]]; then note_known "$1" "$run" "$places"; fi
  put 0400 root:root "$(environment_of "$1")"
  # Asked once more: a run that began meanwhile may have read either, and counts as one that has read the older.
  run_of "$1" | put 0600 root:root "$RUN/databases-written-$1"
}

# can_be_told FOLDER: whether a release has a program for it.
can_be_told() { [[ -x "$1/bin/databases-changed" ]]; }

# is_untold: whether the release that serves does not know where the data are, and cannot be told: it has to start anew.
is_untold() {
  local heard current slot run
  heard=$(heard_places)
  [[ -n "$heard" ]] || return 1
  current=$(readlink -f "$HOME_DIR/current") || return 1
  if [[ -f "$current/responder.py" ]]; then return 1; fi
  slot=$(slot)
  run=$(run_of "$slot")
  if can_be_told "$current" && [[ "$(cat "$UNTOLD" 2> /dev/null)" != "$heard $run $current" ]]; then return 1; fi
  [[ "$(known_to "$slot" "$run")" != "$heard" ]]
}

# said_of TOPIC DEFAULT: where the data of a topic are, by the word of its parameter; by what was heard here when that came of a
# later switch. An announcement may come late, after that of a switch which was made meanwhile.
said_of() {
  local topic="$1" value word number heard
  value=$(parameter "$topic/source" '') || return 1
  read -r word number <<< "${value:-$2}"
  # No silence takes back what was heard.
  if [[ -z "$value" && -n "$(word_of "$topic" "$(heard_numbers)")" ]]; then word=$(word_of "$topic" "$(heard_places)"); fi
  if [[ -z "$number" ]]; then
    echo "$word"
    return
  fi
  in_shape switch "$number" || fail "parameter /beamstalk/$ENVIRONMENT/$topic/source says ${value@Q}; expected a place, and the number of a switch"
  heard=$(word_of "$topic" "$(heard_numbers)")
  if [[ -n "$heard" ]] && comes_before "$number" "$heard"; then word=$(word_of "$topic" "$(heard_places)"); fi
  echo "$word"
}

# word_of TOPIC WORDS: what a line of `TOPIC=WORD` says of one.
word_of() { tr ' ' '\n' <<< "$2" | sed -n "s|^$1=||p"; }

# comes_before NUMBER NUMBER: whether one switch was made before another.
comes_before() {
  local first=("${1%.*}" "${1#*.}") second=("${2%.*}" "${2#*.}")
  ((10#${first[0]} < 10#${second[0]} || (10#${first[0]} == 10#${second[0]} && 10#${first[1]} < 10#${second[1]})))
}

# database_url USER HOST PORT NAME: the password comes by standard input.
database_url() {
  local user password
  user=$(url_encode <<< "$1")
  password=$(url_encode)
  printf 'postgres://%s:%s@%s:%s/%s' "$user" "$password" "$2" "$3" "$4"
}

# list_databases: a line for each, the single one first: its topic, the place of its data, and the places that there are for them.
list_databases() {
  local single='' places='' place endpoint functions function topic
  # A box with a database of its own uses it until `database/source` says that the data have moved: while a climb expands,
  # the managed database is there already, and empty.
  if [[ " $STEPS " == *' database '* ]]; then places=local; fi
  # The single database, of which from phase 6 on there is none once every function has one of its own.
  endpoint=$(parameter_like host database/endpoint '')
  if [[ -n "$endpoint" ]]; then places="${places:+$places }managed"; fi
  place=managed
  if [[ " $STEPS " == *' database '* ]]; then place=$(said_of database local); fi
  [[ "$place" == local || "$place" == managed ]] ||
    fail "parameter /beamstalk/$ENVIRONMENT/database/source is $place; expected local or managed"
  if [[ " $places " == *" $place "* ]]; then
    single=shared
    echo "database $place $places"
  fi
  # From phase 6 on a database for each function. While the single one stands beside them, the data of a function are in
  # it until `database/<function>/source` says that they have moved.
  functions=$(names_below database endpoint)
  for function in $functions; do
    topic="database/$function"
    place=$(said_of "$topic" "${single:-own}")
    [[ "$place" == shared || "$place" == own ]] ||
      fail "parameter /beamstalk/$ENVIRONMENT/$topic/source is $place; expected shared or own"
    [[ "$place" == own || -n "$single" ]] ||
      fail "parameter /beamstalk/$ENVIRONMENT/$topic/source is shared, but there is no single database"
    echo "$topic $place ${single:+$single }own"
  done
}

# way_to TOPIC PLACE: how the data of a topic are reached in a place: a line each with the end of a variable's name, a tab,
# and its value. The data of a function that are `shared` are reached as those of the single database.
way_to() {
  local topic="$1" place="$2" name endpoint port arn credentials user url readers
  if [[ "$place" == shared ]]; then
    topic=database
    place=managed
    if [[ " $STEPS " == *' database '* ]]; then place=$(said_of database local); fi
  fi
  if [[ "$place" == local ]]; then
    name=$(parameter_like database database/name app)
    own_file "$R/data/postgresql/password" || fail "$R/data/postgresql/password is no file of root's"
    url=$(database_url app 127.0.0.1 5432 "$name" < "$R/data/postgresql/password")
    printf 'URL\t%s\n' "$url"
  else
    endpoint=$(parameter_like host "$topic/endpoint")
    arn=$(parameter_like secret "$topic/application-secret")
    credentials=$(secret "$arn")
    user=$(json_field username <<< "$credentials")
    port=$(parameter_like port "$topic/port" 5432)
    if [[ "$topic" == database ]]; then name=$(parameter_like database database/name app); else name=$(parameter_like database "$topic/name"); fi
    url=$(json_field password <<< "$credentials" | database_url "$user" "$endpoint" "$port" "$name")
    printf 'URL\t%s\n' "$url"
    # For releases that ask for the password of the hour: a rotated one is not in the URL until the next boot.
    printf 'SECRET_ARN\t%s\n' "$arn"
    readers=$(parameter "$topic/reader-endpoint" '')
    if [[ -n "$readers" ]]; then printf 'READER_HOST\t%s\n' "$readers"; fi
  fi
  if [[ "$1" == database ]]; then printf 'SSL\t%s\n' "$([[ "$place" == local ]] && echo false || echo true)"; fi
}

# variable_of TOPIC: beginning of the names of its variables.
variable_of() {
  local name="${1//[\/-]/_}"
  printf '%s' "${name^^}"
}

# may_move DATABASES: whether any of them has two places, between which its data may move.
may_move() { grep -qE '^\S+ \S+ \S+ \S' <<< "$1"; }

# follow_databases: a unit that asks where the data are, as long as they may move.
follow_databases() {
  local unit=beamstalk-databases.service listed
  listed=$(set -e; list_databases)
  if may_move "$listed"; then
    install_unit beamstalk-databases.service "WAY_BACK_SECONDS=$WAY_BACK_SECONDS"
    systemctl daemon-reload
    systemctl enable --quiet --now "$unit"
  elif [[ -e "$R/etc/systemd/system/$unit" ]]; then
    systemctl disable --quiet --now "$unit"
    rm -f -- "$DATABASES_FILE" "$HEARD" "$UNTOLD"
  fi
}
