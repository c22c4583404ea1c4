#!/bin/bash
# deploy.sh EVENT RELEASE MODE: what a deployment does on this node. EVENT is CodeDeploy's, RELEASE an s3:// address, MODE
# `rolling` or `hot`. In rolling mode the node leaves its load balancer by itself, lets its users go and comes back: CodeDeploy would
# wait for the whole deregistration delay before its first hook, and all connections would end with it at once. In hot mode the
# node stays in, and only leaves when the release carries no upgrade from the one that runs.
#
# A node that is not in service is passed by: one that is to end lets its users and jobs go, and one of a warm pool boots
# with the release of the day when it is needed.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
begin_step

event="${1:?event of the deployment}" release="${2:?address of the release}" mode="${3:?rolling or hot}"
# CodeDeploy shows what a hook printed last. Before its turn another hook may be at work, whose reason is in the same file.
take_turn 60 || {
  say "$event: a rollout is under way on this node"
  exit 1
}
rm -f "$REASON"
trap 'status=$?; if ((status != 0)); then say "$event: $(head -n 1 "$REASON" 2> /dev/null)"; fi' EXIT
trap 'fail "ended from outside"' TERM HUP INT

# CodeDeploy kills a hook after HOOK_SECONDS. Everything waited for here ends a little before, so that the hook can say why.
deadline=$((HOOK_SECONDS - HOOK_SECONDS / 30))
# The hook that joins does nothing before.
JOIN_SECONDS=0
# shellcheck source=serving.sh
source "$BOOT/files/bin/serving.sh"
# A node that begins to end fails no deployment.
ends_meanwhile() { pass_by 'the node is to end'; }

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
    rm -f "$RUN/upgraded"
    readlink -f "$HOME_DIR/current" > "$RUN/previous"
    BEAMSTALK_RELEASE="$release" BEAMSTALK_LINK=next timeout "$(time_left)" bash "$BOOT/steps/fetch.sh" || {
      status=$?
      if ((status == 124)); then fail "release $release does not arrive in the time of a hook"; fi
      exit "$status"
    }
    BEAMSTALK_LINK=next bash "$BOOT/steps/check.sh"
    BEAMSTALK_MIGRATION_SECONDS="$(time_left "$((HOOK_SECONDS / 12))")" bash "$BOOT/files/bin/migrate.sh" next
    if [[ "$mode" == hot ]] && may_have_let_go && ! has_come_back "$(slot)"; then
      say 'no hot upgrade: an earlier deployment or rollout has taken the node out of service, and its release may take nobody new'
    elif [[ "$mode" == hot ]]; then
      if bash "$BOOT/files/bin/upgrade.sh"; then
        touch "$RUN/upgraded"
        exit 0
      fi
      if [[ -s "$REASON" ]]; then say "no hot upgrade: $(head -n 1 "$REASON")"; fi
      rm -f "$REASON"
      say 'the node leaves its load balancer and starts the release anew'
    fi
    leave_load_balancer
    let_go
    ;;
  ApplicationStart)
    next=$(readlink -f "$HOME_DIR/next")
    ln -sfn "$next" "$HOME_DIR/current"
    start=1
    if [[ -e "$RUN/upgraded" ]]; then start=0; fi
    if ((start)); then stop_release "$((HOOK_SECONDS / 12))"; fi
    take_jobs
    # A release takes its time to stop. What starts once the node is to end nobody would stop.
    if ((start)) && is_to_end; then ends_meanwhile; fi
    BEAMSTALK_START="$start" bash "$BOOT/steps/release.sh"
    if ((start)) && is_to_end; then
      stop_release "$((HOOK_SECONDS / 12))"
      ends_meanwhile
    fi
    ;;
  ValidateService)
    url="http://127.0.0.1:$APP_PORT$HEALTH_PATH"
    wait_for "$PATIENCE" answers "$url" || fail "the release does not answer $url after $PATIENCE s"
    # Whoever left it: an earlier deployment that failed, too.
    if [[ -e "$STATE/left" && "$state" == InService ]]; then join_load_balancer; fi
    # The one before stays on the disk: a BEAM that was upgraded may still run code of it.
    current=$(readlink -f "$HOME_DIR/current")
    for folder in "$HOME_DIR/releases"/*; do
      if [[ "$folder" != "$current" && "$folder" != "$(cat "$RUN/previous" 2> /dev/null)" ]]; then rm -rf "$folder"; fi
    done
    say "runs $(basename "$current")"
    ;;
  *) fail "unknown event $event" ;;
esac
