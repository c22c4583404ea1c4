#!/bin/bash
# rollout.sh RELEASE [migrate|again]: brings this node from the release that serves to another one, an s3:// address, and ends
# with one of the two serving. Its last line says which, or why not. With `again` the release that serves starts anew in the
# same way, with the environment of now.
#
# On a box the new release starts beside the old one, and takes its place when it is well. A node of a fleet has neighbours:
# it leaves its load balancer, lets its users or jobs go, and starts the new release in the place of the old one.

# Whoever began it may do more at the same time (follow-databases.sh).
unset BEAMSTALK_REASON
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
# shellcheck source=../../databases.sh
source "$BOOT/databases.sh"
begin_step

release="${1:?address of the release}"
how="${2:-}"
# refuse REASON: before its turn, while another rollout may be at work on this node, whose reason is in the same file.
refuse() {
  say "$*"
  exit 1
}
[[ "$ROLE" != web ]] || refuse 'a web node runs no release'
in_shape release "$release" || refuse "the release is ${release@Q}; expected s3://<bucket>/<key>.tar.gz or none"
take_turn 5 || refuse 'a rollout is under way on this node'
rm -f -- "$REASON"
# Says whether the node is out of service by this run, or by an earlier one whose place this takes: with a release that may have let its
# users or jobs go (`spent`), or that has not (`fresh`). A node on which this may yet be refused is none of its business.
away=''
# Says whether the release was stopped for another one: with nothing started in its place yet (`old`), or with the new one on its way (`new`);
# or that a new one has been started beside it, to which users are not sent yet, or not all of them (`beside`); or that all are, and the old
# one lets its own go (`drains`).
down=''
# Whatever ends it, a release serves, and not outside of its load balancer; the last line is the reason.
at_end() {
  local status=$? reason='' way
  # Before it starts any program: systemd sends a second signal within milliseconds to what is left of a unit.
  trap '' TERM HUP INT
  ((status != 0)) || return 0
  reason=$(head -n 1 "$REASON" 2> /dev/null) || true
  # bash 5.2 takes the trap of a signal that comes while a part of a word is found out for a syntax error, and ends with 2 and no reason.
  if ((status == 2)) && [[ -z "$reason" ]]; then status=1 reason='ended from outside'; fi
  # What fails from here on ends the way back, and not this; in a list, though, bash would go on with that after a failure.
  set +e
  trap - ERR
  if [[ -n "$away$down" ]]; then
    rm -f -- "$REASON"
    (
      set -e
      trap unforeseen ERR
      bring_back
    )
    way=$?
    if ((way != 0)); then say "no way back: $(head -n 1 "$REASON" 2> /dev/null)"; fi
  fi
  say "${reason:-it ended with status $status}"
  exit "$status"
}
# ended: a signal has come.
ended() {
  trap '' TERM HUP INT
  fail 'ended from outside'
}
trap at_end EXIT
# A status of its own: the one that a signal leaves behind is that of the last command, which may have gone well. Run Command ends what is
# cancelled, or takes too long, by SIGKILL, which nobody hears: `beamstalk status` names such a node, and the next rollout mends it.
# https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/executers/executers_unix.go (2026-12-01)
trap ended TERM HUP INT
# Whoever reads may have gone: it goes on, and says it to nobody.
trap '' PIPE
[[ -e "$STATE/booted" ]] || fail 'the node boots still'

# Everything waited for ends before `beamstalk release use` has Run Command give up, after four hours
# (lib/commands/release/use.ts), with time to start a release, and to join the load balancer again: that alone may take of it.
deadline=$((4 * 3600 - 1200))
JOIN_SECONDS=1140
# shellcheck source=serving.sh
source "$BOOT/files/bin/serving.sh"
# A release that starts so often has crashed as often, less one.
STARTS=4
# Seconds between two looks at a drain that is to be cut short when it has to.
LOOK=0.5

# is_well SLOT: whether the release of a slot answers its health check; `answer` says what it said instead.
is_well() {
  local code
  code=$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$(port_of "$1")$HEALTH_PATH") || code=000
  answer="$HEALTH_PATH answers $code"
  if [[ "$code" == 000 ]]; then answer="$HEALTH_PATH does not answer"; fi
  [[ "$code" =~ ^[23] ]]
}

# restarts_of SLOT: how often systemd has started its release again.
restarts_of() {
  local restarts
  restarts=$(systemctl show --property=NRestarts --value "$(unit_of "$1")" 2> /dev/null) || restarts=0
  if [[ "$restarts" =~ ^[0-9]+$ ]]; then echo "$restarts"; else echo 0; fi
}

# get_well SLOT: waits until the release of a slot is well. Gives up at once on one that cannot stay up; `answer` says why.
get_well() {
  local until_second=$((SECONDS + HEALTH_SECONDS)) before restarts
  # systemd goes on counting what another release began in the same unit.
  before=$(restarts_of "$1")
  until is_well "$1"; do
    restarts=$(($(restarts_of "$1") - before))
    if ((restarts >= STARTS - 1)); then
      answer="it has crashed $restarts times"
      return 1
    fi
    if ((SECONDS >= until_second)); then
      answer+=" after $HEALTH_SECONDS s"
      return 1
    fi
    # It would wait for that.
    if [[ "$(systemctl is-system-running 2> /dev/null)" == stopping ]]; then
      answer='the machine goes down'
      return 1
    fi
    sleep "$PAUSE"
  done
}

# last_words SLOT: the end of what the release of a slot has said, for whoever looks for the cause.
last_words() {
  local line
  while IFS= read -r line; do say "  $line"; done < <(journalctl --quiet --no-pager --output=cat --lines=10 \
    --unit="$(unit_of "$1")" 2> /dev/null | tr -d '\0')
}

# tidy: of the releases on the disk only the one that serves and the one before stay, and what a link leads to.
tidy() {
  local folder serves fetched
  serves=$(readlink -f "$HOME_DIR/current") fetched=$(readlink -f "$HOME_DIR/next")
  for folder in "$HOME_DIR/releases"/*; do
    case "$folder" in
      "$next" | "$previous" | "$serves" | "$fetched") ;;
      *) rm -rf -- "$folder" ;;
    esac
  done
}

# folder_of SLOT: the release that the unit of a slot starts.
folder_of() {
  sed -nE "s#^ExecStart=(.* )?($HOME_DIR/releases/[^/ ]+|$BOOT/files/no-release)/.*#\\2#p" "$R/etc/systemd/system/$(unit_of "$1")" 2> /dev/null || true
}

# name_what_starts: whoever was killed as he turned, or before he had written the unit, may have left the name of one release and the
# slot or the unit of another. What starts is what is called current.
name_what_starts() {
  local folder
  folder=$(folder_of "$(slot)")
  if [[ -d "$folder" && "$folder" != "$(readlink -f "$HOME_DIR/current")" ]]; then ln -sfn "$folder" "$HOME_DIR/current"; fi
}

# finish_earlier: what a rollout left half done on a box that was ended between two of its steps. nginx goes to the slot that serves,
# and the other one ends.
finish_earlier() {
  if [[ "$ROLE" != box ]]; then return; fi
  bash "$BOOT/files/bin/proxy-config.sh"
  end_unit "$((3 - serving))"
}

# end_unit SLOT: its release ends, and starts no more with the machine.
end_unit() {
  local unit
  unit=$(unit_of "$1")
  if [[ -e "$R/etc/systemd/system/$unit" ]]; then systemctl disable --quiet --now "$unit"; fi
}

# turn_to SLOT FOLDER: the release that serves, for nginx and for the next boot. Whoever is killed between the two leaves the slot, from
# which `name_what_starts` knows the release.
turn_to() {
  put 0644 root:root "$STATE/slot" <<< "$1"
  ln -sfn "$2" "$HOME_DIR/current"
}

# turn_back: users stay with the old release, or come back to it, and the new one ends. Fails when nginx may send users to the new one
# still: both run then.
turn_back() {
  turn_to "$serving" "$previous"
  bash "$BOOT/files/bin/proxy-config.sh" || return
  end_unit "$((3 - serving))" || say "$(unit_of "$((3 - serving))") does not end"
}

# go_on_beside: the new release serves, since it alone is well.
go_on_beside() {
  local new=$((3 - serving))
  turn_to "$new" "$next"
  bash "$BOOT/files/bin/proxy-config.sh" || return
  systemctl enable --quiet "$(unit_of "$new")"
  end_unit "$serving" || say "$(unit_of "$serving") does not end"
}

# unless_to_end: goes on unless Auto Scaling has begun to end this instance. Its end stops the release by itself (drain.sh), and nobody
# would stop one that starts after it.
unless_to_end() {
  if [[ "$ROLE" != box ]] && is_to_end; then ends_meanwhile; fi
}

# stays_up: the same of a release that has been started while that was decided.
stays_up() {
  if [[ "$ROLE" == box ]] || ! is_to_end; then return 0; fi
  stop_release 60
  ends_meanwhile
}

# come_back: a node of a fleet that a rollout or a deployment has taken out of service, and that was ended before it brought the node back.
# A release that may have let its users or jobs go takes no new ones before it starts anew. The mark may be stale, and users be here:
# whoever was ended once the node had joined has left it, and Auto Scaling registers a node that comes back from standby.
come_back() {
  away=spent
  if [[ "$ROLE" != app ]] || ! started_since_left "$serving"; then
    if ! is_outside; then
      leave_load_balancer
      let_go
    fi
    unless_to_end
    stop_release 60
    take_jobs
    away=fresh
    systemctl restart "$(unit_of "$serving")"
    get_well "$serving" || fail "$(basename "$previous") is not well: $answer"
  fi
  away=fresh
  join_load_balancer
}

# go_back: the old release in the place of the new one, with the unit and the environment that it had.
go_back() {
  put 0644 root:root "$R/etc/systemd/system/$(unit_of "$serving")" < "$RUN/unit.before"
  ln -sfn "$previous" "$HOME_DIR/current"
  write_environment "$serving" < "$RUN/environment.before"
  # A worker's has the time of its jobs to stop in.
  stop_release 60
  unless_to_end
  start_unit "$(unit_of "$serving")"
}

# is_on_its_way SLOT: whether its release has been started, and nobody has stopped it since. systemd calls one that has crashed, and that
# it is to start again, activating. https://www.freedesktop.org/software/systemd/man/latest/systemctl.html#is-active (2026-12-01)
is_on_its_way() {
  local state
  state=$(systemctl is-active "$(unit_of "$1")" 2> /dev/null) || true
  [[ " inactive failed deactivating " != *" $state "* ]]
}

# serve_again: a release that was stopped serves again: the new one when it gets well after all, or else the old one. `serves` says which,
# if any.
serve_again() {
  serves=''
  if [[ "$down" != new ]] || ! is_on_its_way "$serving" || ! get_well "$serving"; then
    if [[ -n "$down" ]]; then go_back; fi
    if ! get_well "$serving"; then
      say "$(basename "$(readlink -f "$HOME_DIR/current")") is not well: $answer"
      return
    fi
  fi
  serves=$(basename "$(readlink -f "$HOME_DIR/current")")
  if [[ -n "$down" ]]; then say "$serves serves"; fi
}

# bring_back: what was begun does not go on. A node that is to be elsewhere by now, in standby or at its end, stays there.
bring_back() {
  local turn state=''
  if [[ "$down" == drains ]]; then
    # It goes on to let its users go; the next rollout ends it, and no boot starts it.
    systemctl disable --quiet "$(unit_of "$serving")" || true
    say "$(basename "$next") serves; $(basename "$previous") runs until its users are gone and the next rollout ends it"
    return
  fi
  if [[ "$down" == beside ]]; then
    if ! is_well "$serving" && is_well "$((3 - serving))" && go_on_beside; then
      say "$(basename "$next") serves: $(basename "$previous") is not well"
    elif turn_back; then
      say "$(basename "$previous") serves"
    else
      say "nginx does not turn back to $(basename "$previous"): it and the new release run both"
    fi
    return
  fi
  if [[ "$ROLE" == box ]]; then
    serve_again
    return
  fi
  if [[ -z "$down" ]] && ! may_have_let_go; then return 0; fi
  for turn in {1..6}; do
    if state=$(target_state); then break; fi
    if ((turn < 6)); then sleep "$PAUSE"; fi
  done
  if [[ -z "$state" ]]; then
    say 'the node stays out of its load balancer: instance metadata does not say where Auto Scaling wants it'
  fi
  if [[ "$state" == Terminated ]]; then return 0; fi
  # A release runs wherever the node is; where it is decides about its users alone.
  if [[ "$state" != InService ]]; then
    if [[ -n "$down" ]]; then serve_again; fi
    return 0
  fi
  if [[ "$away" == spent ]]; then
    come_back
    return
  fi
  serve_again
  if [[ -n "$serves" ]]; then join_load_balancer; else say 'the node stays out of its load balancer'; fi
}

if [[ "$ROLE" != box ]]; then
  state=$(target_state) || fail 'instance metadata does not say where Auto Scaling wants this instance'
  [[ "$state" == InService ]] || fail "the node is not in service ($state)"
fi
read_parameters
name_what_starts
previous=$(readlink -f "$HOME_DIR/current") || fail 'the node has not booted'
serving=$(slot)
runs=$(cat "$previous/.uri" 2> /dev/null) || runs=none
if [[ "$how" == again ]]; then
  [[ "$runs" == "$release" ]] || fail "the node runs $runs, which is another release"
elif [[ "$runs" == "$release" ]] && is_well "$serving"; then
  finish_earlier
  if may_have_let_go; then come_back; fi
  say "runs $(basename "$previous") already"
  exit 0
fi
finish_earlier

if may_have_let_go; then away=spent; fi

# Whatever can be refused is refused while the old release serves.
if [[ "$how" == again ]]; then
  ln -sfn "$previous" "$HOME_DIR/next"
else
  BEAMSTALK_RELEASE="$release" BEAMSTALK_LINK=next bash "$BOOT/steps/fetch.sh"
  BEAMSTALK_LINK=next bash "$BOOT/steps/check.sh"
fi
next=$(readlink -f "$HOME_DIR/next")
if [[ "$how" == migrate ]]; then bash "$BOOT/files/bin/migrate.sh" next; fi

# beside: the new release in the other slot, then nginx turns to it, then the old one lets its users go and ends.
beside() {
  local new=$((3 - serving)) until_second left=0
  say "$(basename "$next") starts beside $(basename "$previous")"
  # A machine that goes down meanwhile starts with the one that serves: the new one is not enabled before it does.
  down=beside
  BEAMSTALK_SLOT="$new" BEAMSTALK_LINK=next BEAMSTALK_START=once bash "$BOOT/steps/release.sh"
  if ! get_well "$new"; then
    last_words "$new"
    end_unit "$new"
    down=''
    fail "$(basename "$next") is not well: $answer. $(basename "$previous") serves"
  fi
  systemctl enable --quiet "$(unit_of "$new")"
  turn_to "$new" "$next"
  if ! bash "$BOOT/files/bin/proxy-config.sh"; then
    # It sends nobody there.
    turn_back || end_unit "$new"
    down=''
    fail "nginx does not turn to $(basename "$next"). $(basename "$previous") serves"
  fi
  down=drains
  left=$(connections_to "$(port_of "$serving")")
  say "$(basename "$next") serves; $left connections of $(basename "$previous") are let go"
  until_second=$((SECONDS + DRAIN_SECONDS))
  if ((until_second > deadline)); then until_second=$deadline; fi
  if [[ -x "$previous/bin/drain" ]]; then own_drain; fi
  while left=$(connections_to "$(port_of "$serving")") && ((left > 0 && SECONDS < until_second)) && ! is_untold; do sleep "$PAUSE"; done
  say "drained with $left connections left"
  end_unit "$serving"
  down=''
}

# own_drain: the old release's program for it, on a box. When the data are elsewhere by now and the new release cannot be told, the
# time for it is over: the place of the old one is needed for the start of another, and until then nobody can write.
own_drain() {
  local drain status=0
  BEAMSTALK_SLOT="$serving" BEAMSTALK_FOLDER="$previous" BEAMSTALK_RELEASE_SECONDS="$((DRAIN_SECONDS > 0 ? DRAIN_SECONDS : 1))" \
    to_answer bash "$BOOT/files/bin/run-release.sh" drain "$EVICT_PER_SECOND" 9>&- &
  drain=$!
  while kill -0 "$drain" 2> /dev/null; do
    if is_untold; then
      say "the data are elsewhere, and $(basename "$next") has to start anew: $(basename "$previous") ends with the users that it has"
      end_tree "$drain"
      wait "$drain" 2> /dev/null || true
      return
    fi
    sleep "$LOOK"
  done
  wait "$drain" || status=$?
  if ((status != 0)); then say "the release's own drain ended with status $status: $(tail -n 1 "$ANSWER" | tr -d '\0')"; fi
}

# instead: the new release in the place of the old one, and back when it is not well. What the new one needs to start is
# asked for while the old one runs, and what starts the old one is kept.
instead() {
  BEAMSTALK_SLOT="$((3 - serving))" BEAMSTALK_LINK=next BEAMSTALK_START=environment bash "$BOOT/steps/release.sh"
  put 0600 root:root "$RUN/unit.before" < "$R/etc/systemd/system/$(unit_of "$serving")"
  put 0600 root:root "$RUN/environment.before" < "$(environment_of "$serving")"
  if [[ "$ROLE" != box ]]; then
    # Of an earlier run's node it stays what it is: its release takes nobody new before it starts anew.
    if [[ "$away" != spent ]]; then away=fresh; fi
    leave_load_balancer
    away=spent
    # On a box nginx would go on sending users to a release that lets them go.
    let_go
  fi
  unless_to_end
  down=old
  stop_release 60
  take_jobs
  unless_to_end
  if [[ -n "$away" ]]; then away=fresh; fi
  down=new
  ln -sfn "$next" "$HOME_DIR/current"
  if bash "$BOOT/steps/release.sh" && stays_up && get_well "$serving"; then
    down=''
    return
  fi
  down=old
  local reason="${answer:-$(head -n 1 "$REASON" 2> /dev/null)}"
  last_words "$serving"
  answer=''
  go_back
  if get_well "$serving"; then
    down=''
    if [[ "$ROLE" != box ]]; then
      (join_load_balancer) || reason+=", and its load balancer does not take the node again"
    fi
    fail "$(basename "$next") is not well: $reason. $(basename "$previous") serves again"
  fi
  # It had its time, and its unit goes on trying.
  away='' down=''
  fail "$(basename "$next") is not well: $reason. Nor is $(basename "$previous") any more: $answer"
}

# fits_beside: whether the memory that is left holds as much again as the release that runs.
fits_beside() {
  local available held
  available=$(awk '$1 == "MemAvailable:" { print $2 }' "$R/proc/meminfo")
  held=$(systemctl show --property=MemoryCurrent --value "$(unit_of "$serving")" 2> /dev/null) || held=''
  [[ "$held" =~ ^[0-9]+$ ]] || held=0
  if ((available > held / 1024)); then return; fi
  say "no room for two releases: $((available / 1024)) MiB are left, and the one that runs holds $((held / 1048576)) MiB"
  return 1
}

answer=''
if [[ "$ROLE" != box ]]; then
  instead
  join_load_balancer
elif fits_beside; then
  beside
else
  say "$(basename "$previous") ends first: users wait for the seconds of a restart"
  instead
fi
tidy
say "runs $(basename "$next")"
