#!/bin/bash
# deploy.sh EVENT RELEASE MODE: what a deployment does on this node. EVENT is CodeDeploy's, RELEASE an s3:// address, MODE
# `rolling` or `hot`. In rolling mode CodeDeploy takes the node out of its load balancer before, and puts it back after; in
# hot mode the node stays in, and only leaves when the release carries no upgrade from the one that runs.
#
# A node that is not in service is passed by: one that is to end lets its users and jobs go, and one of a warm pool boots
# with the release of the day when it is needed.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
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

# CodeDeploy kills a hook after HOOK_SECONDS. Everything waited for here ends a little before, so that the hook can say why.
deadline=$((HOOK_SECONDS - HOOK_SECONDS / 30))
# time_left [RESERVE]: seconds of this hook's time that may be waited for, less what comes after. At least one: to `timeout`,
# none is for ever.
time_left() {
  local seconds=$((deadline - SECONDS - ${1:-0}))
  echo "$((seconds > 0 ? seconds : 1))"
}

# is_target GROUP STATE: how this node stands in a target group. `unused` is one that is not registered there.
is_target() {
  local state
  state=$(aws elbv2 describe-target-health --target-group-arn "$1" --targets "Id=$(instance_id)" --output text \
    --query 'TargetHealthDescriptions[0].TargetHealth.State') && [[ "$state" == "$2" ]]
}

leave_load_balancer() {
  local group groups
  groups=$(target_groups)
  for group in $groups; do
    aws elbv2 deregister-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
  for group in $groups; do
    wait_for "$(time_left)" is_target "$group" unused || fail "$group does not let the node go"
  done
}

join_load_balancer() {
  local group groups
  groups=$(target_groups)
  for group in $groups; do
    aws elbv2 register-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
  for group in $groups; do
    wait_for "$(time_left)" is_target "$group" healthy || fail "the node does not get well in $group"
  done
}

# The same as before the end of an instance, as far as the time of the hook goes.
let_go() {
  local seconds until_second
  seconds=$(time_left)
  if ((DRAIN_SECONDS < seconds)); then seconds=$DRAIN_SECONDS; fi
  until_second=$((SECONDS + seconds))
  if [[ "$ROLE" == worker ]]; then
    put 0644 root:root "$RUN/drain" <<< 'deploying'
    while [[ -e "$STATE/home/protected" ]] && ((SECONDS < until_second)); do sleep "$PAUSE"; done
    return
  fi
  if [[ -x "$HOME_DIR/current/bin/drain" ]]; then
    BEAMSTALK_RELEASE_SECONDS="$seconds" to_answer bash "$BOOT/files/bin/run-release.sh" drain "$EVICT_PER_SECOND" ||
      say "the release's own drain ended with status $?: $(tail -n 1 "$ANSWER" | tr -d '\0')"
  fi
  while (($(connections) > 0 && SECONDS < until_second)); do sleep "$PAUSE"; done
  say "drained with $(connections) connections left"
}

# The release gets the time that its unit gives it, but no more than this hook has: systemd waits for jobs of two hours.
stop_release() {
  timeout "$(time_left "$((HOOK_SECONDS / 12))")" systemctl stop beamstalk.service || {
    say 'the release did not stop in the time of a hook: it is ended'
    systemctl kill --signal=SIGKILL beamstalk.service || true
  }
}

# pass_by REASON
pass_by() {
  say "$event: $1: this deployment passes it by"
  exit 0
}

# What a deployment has begun here it goes on with in its later hooks, and what it has passed by it leaves alone: on the
# disk, because a node may start again in between.
deployment="${DEPLOYMENT_ID:-$release}"
book="$STATE/deployment"
state=$(target_state) || state=''
[[ -n "$state" ]] || fail 'instance metadata does not say where Auto Scaling wants this instance'
if [[ "$event" == BeforeInstall ]]; then
  if [[ "$state" != InService ]]; then
    put 0600 root:root "$book" <<< "$deployment passed-by"
    pass_by "the node is not in service ($state)"
  fi
  put 0600 root:root "$book" <<< "$deployment begun"
else
  read -r known what < "$book" 2> /dev/null || fail 'no deployment has begun on this node'
  [[ "$known" == "$deployment" ]] || fail "deployment $deployment has not begun on this node; $known has"
  if [[ "$what" == passed-by ]]; then pass_by 'the node was not in service when it began'; fi
  case "$state" in
    InService | Standby) ;;
    *) pass_by "the node is in service no longer ($state)" ;;
  esac
fi

case "$event" in
  BeforeInstall)
    # What can be refused is refused while the old release still runs.
    read_parameters
    rm -f "$RUN/upgraded" "$RUN/left"
    readlink -f "$HOME_DIR/current" > "$RUN/previous"
    BEAMSTALK_RELEASE="$release" BEAMSTALK_LINK=next timeout "$(time_left)" bash "$BOOT/steps/fetch.sh" || {
      status=$?
      if ((status == 124)); then fail "release $release does not arrive in the time of a hook"; fi
      exit "$status"
    }
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
    if ((start)); then stop_release; fi
    # A mark that the end of the instance has set since stays.
    if [[ "$(cat "$RUN/drain" 2> /dev/null)" == deploying ]]; then rm -f "$RUN/drain"; fi
    BEAMSTALK_START="$start" bash "$BOOT/steps/release.sh"
    ;;
  ValidateService)
    url="http://127.0.0.1:$APP_PORT$HEALTH_PATH"
    wait_for "$PATIENCE" answers "$url" || fail "the release does not answer $url after $PATIENCE s"
    if [[ -e "$RUN/left" && "$state" == InService ]]; then join_load_balancer; fi
    # The one before stays on the disk: a BEAM that was upgraded may still run code of it.
    current=$(readlink -f "$HOME_DIR/current")
    for folder in "$HOME_DIR/releases"/*; do
      if [[ "$folder" != "$current" && "$folder" != "$(cat "$RUN/previous" 2> /dev/null)" ]]; then rm -rf "$folder"; fi
    done
    say "runs $(basename "$current")"
    ;;
  *) fail "unknown event $event" ;;
esac
