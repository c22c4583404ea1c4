#!/bin/bash
# follow-databases.sh: asks about once a second where the data of the release are, as long as a climb may move them. When it
# changes, the file for the release says so at once, the release is told, and its next start finds it in its environment.
#
# A release that cannot be told has to start anew. On a box that happens here, beside the one that serves; a node of a fleet
# leaves its load balancer for that, one after the other, which `beamstalk release restart` sees to.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../databases.sh
source "$BOOT/databases.sh"
begin_step

# Others fail meanwhile, for reasons of their own.
REASON="$RUN/databases-reason.${1:-}"
ANSWER="$RUN/databases-answer"
export BEAMSTALK_FOLLOWS=1
rm -f -- "$REASON"
# again WHAT [ARGUMENT]: a part of this, as a process of its own.
again() {
  local status=0
  bash "${BASH_SOURCE[0]}" "$@" || status=$?
  if ((status != 0)); then say "$1: $(head -n 1 "$RUN/databases-reason.$1" 2> /dev/null || echo "it ended with status $status")"; fi
}
if (($# == 0)); then
  while :; do
    again once
    sleep 1
  done
fi

current=$(readlink -f "$HOME_DIR/current") || fail 'the node has not booted'
# alone NAME: one at a time, until `together`. Whoever is started meanwhile does not get it, and could not keep it.
alone() {
  exec 8> "$RUN/databases-$1.lock"
  chmod 0600 "$RUN/databases-$1.lock"
  flock 8
}
together() { exec 8>&-; }

# settle: what takes its time when the data are elsewhere, while the next question is asked. It may be asked for again at any moment.
if [[ "$1" == settle ]]; then
  # The environment of the next start, whatever becomes of the release.
  alone environment
  if [[ "$(environment_says "$(slot)")" != "$(heard_places)" ]]; then
    read_parameters
    BEAMSTALK_SLOT="$(slot)" BEAMSTALK_START=environment bash "$BOOT/steps/release.sh" 7>&- 8>&-
  fi
  together
  if [[ "$ROLE" != box ]]; then exit 0; fi
  # Not while it is held: a drain takes hours, and what comes meanwhile is written above. That drain ends when it has to.
  alone start
  for ((starts = 0; starts < 3; starts++)); do
    if ! is_untold; then break; fi
    current=$(readlink -f "$HOME_DIR/current")
    bash "$BOOT/files/bin/rollout.sh" "$(cat "$current/.uri")" again 7>&- 8>&- || {
      say "$(basename "$current") did not start anew: once more in a minute"
      break
    }
  done
  exit 0
fi

# write_file TEXT: what the release reads, unless it says so already.
write_file() {
  if [[ "$(cat "$DATABASES_FILE" 2> /dev/null)" == "$1" ]]; then return; fi
  put 0440 root:beamstalk "$DATABASES_FILE" <<< "$1"
}

# tell_release: has the release that serves take it; when it does not, `why` says why.
tell_release() {
  local status=0 words
  if [[ -f "$current/responder.py" ]]; then return; fi
  why='has no bin/databases-changed'
  can_be_told "$current" || return 1
  BEAMSTALK_RELEASE_SECONDS=15 to_answer bash "$BOOT/files/bin/run-release.sh" databases-changed || status=$?
  if ((status == 0)); then return; fi
  words=$(tail -n 1 "$ANSWER" | tr -d '\0')
  why="did not take it: ${words:-it ended with status $status}"
  return 1
}

# Pauses before it is told once more, in seconds. It may just be starting, or its machine be too busy for 15 s; while it does not
# know, users are refused where they write, and a start anew costs them more than these 26 s (assumed).
read -ra PAUSES <<< "${BEAMSTALK_TELL_PAUSES:-2 6 18}"
telling='' failures=0 next_second=0
# tell SLOT RUN PLACES: tells the release that serves, unless it is too early for that after a failure. One that goes on failing is not
# asked any more, in this run and of these places.
tell() {
  local what="$3 $2 $current" name pause
  name=$(basename "$current")
  if [[ "$telling" != "$what" ]]; then telling="$what" failures=0 next_second=$SECONDS; fi
  if ((SECONDS < next_second)); then return; fi
  if tell_release; then
    note_known "$1" "$2" "$3"
    telling=''
    say "$name knows it"
  elif can_be_told "$current" && ((failures < ${#PAUSES[@]})); then
    pause=${PAUSES[failures]}
    failures=$((failures + 1)) next_second=$((SECONDS + pause))
    say "$name $why: once more in $pause s"
  else
    put 0600 root:root "$UNTOLD" <<< "$what"
    telling=''
    say "$name $why"
    if [[ "$ROLE" != box ]]; then say "$name has to start anew on this node: beamstalk release restart"; fi
  fi
}

# bring [now]: has the release that serves know what was heard, and its next start. What did not work, and what a rollout has left
# behind that was under way meanwhile, is done the next time; not while some of it is still under way, unless `now`.
bring() {
  local heard slot run
  heard=$(heard_places)
  if [[ -z "$heard" ]]; then return; fi
  slot=$(slot)
  run=$(run_of "$slot")
  current=$(readlink -f "$HOME_DIR/current")
  if [[ "$(known_to "$slot" "$run")" == "$heard" || "$(cat "$UNTOLD" 2> /dev/null)" == "$heard $run $current" ]]; then
    telling=''
  else
    tell "$slot" "$run" "$heard"
  fi
  if [[ "$(environment_says "$slot")" == "$heard" ]] && { [[ "$ROLE" != box ]] || ! is_untold; }; then return; fi
  # Held by whatever settles, also what an earlier one of this has begun: nobody waits for its end, which may be hours away.
  exec 7> "$RUN/databases-settles.lock"
  chmod 0600 "$RUN/databases-settles.lock"
  if [[ "${1:-}" == now ]] || flock --nonblock 7; then
    flock --shared 7
    again settle &
  fi
  exec 7>&-
}

read_parameters
listed=$(set -e; list_databases)
if ! may_move "$listed"; then
  sleep "${BEAMSTALK_LOOK_SECONDS:-60}"
  exit 0
fi
# Lines of four words between tabs: topic, place, end of a variable's name, value; and of each topic its places.
ways=$(while read -r topic _ places; do
  printf '%s\t\t\t%s\n' "$topic" "$places"
  for place in $places; do
    if [[ "$place" == shared ]]; then continue; fi
    lines=$(set -e; way_to "$topic" "$place")
    while IFS= read -r line; do printf '%s\t%s\t%s\n' "$topic" "$place" "$line"; done <<< "$lines"
  done
done <<< "$listed")
endpoint=$(set -e; parameter_store)
# ask SECONDS: where the data are by now, `now`; what the file has to say then, and the numbers of the switches.
ask() {
  local answer lines
  answer=$(python3 -I "$BOOT/files/bin/where-data-are.py" "$endpoint" "$REGION" "$ENVIRONMENT" "$1" "$known" "$numbers" <<< "$ways")
  mapfile -t lines <<< "$answer"
  now="${lines[0]}" variables="${lines[1]}" numbers="${lines[2]:-}"
}

# What was heard before holds, also when nobody answers: the environment of the next start may be behind it.
known=$(heard_places) numbers=$(heard_numbers)
if [[ -z "$known" ]]; then known=$(environment_says "$(slot)"); fi
ask 0
write_file "$variables"

# Logins as read above are right for days, and read anew every hour.
until_second=$((SECONDS + ${BEAMSTALK_LOOK_SECONDS:-3600}))
while ((SECONDS < until_second)); do
  bring
  look=$((until_second - SECONDS))
  if ((look > 60)); then look=60; fi
  if [[ -n "$telling" ]] && ((look > next_second - SECONDS)); then look=$((next_second - SECONDS)); fi
  before="$numbers"
  ask "$((look > 1 ? look : 1))"
  # First: from here on it holds, whatever ends this.
  if [[ "$now $numbers" != "$known $before" ]]; then printf '%s\n' "$now" "$numbers" | put 0600 root:root "$HEARD"; fi
  if [[ "$now" == "$known" ]]; then continue; fi
  write_file "$variables"
  say "the data are elsewhere now: $now"
  known="$now"
  bring now
done
