# shellcheck shell=bash disable=SC2153,SC2154 # `deadline` is whose sources it, STATE is in lib.sh
# Takes a node out of service and brings it back, in a deployment or a rollout. Sourced after lib.sh by scripts that say
# with `deadline` until which second of theirs they may wait, and with `JOIN_SECONDS` for how much longer for the load balancer.
# shellcheck source=../../users.sh
source "$BOOT/users.sh"

# Only a node that leaves its load balancer by itself needs to know it. Nobody sends users to a worker.
target_groups() {
  local groups
  [[ "$ROLE" == app ]] || return 0
  groups=$(parameter delivery/target-groups '')
  # Not into the answer.
  [[ -n "$groups" ]] || say 'no load balancer to leave' >&2
  printf '%s\n' "$groups"
}

# time_left [RESERVE]: seconds until the deadline that may be waited for, less what comes after. At least one: to `timeout`,
# none is for ever.
time_left() {
  local seconds=$((deadline - SECONDS - ${1:-0}))
  echo "$((seconds > 0 ? seconds : 1))"
}

# is_target GROUP STATES: how this node stands in a target group, such as 'draining|unused'. `unused` is one that is not registered
# there.
is_target() {
  local state
  state=$(aws elbv2 describe-target-health --target-group-arn "$1" --targets "Id=$(instance_id)" --output text \
    --query 'TargetHealthDescriptions[0].TargetHealth.State') && [[ "$state" =~ ^($2)$ ]]
}

# is_leaving GROUP: whether a target group has taken note. It shows `draining` for the whole of its deregistration delay, connections
# or none, so that nobody waits here for `unused`.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
# (2026-11-30)
is_leaving() {
  is_target "$1" 'draining|unused'
}

# is_outside: whether no target group sends users to the node.
is_outside() {
  local group groups
  groups=$(target_groups)
  for group in $groups; do
    is_leaving "$group" || return 1
  done
}

# is_registered: whether each target group has the node, so that users come as soon as it is well.
is_registered() {
  local group groups
  groups=$(target_groups)
  [[ -n "$groups" ]] || return 1
  for group in $groups; do
    is_target "$group" 'initial|healthy|unhealthy' || return 1
  done
}

# note_left: `left` says on the disk that the node is out of its load balancer, and since when, until it has come back: whoever began
# this may have ended by then, and the machine have started again.
note_left() {
  put 0600 root:root "$STATE/left" <<< "$(date --utc +%FT%TZ)"
}

# may_have_let_go: whether an earlier run has begun to take the node out of service, and nobody has brought it back.
may_have_let_go() {
  [[ -e "$STATE/left" || "$(cat "$RUN/drain" 2> /dev/null)" == deploying ]]
}

# started_since_left SLOT: whether its release has started since, so that it has let none of its users go.
started_since_left() {
  local since left
  since=$(systemctl show --property=ActiveEnterTimestamp --value "$(unit_of "$1")" 2> /dev/null) || return 1
  left=$(cat "$STATE/left" 2> /dev/null) || return 1
  # `date` takes nothing for the beginning of this day.
  [[ -n "$since" && -n "$left" ]] || return 1
  since=$(date --date="$since" +%s 2> /dev/null) && left=$(date --date="$left" +%s 2> /dev/null) && ((since > left))
}

# has_come_back SLOT: whether users come to a node that had left, and to a release that has let none go: Auto Scaling registers a node that
# comes back from standby, which nobody on the node hears of, so that the mark stays.
has_come_back() {
  [[ "$(target_state 2> /dev/null)" == InService ]] && started_since_left "$1" && is_registered 2> /dev/null
}

# Nobody new comes to the node afterwards, and who is there stays. The node serves meanwhile.
leave_load_balancer() {
  local group groups
  groups=$(target_groups)
  [[ -n "$groups" ]] || return 0
  note_left
  for group in $groups; do
    aws elbv2 deregister-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
  for group in $groups; do
    wait_for "$(time_left)" is_leaving "$group" || fail "$group does not let the node go"
  done
  be_left 0
  # A release that starts from now on has nobody to let go.
  note_left
}

# is_to_end: whether Auto Scaling has begun to end this instance. It has taken it out of its load balancer then, once and for
# all: one that comes back is ended with users on it.
is_to_end() {
  [[ "$(target_state 2> /dev/null)" == Terminated ]]
}

# ends_meanwhile: what becomes of whoever is to join then.
ends_meanwhile() { fail 'the node is not in service (Terminated)'; }

# elsewhere: where Auto Scaling wants this instance to be by now, unless that is in service, or nobody says it.
elsewhere() {
  local state
  state=$(target_state 2> /dev/null) || state=''
  if [[ -n "$state" && "$state" != InService ]]; then echo "$state"; fi
}

# stays_out STATE: a node that is to end fails whoever is to join. One in standby has left its load balancer with all others that
# Auto Scaling knows, and is registered there again by Auto Scaling when it comes back; until then somebody looks at it.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html (2026-11-30)
stays_out() {
  if [[ "$1" == Terminated ]]; then ends_meanwhile; fi
  say "the node is not in service ($1): it stays out of its load balancer"
}

join_load_balancer() {
  local group groups state
  groups=$(target_groups)
  if [[ -z "$groups" ]]; then
    rm -f -- "$STATE/left"
    return
  fi
  state=$(elsewhere)
  if [[ -n "$state" ]]; then
    stays_out "$state"
    return
  fi
  for group in $groups; do
    aws elbv2 register-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
  done
  for group in $groups; do
    wait_for "$(time_left "-$JOIN_SECONDS")" is_taken "$group" || fail "the node does not get well in $group"
  done
  # What was decided while it waited.
  state=$(elsewhere)
  if [[ -n "$state" ]]; then
    for group in $groups; do
      aws elbv2 deregister-targets --target-group-arn "$group" --targets "Id=$(instance_id)"
    done
    stays_out "$state"
    return
  fi
  rm -f -- "$STATE/left"
}

# is_taken GROUP: whether there is nothing to wait for any more.
is_taken() {
  [[ -n "$(elsewhere)" ]] || is_target "$1" healthy
}

# The same as before the end of an instance, as far as the time of the hook goes.
let_go() {
  local seconds until_second
  seconds=$(time_left)
  if ((DRAIN_SECONDS < seconds)); then seconds=$DRAIN_SECONDS; fi
  until_second=$((SECONDS + seconds))
  if [[ "$ROLE" == worker ]]; then
    # Made, not written over: the mark of the end of the instance stays, also when it comes at this moment.
    (set -o noclobber && echo deploying > "$RUN/drain") 2> /dev/null || [[ -e "$RUN/drain" ]] ||
      fail "$RUN/drain cannot be written"
    while [[ -e "$STATE/home/protected" ]] && ((SECONDS < until_second)); do sleep "$PAUSE"; done
    return
  fi
  let_users_go "$until_second"
}

# take_jobs: whoever starts next may take jobs. A mark that the end of the instance has set since stays.
take_jobs() {
  if [[ "$(cat "$RUN/drain" 2> /dev/null)" == deploying ]]; then rm -f -- "$RUN/drain"; fi
}

# stop_release RESERVE: the release gets the time that its unit gives it, but no more than there is until the deadline:
# systemd waits for jobs of two hours.
stop_release() {
  local unit
  unit=$(unit_of "$(slot)")
  timeout "$(time_left "$1")" systemctl stop "$unit" || {
    say 'the release did not stop in time: it is ended'
    systemctl kill --signal=SIGKILL "$unit" || true
  }
}
