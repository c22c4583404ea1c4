# shellcheck shell=bash
# Reads the parameters of the environment, and secrets. Sourced by lib.sh.

# Names and topics that a node may read, and reads, follow from its steps (lib/node/parameter-reads.ts):
# PARAMETER_NAMES by their names, and of each topic of PARAMETER_PATHS all that is in it; relative to /beamstalk/<environment>/.

# told COMMAND OPTION...: what one call for parameters answers, in the form of parameters.py.
told() {
  aws ssm "$@" --with-decryption --query 'Parameters[].{Name: Name, Value: Value}' --output json |
    python3 -I "$BOOT/parameters.py"
}

# Reads the parameters once into a file that only root can read. A call takes ten names; one that is not there is no fault.
# Several may read at the same time, each into a file of its own.
read_parameters() {
  local names at topic new root="/beamstalk/$ENVIRONMENT"
  read -ra names <<< "$PARAMETER_NAMES"
  names=("${names[@]/#/"$root/"}")
  mkdir -p "$RUN"
  new=$(mktemp -- "$PARAMETERS.XXXXXXXXXX") || fail "$RUN cannot be written to"
  (
    set -o pipefail
    for ((at = 0; at < ${#names[@]}; at += 10)); do
      told get-parameters --names "${names[@]:at:10}" >> "$new" || exit 1
    done
    for topic in $PARAMETER_PATHS; do
      told get-parameters-by-path --path "$root/$topic/" --recursive >> "$new" || exit 1
    done
  ) || {
    rm -f -- "$new"
    fail "the parameters under $root/ cannot be read"
  }
  mv -f -- "$new" "$PARAMETERS"
}

# is_read NAME: fails the step for a parameter that its node does not read: it would look like one that is not there.
is_read() {
  [[ " $PARAMETER_NAMES " == *" $1 "* || " $PARAMETER_PATHS " == *" ${1%%/*} "* ]] ||
    fail "parameter /beamstalk/$ENVIRONMENT/$1 is none that a $ROLE node with these steps reads"
}

# parameter NAME [DEFAULT]: NAME is relative to /beamstalk/<environment>/. Without a default, absence ends the step.
parameter() {
  local full="/beamstalk/$ENVIRONMENT/$1" found
  is_read "$1"
  [[ -f "$PARAMETERS" ]] || read_parameters
  found=$(awk -F '\t' -v name="$full" '$1 == name { print $2; exit }' "$PARAMETERS")
  case "$found" in
    '!') fail "parameter $full holds a control character" ;;
    '=' | '') if (($# > 1)); then echo "$2"; else fail "parameter $full is missing"; fi ;;
    *) printf '%s\n' "${found#=}" ;;
  esac
}

# Patterns that a value has to match before it goes into a path, a URL, a unit, a command line or the configuration of nginx.
declare -A SHAPES=(
  [ipv4]='(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}'
  [host]='[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?'
  [endpoint]='[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[1-9][0-9]{0,4})?'
  # lib/climb/said-place.ts
  [switch]='[0-9]{1,12}\.[0-9]{1,9}'
  [port]='[1-9][0-9]{0,4}'
  [domain]='([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  [address]='[A-Za-z0-9._%+][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9.-]{1,255}'
  [bucket]='[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]'
  [database]='[A-Za-z_][A-Za-z0-9_]{0,62}'
  [identifier]='[a-z]+-[a-z0-9-]{1,64}'
  [function]='[A-Za-z0-9_-]{1,64}'
  [secret]='arn:[A-Za-z0-9:/_+=.@!-]{1,2048}'
  [log-group]='[A-Za-z0-9_./#-]{1,512}'
  [release]='none|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9._/+=-]{1,900}\.tar\.gz'
)

# in_shape KIND VALUE
in_shape() { [[ "$2" =~ ^(${SHAPES[$1]:?})$ ]]; }

# parameter_like KIND NAME [DEFAULT]: the same as `parameter`, for what has to look like one of the SHAPES.
parameter_like() {
  local kind="$1" value
  shift
  value=$(parameter "$@") || exit 1
  # A default stands for itself.
  if [[ $# -gt 1 && "$value" == "$2" ]] || in_shape "$kind" "$value"; then
    printf '%s\n' "$value"
  else
    fail "parameter /beamstalk/$ENVIRONMENT/$1 is no $kind"
  fi
}

# parameter_store: where Parameter Store answers, for programs that speak to it themselves.
parameter_store() {
  local found
  if [[ -n "${AWS_ENDPOINT_URL:-}" ]]; then
    echo "$AWS_ENDPOINT_URL"
  else
    found=$(endpoint_of ssm) || fail "ssm cannot be reached: $found"
    echo "https://${found% *}"
  fi
}

# fresh_parameter NAME DEFAULT: the same as it is now, for what changes while the node lives. Fails when nobody answers.
fresh_parameter() {
  ASK_QUIETLY=1 AWS_MAX_ATTEMPTS=2 aws ssm get-parameter --name "/beamstalk/$ENVIRONMENT/$1" --query Parameter.Value --output text \
    --cli-connect-timeout 3 --cli-read-timeout 5 2> "$RUN/get-parameter.log" && return
  # Not there is an answer too.
  grep -q ParameterNotFound "$RUN/get-parameter.log" && echo "$2"
}

# names_below TOPIC [LEAF]: the names for which there is a parameter TOPIC/<name>/LEAF, or TOPIC/<name>, one a line. Each
# becomes a part of a variable's name, so one that cannot ends the step.
names_below() {
  local names name
  is_read "$1/"
  [[ -f "$PARAMETERS" ]] || read_parameters
  names=$(awk -F '\t' -v topic="/beamstalk/$ENVIRONMENT/$1/" -v leaf="${2:-}" '
    index($1, topic) == 1 {
      depth = split(substr($1, length(topic) + 1), parts, "/")
      if (leaf == "" ? depth == 1 : depth == 2 && parts[2] == leaf) print parts[1]
    }
  ' "$PARAMETERS")
  for name in $names; do
    [[ "$name" =~ ^[A-Za-z0-9]([A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$ ]] ||
      fail "parameter /beamstalk/$ENVIRONMENT/$1/$name${2:+/$2} has a name that no variable can have"
    printf '%s\n' "$name"
  done
}

# secret ARN: the secret's text on standard output, which callers take into a variable or a file, never into arguments.
secret() {
  local text
  text=$(aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text) ||
    fail "secret $1 cannot be read"
  # What is printed for a secret that is bytes and no text.
  [[ "$text" != None ]] || fail "secret $1 holds no text"
  printf '%s\n' "$text"
}

# json_field NAME: the field of the JSON object on standard input, or nothing.
json_field() {
  python3 -I -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1], ""))' "$1"
}

# Percent-encodes standard input for a place in a URL.
url_encode() {
  python3 -I -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.stdin.read().rstrip("\n"), safe=""))'
}
