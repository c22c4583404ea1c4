#!/bin/bash
# Watches for the end of this instance (the group's lifecycle hook `leave` holds it back), then lets connections go at
# the configured rate, or jobs end, for at most DRAIN_SECONDS, stops the release, and tells the group that it may go on.
# Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
# shellcheck source=../../users.sh
source "${BASH_SOURCE[0]%/*}/../../users.sh"
set -uo pipefail

# Seconds that a release has to stop in when the time of the drain is over.
LEAST_TO_STOP=30

# Without an answer it stays as it was. The boot tells deployments of a node that it is in service, this of every change.
before=InService
while :; do
  state=$(target_state) || state=''
  state="${state:-$before}"
  if [[ "$state" != "$before" ]]; then
    if [[ "$state" == InService ]]; then tell_deployments yes; else tell_deployments no; fi
    before="$state"
  fi
  if [[ "$state" == Terminated ]]; then break; fi
  sleep "$PAUSE"
done
# Counted once. Started again after a fault, or after a restart of the machine, the watch has what is left of the time: on the
# disk, and by the clock, as seconds of a shell end with it.
ends="$STATE/ends"
most=$DRAIN_SECONDS
# Its users' time begins when the last has come.
if [[ "$ROLE" != worker ]]; then most=$((most + LAST_TO_COME_SECONDS)); fi
ends_at=$(cat "$ends" 2> /dev/null) || ends_at=''
if [[ ! "$ends_at" =~ ^[0-9]+$ ]]; then
  ends_at=$((EPOCHSECONDS + most))
  # A shell of its own, here and below: a file that cannot be written ends no drain.
  (put 0600 root:root "$ends" <<< "$ends_at") || say 'the time of the end could not be written down'
fi
seconds=$((ends_at - EPOCHSECONDS))
# A clock that was set meanwhile gives no more time than there was.
if ((seconds > most)); then seconds=$most; elif ((seconds < 0)); then seconds=0; fi
until_second=$((SECONDS + seconds))
if [[ "$ROLE" == worker ]]; then
  say 'this instance is to end: no new jobs'
  # For a release that looks; SIGTERM follows when no job is under way, or when the time is over.
  (put 0644 root:root "$RUN/drain" <<< 'ending') || say 'the release could not be told'
else
  say "this instance is to end: $(connections) connections to let go in $seconds s"
fi
hook=()
# know_hook: what the hook is called for this node; asks for as long as nobody says it.
know_hook() {
  local group instance
  if ((${#hook[@]} > 0)); then return; fi
  group=$(group_name) || return 1
  instance=$(instance_id) || return 1
  hook=(--lifecycle-hook-name leave --auto-scaling-group-name "$group" --instance-id "$instance")
}
know_hook || say 'the group of this instance is not known yet'

# A hook forgets a node that it has not heard of for HEARTBEAT_SECONDS. What is learned in here stays in here.
(
  while sleep "$((HEARTBEAT_SECONDS / 3))"; do
    if ! know_hook || ! aws autoscaling record-lifecycle-action-heartbeat "${hook[@]}"; then
      say 'the group did not take the heartbeat'
    fi
  done
) &
heart=$!
trap 'kill "$heart" 2> /dev/null' EXIT

# stop_with SECONDS: the release gets this time to end in, also where its unit says less, and is killed after it.
stop_with() {
  local unit
  unit=$(unit_of "$(slot)")
  # The last in the order of names, before which a worker has its own.
  (put 0644 root:root "$R/run/systemd/system/$unit.d/zz-end.conf" <<< $'[Service]\nTimeoutStopSec='"$1") && systemctl daemon-reload
  timeout "$(($1 + 1))" systemctl stop "$unit" || {
    say "the release did not stop in its time: status $?"
    systemctl kill --signal=SIGKILL "$unit"
  }
}

if [[ "$ROLE" == worker ]]; then
  if [[ -x "$HOME_DIR/current/bin/drain" ]]; then
    seconds=$((until_second - SECONDS))
    BEAMSTALK_RELEASE_SECONDS="$((seconds > 0 ? seconds : 1))" \
      to_answer bash "$BOOT/files/bin/run-release.sh" drain "$EVICT_PER_SECOND" ||
      say "the release's own drain ended with status $?: $(tail -n 1 "$ANSWER" | tr -d '\0')"
  fi
  # Protected is who has a job under way (beamstalk-protect). Who never says so is stopped at once, and has the same
  # time to end its jobs before systemd kills it.
  while [[ -e "$STATE/home/protected" ]] && ((SECONDS < until_second)); do sleep "$PAUSE"; done
  left='no job'
  if [[ -e "$STATE/home/protected" ]]; then left='jobs'; fi
else
  # Auto Scaling has taken the node out of its load balancer. A watch that was started again has waited before.
  be_left "$((most - seconds))"
  let_users_go "$until_second"
fi
if [[ "$ROLE" != web ]]; then
  seconds=$((until_second - SECONDS))
  stop_with "$((seconds > LEAST_TO_STOP ? seconds : LEAST_TO_STOP))"
fi
if [[ "$ROLE" == worker ]]; then say "drained with $left left"; fi

# From here on the hook's own time counts: one that nobody can complete is over when it has heard nothing for HEARTBEAT_SECONDS.
kill "$heart" 2> /dev/null
# Again, for as long as it takes: the hook may not have begun yet, as deregistration comes before it (lib/node/drain.ts), and a
# group that is not let go on waits until the hook's time is over.
until know_hook && aws autoscaling complete-lifecycle-action "${hook[@]}" --lifecycle-action-result CONTINUE; do
  say 'the group did not take the end of the drain'
  for ((turn = 0; turn < LAST_TO_COME; turn++)); do sleep "$PAUSE"; done
done
