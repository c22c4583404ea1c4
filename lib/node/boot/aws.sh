# shellcheck shell=bash
# The one way from a script to AWS. Sourced by lib.sh, and part of user data: it stands on nothing else.
# ENDPOINTS holds the names that AWS documents for the region, one a line, the preferred first (lib/facts/endpoints.ts):
# `<service of the command line> <name> plain|dual-stack`.

# For what somebody waits for in vain: standard error, the console and the journal.
shout() {
  echo "beamstalk: $*" >&2
  if [[ -z "${BEAMSTALK_ROOT:-}" ]]; then
    { echo "beamstalk: $*" > /dev/console; } 2> /dev/null || true
    systemd-cat -t beamstalk -p err echo "$*" 2> /dev/null || true
  fi
}

# leads_inside NAME: an interface endpoint of the network answers to the plain name with private addresses.
leads_inside() {
  getent ahostsv4 "$1" |
    grep -qE '^(10|192\.168|172\.(1[6-9]|2[0-9]|3[01])|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\.'
}

# unreachable NAME: says why nobody can be spoken to under it; fails when somebody can. curl tries both protocols.
unreachable() {
  local status=0
  curl -so /dev/null --connect-timeout "${BEAMSTALK_CONNECT_SECONDS:-3}" --max-time 10 "https://$1/" || status=$?
  case "$status" in
    5 | 6) echo 'does not resolve' ;;
    7 | 28) echo 'does not answer' ;;
    35 | 51 | 58 | 60) echo 'does not speak TLS for this name' ;;
    *) return 1 ;;
  esac
}

# endpoint_of SERVICE: `<name> <kind>` of the first endpoint that can be reached: one inside the network before all
# others. When there is none, what was tried, and why not.
endpoint_of() {
  local name kind why tried='' first=() later=()
  while read -r name kind; do
    if [[ "$kind" == plain ]] && leads_inside "$name"; then first+=("$name $kind"); else later+=("$name $kind"); fi
  done < <(awk -v service="$1" '$1 == service { print $2, $3 }' <<< "$ENDPOINTS")
  # All of them at once: whoever writes them one by one would go on to a reader that has gone.
  while read -r name kind; do
    [[ -n "$name" ]] || continue
    if ! why=$(unreachable "$name"); then
      echo "$name $kind"
      return 0
    fi
    tried="${tried:+$tried, }$name $why"
  done <<< "$(printf '%s\n' "${first[@]}" "${later[@]}")"
  echo "${tried:-AWS documents no name for it that is known here}"
  return 1
}

# aws SERVICE ...: the AWS command line, at an endpoint that can be reached from here. Waits for one as often as the
# command line would try. With ASK_QUIETLY, for what is asked every few seconds, the console is spared.
aws() {
  local found attempt flag
  # An engine that stands in for AWS.
  if [[ -n "${AWS_ENDPOINT_URL:-}" ]]; then
    command aws "$@" || return
    return 0
  fi
  for ((attempt = 1; ; attempt++)); do
    if found=$(endpoint_of "$1"); then break; fi
    if ((attempt >= AWS_MAX_ATTEMPTS)); then
      if [[ -n "${ASK_QUIETLY:-}" ]]; then echo "$found" >&2; else shout "$1 cannot be reached: $found"; fi
      return 255
    fi
    sleep "${PAUSE:-${BEAMSTALK_PAUSE_SECONDS:-5}}"
  done
  flag=false
  if [[ "$found" == *' dual-stack' ]]; then flag=true; fi
  AWS_USE_DUALSTACK_ENDPOINT="$flag" command aws "$@" || return
}

# signal_stack STACK RESOURCE INSTANCE SUCCESS|FAILURE: tells CloudFormation how an instance has come up. A deployment waits
# for it, so it is tried for minutes. Outside of one nobody waits, and the refusal says so.
signal_stack() {
  local answer seconds="${BEAMSTALK_SIGNAL_SECONDS:-300}" until_second
  until_second=$((SECONDS + seconds))
  while :; do
    if answer=$(AWS_MAX_ATTEMPTS=3 aws cloudformation signal-resource --stack-name "$1" --logical-resource-id "$2" \
      --unique-id "$3" --status "$4" 2>&1); then
      return 0
    fi
    if [[ "$answer" == *'(ValidationError)'* ]]; then
      echo "beamstalk: nobody waits for the signal $4: ${answer##*operation: }"
      return 0
    fi
    if ((SECONDS >= until_second)); then break; fi
    sleep "${PAUSE:-${BEAMSTALK_PAUSE_SECONDS:-5}}"
  done
  shout "CloudFormation did not take the signal $4 of $3 for $2 in $1 in $seconds s: ${answer##*$'\n'}"
  return 1
}
