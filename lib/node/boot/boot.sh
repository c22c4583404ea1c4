#!/bin/bash
# boot.sh STACK FLEET: makes this instance a node, step by step; the steps are in node.conf. Can be run again.
# The first step that fails ends the boot: the console says which and why, CloudFormation learns of it, and the group
# replaces the instance.
set -uo pipefail
export STACK="${1:?name of the stack}" FLEET="${2:?logical id of the fleet}"
# shellcheck source=lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

# Long enough that an instance that can never boot does not cost a launch a minute.
BACKOFF="${BEAMSTALK_BACKOFF_SECONDS:-120}"

give_up() {
  say "boot failed at step $1: $(head -n 1 "$REASON" 2> /dev/null || echo 'no reason was given')"
  (signal FAILURE)
  (complete_launch ABANDON)
  sleep "$BACKOFF"
  # The group replaces what does not run. For more a node has no permission: it could end its neighbours.
  shutdown -h now
  exit 1
}

umask 022
mkdir -p "$RUN" "$ETC" "$STATE" "$HOME_DIR"
rm -f "$REASON" "$PARAMETERS" "$RUN/instance-id" "$RUN/held" "$STATE/booted"
# Services of the node (drain, backup, certificates) need to know what their fleet is called.
printf 'STACK=%q\nFLEET=%q\n' "$STACK" "$FLEET" > "$ETC/fleet.conf"
(read_parameters) || give_up parameters

# shellcheck disable=SC2153 # STEPS is in node.conf
for step in $STEPS; do
  say "step $step"
  bash "$BOOT/steps/$step.sh" || give_up "$step"
  if [[ -e "$RUN/held" ]]; then
    say "$ROLE node of $ENVIRONMENT waits in the warm pool"
    exit 0
  fi
done
say "$ROLE node of $ENVIRONMENT is up"
