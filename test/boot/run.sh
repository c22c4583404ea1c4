#!/bin/bash
# run.sh ROOT ENGINE WORK [--without] [PART...]: the gate itself, inside private mount, network and process namespaces. Parts are
# the files beside it that are named below; all of them when none is given, and all others after `--without`.
set -uo pipefail
root="$1" engine="$2" work="$3"
shift 3
all=(life systemd rollout move fleet drain footholds foreign-volume keeping headers names signed-agent builds)
parts=("$@")
((${#parts[@]} > 0)) || parts=("${all[@]}")
if [[ "${parts[0]}" == --without ]]; then
  mapfile -t parts < <(printf '%s\n' "${all[@]}" | grep -vxF "$(printf '%s\n' "${parts[@]:1}")")
fi
here="$(cd "$(dirname "$0")" && pwd)"
state="$work/state"
mkdir -p "$state" "$work/nodes"

# shellcheck source=machines.sh
source "$here/machines.sh"
for part in "${parts[@]}"; do
  egress both
  began=$SECONDS
  # shellcheck disable=SC1090 # named above
  source "$here/$part.sh"
  echo "----- $part: $((SECONDS - began)) s"
done
end admin

# shellcheck disable=SC2154 # counted by `check`
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
