# shellcheck shell=bash disable=SC2153,SC2154 # EVICT_PER_SECOND is in node.conf, the others in lib.sh
# Lets the users of a node go that its load balancer sends nobody to any more. Sourced after lib.sh, before a rollout, a deployment
# or the end of an instance goes on.

# Pauses for which a load balancer may go on sending users to a node after it has taken note: 30 s. Assumed; Elastic Load
# Balancing names no time.
LAST_TO_COME=6
# shellcheck disable=SC2034 # read by whoever sources this
LAST_TO_COME_SECONDS=30
# Pauses in which none leaves, after which those who are left would stay for good: 60 s, the time for which servers and an
# Application Load Balancer keep a connection that nobody uses.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html (2026-11-30)
STAY_FOR_GOOD=12

# be_left SECONDS: until the last have come; of that time so many seconds have passed.
be_left() {
  local turn
  for ((turn = $1 * LAST_TO_COME / LAST_TO_COME_SECONDS; turn < LAST_TO_COME; turn++)); do sleep "$PAUSE"; done
}

# let_users_go UNTIL: until no connection is left, for at most until the second UNTIL of this shell's SECONDS.
#
# A release knows its sessions, and closes them by `bin/drain` in an order, with a word and at the configured rate; whom it leaves is
# waited for. Without that program users leave by themselves. Once none has left for a while it is time for SIGTERM, at
# which the release's server closes its listeners and ends what it has as it knows: a caller stops the release next.
let_users_go() {
  local until_second="$1" seconds left now still=0 waits=0
  if [[ -x "$HOME_DIR/current/bin/drain" ]]; then
    seconds=$((until_second - SECONDS))
    if BEAMSTALK_RELEASE_SECONDS="$((seconds > 0 ? seconds : 1))" \
      to_answer bash "$BOOT/files/bin/run-release.sh" drain "$EVICT_PER_SECOND"; then
      waits=1
    else
      say "the release's own drain ended with status $?: $(tail -n 1 "$ANSWER" | tr -d '\0')"
    fi
  fi
  # Users of a proxy are those of the releases behind it.
  if [[ "$ROLE" == web ]]; then waits=1; fi
  left=$(connections)
  while ((left > 0 && SECONDS < until_second)); do
    sleep "$PAUSE"
    now=$(connections)
    still=$((now < left ? 0 : still + 1)) left=$now
    if ((!waits && still >= STAY_FOR_GOOD)); then break; fi
  done
  say "drained with $left connections left"
}
