#!/bin/bash
# run.sh ROOT ENGINE WORK [--without] [PART...]: the gate itself, inside private mount, network and process namespaces. Parts are
# those of parts.sh; all of them when none is given, and all others after `--without`.
set -uo pipefail
root="$1" engine="$2" work="$3"
shift 3
here="$(cd "$(dirname "$0")" && pwd)"
# shellcheck source=parts.sh
source "$here/parts.sh"
choose_parts "$@"
# A part that is not there, or breaks off where bash reads it no further, would otherwise leave out its checks without a word. What
# `source` returns says neither: it is the status of the last command.
for file in "${parts[@]/%/.sh}" {machines,releases,balanced}.sh; do
  bash -n "$here/$file" || { echo "test-boot: $file cannot be read" >&2; exit 2; }
done
state="$work/state"
mkdir -p "$state" "$work/nodes"

# shellcheck source=machines.sh
source "$here/machines.sh"
for part in "${parts[@]}"; do
  egress both
  began=$SECONDS checked=$((passed + failed))
  # shellcheck disable=SC1090 # named above
  source "$here/$part.sh"
  if ((passed + failed == checked)); then
    echo "FAIL  $part has checked nothing"
    failed=$((failed + 1))
  fi
  echo "----- $part: $((SECONDS - began)) s"
done
end admin

# shellcheck disable=SC2154 # counted by `check`
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
