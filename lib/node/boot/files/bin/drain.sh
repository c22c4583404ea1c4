#!/bin/bash
# Watches for the end of this instance (the group's lifecycle hook `leave` holds it back), then lets connections go at
# the configured rate, or jobs end, for at most DRAIN_SECONDS, and tells the group that it may go on.
# Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
set -uo pipefail

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
if [[ "$ROLE" == worker ]]; then
  say 'this instance is to end: no new jobs'
  # For a release that looks; SIGTERM follows when no job is under way, or when the time is over.
  put 0644 root:root "$RUN/drain" <<< 'ending'
else
  say "this instance is to end: $(connections) connections to let go"
fi
group=$(group_name)
instance=$(instance_id)
until_second=$((SECONDS + DRAIN_SECONDS))
hook=(--lifecycle-hook-name leave --auto-scaling-group-name "$group" --instance-id "$instance")

# A hook forgets a node that it has not heard of for HEARTBEAT_SECONDS.
(
  while sleep "$((HEARTBEAT_SECONDS / 3))"; do
    aws autoscaling record-lifecycle-action-heartbeat "${hook[@]}" || say 'the group did not take the heartbeat'
  done
) &
heart=$!
trap 'kill "$heart" 2> /dev/null' EXIT

# A release knows its sessions and can close them in an order and with a word; what it leaves is waited for.
if [[ -x "$HOME_DIR/current/bin/drain" ]]; then
  BEAMSTALK_RELEASE_SECONDS="$((DRAIN_SECONDS > 0 ? DRAIN_SECONDS : 1))" \
    to_answer bash "$BOOT/files/bin/run-release.sh" drain "$EVICT_PER_SECOND" ||
    say "the release's own drain ended with status $?: $(tail -n 1 "$ANSWER" | tr -d '\0')"
fi
if [[ "$ROLE" == worker ]]; then
  # Protected is who has a job under way (beamstalk-protect). Who never says so is stopped at once, and has the same
  # time to end its jobs before systemd kills it.
  while [[ -e "$STATE/home/protected" ]] && ((SECONDS < until_second)); do sleep "$PAUSE"; done
  left='no job'
  if [[ -e "$STATE/home/protected" ]]; then left='jobs'; fi
  timeout "$((until_second > SECONDS ? until_second - SECONDS + 1 : 30))" systemctl stop beamstalk.service ||
    say "the release did not stop in its time: status $?"
  say "drained with $left left"
else
  while (($(connections) > 0 && SECONDS < until_second)); do sleep "$PAUSE"; done
  say "drained with $(connections) connections left"
fi

# Again after a fault: an instance that never completes keeps the group waiting until the hook's time is over.
for _ in 1 2 3 4 5; do
  aws autoscaling complete-lifecycle-action "${hook[@]}" --lifecycle-action-result CONTINUE && exit 0
  sleep "$PAUSE"
done
say 'the group did not take the end of the drain'
# Stay: started again, the watch would drain a second time.
sleep infinity
