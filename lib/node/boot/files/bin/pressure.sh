#!/bin/bash
# Asks whether low-priority work is to be turned away, and says so where it is looked for: $RUN/pressure holds `on` or
# `off` for the release, and $RUN/shedding is there while it is `on`, for nginx. Both are whole at any moment.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -uo pipefail
# After a restart of the machine nothing else makes this folder.
mkdir -p "$RUN"

before=$(cat "$RUN/pressure" 2> /dev/null)
# While nobody answers it stays as it was: neither a flood nor a closed door because of a lost call.
now=$(fresh_parameter pressure/shed off) || now="${before:-off}"
if [[ "$now" != on ]]; then now=off; fi
if [[ "$now" == "$before" ]]; then exit 0; fi

if [[ "$now" == on ]]; then put 0644 root:root "$RUN/shedding" < /dev/null; else rm -f "$RUN/shedding"; fi
put 0644 root:root "$RUN/pressure" <<< "$now"
if [[ "$now" == on ]]; then
  say 'the queues do not keep up: low-priority work is turned away'
elif [[ -n "$before" ]]; then
  say 'low-priority work is let in again'
fi
