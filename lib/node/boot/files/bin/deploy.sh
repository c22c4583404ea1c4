#!/bin/bash
# deploy.sh EVENT RELEASE MODE: what a deployment does on this node. EVENT is CodeDeploy's, RELEASE an s3:// address, MODE
# `rolling` or `hot`. In rolling mode CodeDeploy takes the node out of its load balancer before, and puts it back after; in
# hot mode the node stays in, and only leaves when the release carries no upgrade from the one that runs.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

event="${1:?event of the deployment}" release="${2:?address of the release}" mode="${3:?rolling or hot}"
rm -f "$REASON"
# CodeDeploy shows what a hook printed last.
trap 'status=$?; if ((status != 0)); then say "$event: $(head -n 1 "$REASON" 2> /dev/null)"; fi' EXIT

# Only a node that leaves its load balancer by itself needs to know it.
target_groups() {
  local groups
  groups=$(parameter delivery/target-groups '')
  # Not into the answer.
  [[ -n "$groups" ]] || say 'no load balancer to leave' >&2
  printf '%s\n' "$groups"
}

leave_load_balancer() {
  local group groups
  groups=$(target_groups)
  for group in $groups; do
    aws elbv2 deregister-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
  for group in $groups; do
    aws elbv2 wait target-deregistered --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
}

join_load_balancer() {
  local group groups
  groups=$(target_groups)
  for group in $groups; do
    aws elbv2 register-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
  for group in $groups; do
    aws elbv2 wait target-in-service --target-group-arn "$group" --targets "Id=$(instance_id)" ||
      fail "the node does not get well in $group"
  done
}

# The same as before the end of an instance, but an hour at most: no hook of CodeDeploy's may take longer.
let_go() {
  local seconds=$((DRAIN_SECONDS < 3000 ? DRAIN_SECONDS : 3000)) until_second
  until_second=$((SECONDS + seconds))
  if [[ "$ROLE" == worker ]]; then
    put 0644 root:root "$RUN/drain" <<< 'deploying'
    while [[ -e "$STATE/home/protected" ]] && ((SECONDS < until_second)); do sleep "$PAUSE"; done
    return
  fi
  if [[ -x "$HOME_DIR/current/bin/drain" ]]; then
    timeout "$seconds" bash "$BOOT/files/bin/run-release.sh" drain "$EVICT_PER_SECOND" ||
      say "the release's own drain ended with status $?"
  fi
  while (($(connections) > 0 && SECONDS < until_second)); do sleep "$PAUSE"; done
  say "drained with $(connections) connections left"
}

case "$event" in
  BeforeInstall)
    # What can be refused is refused while the old release still runs.
    read_parameters
    rm -f "$RUN/upgraded" "$RUN/left"
    readlink -f "$HOME_DIR/current" > "$RUN/previous"
    BEAMSTALK_RELEASE="$release" BEAMSTALK_LINK=next bash "$BOOT/steps/fetch.sh"
    BEAMSTALK_LINK=next bash "$BOOT/steps/check.sh"
    if [[ "$mode" == hot ]]; then
      if bash "$BOOT/files/bin/upgrade.sh"; then
        touch "$RUN/upgraded"
        exit 0
      fi
      if [[ -s "$REASON" ]]; then say "no hot upgrade: $(head -n 1 "$REASON")"; fi
      rm -f "$REASON"
      say 'the node leaves its load balancer and starts the release anew'
      touch "$RUN/left"
      leave_load_balancer
    fi
    let_go
    ;;
  ApplicationStart)
    next=$(readlink -f "$HOME_DIR/next")
    ln -sfn "$next" "$HOME_DIR/current"
    start=1
    if [[ -e "$RUN/upgraded" ]]; then start=0; fi
    rm -f "$RUN/drain"
    BEAMSTALK_START="$start" bash "$BOOT/steps/release.sh"
    ;;
  ValidateService)
    url="http://127.0.0.1:$APP_PORT$HEALTH_PATH"
    wait_for "$PATIENCE" answers "$url" || fail "the release does not answer $url after $PATIENCE s"
    if [[ -e "$RUN/left" ]]; then join_load_balancer; fi
    # The one before stays on the disk: a BEAM that was upgraded may still run code of it.
    current=$(readlink -f "$HOME_DIR/current")
    for folder in "$HOME_DIR/releases"/*; do
      if [[ "$folder" != "$current" && "$folder" != "$(cat "$RUN/previous" 2> /dev/null)" ]]; then rm -rf "$folder"; fi
    done
    say "runs $(basename "$current")"
    ;;
  *) fail "unknown event $event" ;;
esac
