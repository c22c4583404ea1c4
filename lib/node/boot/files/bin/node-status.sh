#!/bin/bash
# node-status.sh: one line of JSON about the release of this node, for `beamstalk status`.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
# shellcheck source=../../databases.sh
source "$BOOT/databases.sh"
# shellcheck source=serving.sh
source "$BOOT/files/bin/serving.sh"
set -uo pipefail

current=$(readlink -f "$HOME_DIR/current") || current=none
slot=$(slot)
healthy=false
if answers "http://127.0.0.1:$(port_of "$slot")$HEALTH_PATH"; then healthy=true; fi
state=$(target_state 2> /dev/null) || state=unknown
draining=false
if [[ "$state" == Terminated || -e "$RUN/drain" ]]; then draining=true; fi
rolling=false
# A boot is at work with the release as well.
if [[ ! -e "$STATE/booted" ]]; then rolling=true; fi
if [[ -e "$RUN/rollout.lock" ]] && ! flock --nonblock "$RUN/rollout.lock" true; then rolling=true; fi
left=false
if [[ -e "$STATE/left" ]] && ! has_come_back "$slot"; then left=true; fi
untold=false
if is_untold; then untold=true; fi
since=$(systemctl show --property=ActiveEnterTimestamp --value "$(unit_of "$slot")" 2> /dev/null) || since=''
python3 -I -c 'import json, sys
role, release, uri, healthy, state, draining, rolling, left, untold, connections, since = sys.argv[1:]
print(json.dumps({"role": role, "release": release, "uri": uri, "healthy": healthy == "true", "state": state,
                  "draining": draining == "true", "rolling": rolling == "true", "left": left == "true", "untold": untold == "true",
                  "connections": int(connections), "since": since or None}))' \
  "$ROLE" "$(basename "$current")" "$(cat "$current/.uri" 2> /dev/null || echo none)" "$healthy" "$state" "$draining" "$rolling" "$left" "$untold" \
  "$(connections)" "$(if [[ -n "$since" ]]; then date --utc --date="$since" +%FT%TZ; fi)"
