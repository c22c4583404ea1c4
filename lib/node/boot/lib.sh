# shellcheck shell=bash
# What every boot script shares: where things are, what the fleet and the instance are, and how a step fails.
# Sourced, never run. All files live below $BEAMSTALK_ROOT, which is empty on a node and a scratch folder in tests.

R="${BEAMSTALK_ROOT:-}"
BOOT="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"
HOME_DIR="$R/opt/beamstalk"
ETC="$R/etc/beamstalk"
STATE="$R/var/lib/beamstalk"
RUN="$R/run/beamstalk"
PARAMETERS="$RUN/parameters"
# Why this script ends, in a line. What it runs says it there too and nobody else: programs of a node are at work at the same time.
REASON="$RUN/reason" ANSWER="$RUN/answer"
if [[ "$0" == */files/bin/* ]]; then
  own=".$(basename -- "$0" .sh)"
  REASON+="$own" ANSWER+="$own"
fi
REASON="${BEAMSTALK_REASON:-$REASON}"
export BEAMSTALK_REASON="$REASON"

# shellcheck disable=SC1091 # generated per fleet by lib/node/boot-files.ts
source "$BOOT/node.conf"
# shellcheck source=os.sh
source "$BOOT/os.sh"
# shellcheck source=parameters.sh
source "$BOOT/parameters.sh"

export HOME="${HOME:-/root}" LC_ALL=C.UTF-8
export AWS_DEFAULT_REGION="$REGION" AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10
# shellcheck disable=SC2034 # for aws.sh
ENDPOINTS=$(< "$BOOT/endpoints")
# shellcheck source=aws.sh
source "$BOOT/aws.sh"

# The longest a step waits for something that another party has to do, and how often it looks, in seconds.
# shellcheck disable=SC2034 # for the steps
PATIENCE="${BEAMSTALK_PATIENCE_SECONDS:-480}"
PAUSE="${BEAMSTALK_PAUSE_SECONDS:-5}"

# The longest a release takes to answer its health check once it has started, and to stop, unless its role has another time for that.
HEALTH_SECONDS="${BEAMSTALK_HEALTH_SECONDS:-120}"
STOP_SECONDS=90
# The longest that a rollout on a box takes to go back (rollout.sh): the new release does not get well, stops, and the old one gets well;
# and a minute, assumed, for all that is done between.
# shellcheck disable=SC2034 # for databases.sh
WAY_BACK_SECONDS=$((2 * HEALTH_SECONDS + STOP_SECONDS + 60))

# plain TEXT: the text in printable ASCII, and not too long. Some of what is said comes from a release, and a console, a
# journal or somebody's terminal would obey what is among it.
plain() {
  local LC_ALL=C text="${1:0:2000}"
  printf '%s\n' "${text//[^[:print:]]/?}"
}

say() {
  local text
  text="beamstalk: $(plain "$*")"
  echo "$text" 2> /dev/null || true
  if [[ -z "$R" && -w /dev/console ]]; then { echo "$text" > /dev/console; } 2> /dev/null || true; fi
}

# Ends the step. The first line given is what the console and whoever looks for the cause will read.
fail() {
  mkdir -p "$RUN"
  plain "$*" > "$REASON"
  exit 1
}

# For failures that no step foresaw. BASH_COMMAND is the text before expansion: no secret is in it. Where a function
# handed a status on, the line that called it says more.
unforeseen() {
  local status=$? text="${BASH_COMMAND%%$'\n'*}"
  if [[ "$text" == return* ]]; then text=$(sed -n "${BASH_LINENO[0]}s/^ *//p" "${BASH_SOURCE[1]}"); fi
  [[ -s "$REASON" ]] || fail "\`$text\` ended with status $status (${BASH_SOURCE[1]##*/} line ${BASH_LINENO[0]})"
}

# Called first by every step.
begin_step() {
  set -Eeuo pipefail
  umask 022
  trap unforeseen ERR
  mkdir -p "$RUN" "$ETC" "$STATE" "$HOME_DIR"
}

# wait_for SECONDS COMMAND...: runs the command until it succeeds, for at most so many seconds.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= until)); then return 1; fi
    sleep "$PAUSE"
  done
}

# Instance metadata, version 2 only: imds PATH below /latest/meta-data.
imds() {
  local service="${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}" token
  service="${service%/}"
  token=$(curl -sf --max-time 5 --retry 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' \
    "$service/latest/api/token") || return 1
  # The token goes in by standard input: whoever may list processes could otherwise ask in the node's name.
  curl -sf --max-time 5 --retry 3 -H @- "$service/latest/meta-data/$1" <<< "X-aws-ec2-metadata-token: $token"
}

instance_id() {
  if [[ ! -s "$RUN/instance-id" ]]; then
    mkdir -p "$RUN"
    imds instance-id > "$RUN/instance-id.new" || fail 'instance metadata does not answer'
    mv "$RUN/instance-id.new" "$RUN/instance-id"
  fi
  cat "$RUN/instance-id"
}

# render TEMPLATE NAME=VALUE...: the template with @NAME@ replaced, on standard output. Not for secrets. A value is a part
# of a line: with a newline it would bring lines of its own.
render() {
  local text pair
  text=$(< "$1")
  shift
  for pair in "$@"; do
    [[ "$pair" != *[[:cntrl:]]* ]] || fail "${pair%%=*} holds a control character"
    text="${text//"@${pair%%=*}@"/"${pair#*=}"}"
  done
  printf '%s\n' "$text"
}

# root_only FOLDER: whether nobody but who runs this may change what the path leads to: the folder and all above it are
# his, and writable to nobody else. Below any other folder a path may lead elsewhere by the time it is used.
root_only() {
  local top folder found folders owner group mode
  top=$(realpath -m -- "$R/") && folders=("$top") && folder=$(realpath -s -- "$1") && found=$(realpath -e -- "$1") || return 1
  for folder in "$folder" "$found"; do
    while [[ "$folder" != "$top" && "$folder" != / ]]; do
      folders+=("$folder")
      folder=$(dirname -- "$folder")
    done
  done
  found=$(stat -L -c '%u %g %a' -- "${folders[@]}") || return 1
  while read -r owner group mode; do
    if ((owner != EUID || (0$mode & 02) != 0)); then return 1; fi
    if (((0$mode & 020) != 0 && group != GROUPS[0])); then return 1; fi
  done <<< "$found"
}

# put MODE OWNER PATH: standard input becomes the file, at once and never half written; readable to its owner only until
# mode and owner are right. What stood at the path is replaced, never followed.
put() {
  local folder above new
  folder=$(dirname -- "$3")
  above="$folder"
  while [[ ! -e "$above" ]]; do above=$(dirname -- "$above"); done
  root_only "$above" || fail "$3 is not written: others may write to $above"
  mkdir -p -- "$folder"
  new=$(mktemp -- "$folder/.new.XXXXXXXXXX")
  if cat > "$new" && chown -h "$2" "$new" && chmod "$1" "$new" && mv -fT -- "$new" "$3"; then return; fi
  rm -f -- "$new"
  fail "$3 cannot be written"
}

# as_release COMMAND...: runs a command as the release's user, for all that is done in folders of his. Without root's
# terminal, into which he could otherwise type, and without a way back to what root may do. For at most RELEASE_SECONDS (0:
# for ever), because he may stop what runs as himself; root's `timeout` is its parent, so that the session of its own does
# not take it out of reach.
as_release() {
  # Not root's turn either, which whoever is left behind would keep.
  timeout --signal=KILL "${RELEASE_SECONDS:-300}" setsid --wait setpriv --reuid=beamstalk --regid=beamstalk --init-groups \
    --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@" 9>&-
}

# take_turn SECONDS: root's turn to change which release runs, kept until this script ends; waits so long for whoever has it.
# Readable to root alone: whoever may open a file may lock it.
take_turn() {
  (umask 077 && : >> "$RUN/rollout.lock")
  chmod 0600 "$RUN/rollout.lock"
  exec 9> "$RUN/rollout.lock"
  flock --wait "$1" 9
}

# to_answer COMMAND...: runs what runs code of a release, and leaves what it says in the file ANSWER, at most 128 MiB: the
# limit holds for every file that it writes, and the JIT of a BEAM begins with one of 64 MiB in memory (OTP 27, measured
# 2026-11-29). Not in a pipe: a process that is left behind would hold it open, and whoever reads it would wait for that.
to_answer() {
  rm -f -- "$ANSWER"
  (ulimit -f 131072 && "$@") < /dev/null > "$ANSWER" 2>&1
}

# end_tree PROCESS: ends a process, and all that it has started.
end_tree() {
  local below child
  below=$(cat "/proc/$1/task/$1/children" 2> /dev/null) || below=''
  kill -KILL "$1" 2> /dev/null || true
  for child in $below; do end_tree "$child"; done
}

# own_file PATH: whether it is a file of whoever runs this, and no link to one.
own_file() { [[ -f "$1" && ! -L "$1" && -O "$1" ]]; }

# Names and versions of releases: nothing that a path, a unit or an expression could take for more than a word.
RELEASE_WORD='^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$'

# start_script RELEASE DESCRIPTIONS: the <name> for which there is a <name>.rel among the descriptions and a bin/<name> in
# the release, or nothing.
start_script() {
  local candidate name=''
  for candidate in "$2"/*.rel; do
    candidate="${candidate##*/}"
    candidate="${candidate%.rel}"
    if [[ "$candidate" =~ $RELEASE_WORD && -x "$1/bin/$candidate" ]]; then name="$candidate"; fi
  done
  printf '%s' "$name"
}

# A machine has two places for a release, so that on a box a new one can stand beside the old: `slot` says which of them
# serves, 1 or 2. Only a box ever uses the second one.
slot() {
  local number=''
  if [[ -f "$STATE/slot" ]]; then number=$(< "$STATE/slot"); fi
  if [[ "$number" == 2 ]]; then echo 2; else echo 1; fi
}
# of_slot SLOT FIRST SECOND
of_slot() { if [[ "$1" == 2 ]]; then echo "$3"; else echo "$2"; fi; }
unit_of() { of_slot "$1" beamstalk.service beamstalk-2.service; }
# shellcheck disable=SC2153 # node.conf
port_of() { of_slot "$1" "$APP_PORT" "$SECOND_APP_PORT"; }
environment_of() { of_slot "$1" "$ETC/release.env" "$ETC/release-2.env"; }

# install_unit FILE [NAME=VALUE...]: a systemd unit from files/systemd.
install_unit() {
  local unit="$1"
  shift
  render "$BOOT/files/systemd/$unit" "BOOT=$BOOT" "$@" | put 0644 root:root "$R/etc/systemd/system/$unit"
}

# limit_unit UNIT: the connection budget's open files for a service.
limit_unit() {
  put 0644 root:root "$R/etc/systemd/system/$1.d/limits.conf" < "$BOOT/limits.conf"
}

# Puts an installed service in its newest form, also when an earlier run of the boot has started it.
start_unit() {
  systemctl daemon-reload
  systemctl enable --quiet "$@"
  systemctl restart "$@"
}

# Whether a URL answers with a success.
answers() {
  curl -sf --max-time 5 -o /dev/null "$@"
}

# signal STATUS: what CloudFormation is told about this node. A deployment that does not hear of it is rolled back, so a
# node that serves is not ended for it.
signal() {
  signal_stack "$STACK" "$FLEET" "$(instance_id)" "$1" || say "the signal $1 is lost"
}

# Name of the Auto Scaling group that this instance belongs to. Fails while nobody says it.
group_name() {
  local instance name
  instance=$(instance_id) || return 1
  name=$(aws ec2 describe-instances --instance-ids "$instance" --output text \
    --query "Reservations[0].Instances[0].Tags[?Key=='aws:autoscaling:groupName'].Value | [0]") || return
  # As text, nothing is `None`.
  if [[ -z "$name" || "$name" == None ]]; then
    echo "beamstalk: $instance is of no group, as far as its tags say" >&2
    return 1
  fi
  printf '%s\n' "$name"
}

# connections_to PORT...: established connections that came in on any of the ports.
connections_to() {
  local filter='' port
  for port in "$@"; do filter="${filter:+$filter or }sport = :$port"; done
  ss -Htn state established "( $filter )" | wc -l
}

# Connections that users have to this node, health checks of the load balancer among them.
connections() {
  if [[ "$ROLE" == web ]]; then
    connections_to 80 443
  else
    connections_to "$(port_of "$(slot)")" "$TLS_PORT"
  fi
}

# complete_launch CONTINUE|ABANDON: lets the group go on with an instance that its hook `boot` holds back. A group has that
# hook while it has a warm pool, and loses it only after its nodes have rolled: each of them asks, whatever its steps.
# `launch` is what the hook was called that a group of an earlier version keeps until the update is over.
complete_launch() {
  local group instance hook
  [[ "$ROLE" == app ]] || return 0
  if ! group=$(group_name) || ! instance=$(instance_id); then
    say "nobody says which group this is, so it does not hear of the end of the launch ($1)"
    return 0
  fi
  for hook in boot launch; do
    aws autoscaling complete-lifecycle-action --lifecycle-hook-name "$hook" --lifecycle-action-result "$1" \
      --auto-scaling-group-name "$group" --instance-id "$instance" 2> "$RUN/complete-launch.log" && continue
    # Nobody waits where there is no such hook, nor when the boot runs again.
    grep -qi 'no active lifecycle action' "$RUN/complete-launch.log" ||
      say "the group did not take the end of the launch ($hook $1): $(tail -n 1 "$RUN/complete-launch.log")"
  done
}
