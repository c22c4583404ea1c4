#!/bin/bash
# Blue-green: new nodes with the release come beside the old, which go when the new are well. The group replaces its own
# nodes and stays what the template says. When it fails, or an alarm calls, `release/current` says again what it said, and
# the nodes that came are replaced in turn. ENVIRONMENT, GROUPS_TO_REPLACE (names of Auto Scaling groups, spaces between),
# MAX_HEALTHY (per cent of a fleet that may exist at once, 101 to 200), ALARMS (names, commas between, or nothing), and the
# release: RELEASE_URI.
set -euo pipefail
[[ "${RELEASE_URI:-}" == s3://*/*.tar.gz ]] || { echo "RELEASE_URI is ${RELEASE_URI:-not set}; expected s3://<bucket>/<key>.tar.gz" >&2; exit 1; }
path="/beamstalk/$ENVIRONMENT/release"
pause="${PAUSE_SECONDS:-15}"

# refresh GROUP ALARMS: replaces every node of the group and waits for the end. Workers are protected from scaling in
# while they have a job; here they are replaced all the same, as the hook at their end lets jobs finish. Waiting for a
# fleet that is never idle would fail after an hour.
refresh() {
  local group="$1" alarms="$2" preferences id status
  preferences=$(python3 -I -c 'import json, sys
alarms = [name for name in sys.argv[2].split(",") if name]
print(json.dumps({"MinHealthyPercentage": 100, "MaxHealthyPercentage": int(sys.argv[1]), "SkipMatching": False,
                  "ScaleInProtectedInstances": "Refresh", **({"AlarmSpecification": {"Alarms": alarms}} if alarms else {})}))' \
    "$MAX_HEALTHY" "$alarms")
  id=$(aws autoscaling start-instance-refresh --auto-scaling-group-name "$group" --strategy Rolling \
    --preferences "$preferences" --query InstanceRefreshId --output text) || return 1
  while :; do
    read -r status reason < <(aws autoscaling describe-instance-refreshes --auto-scaling-group-name "$group" \
      --instance-refresh-ids "$id" --query 'InstanceRefreshes[0].[Status, StatusReason]' --output text)
    case "$status" in
      Successful) return 0 ;;
      Failed | Cancelled | RollbackFailed | RollbackSuccessful)
        echo "$group: $status: $reason" >&2
        return 1
        ;;
      # As text, a refresh that nobody knows is `None`.
      '' | None)
        echo "$group: nobody says how the refresh $id goes" >&2
        return 1
        ;;
    esac
    sleep "$pause"
  done
}

configured=$(aws ssm get-parameter --name "$path/uri" --query Parameter.Value --output text)
before=$(aws ssm get-parameters --names "$path/current" --query 'Parameters[0].Value' --output text)
say_current() {
  aws ssm put-parameter --type String --overwrite --name "$path/current" --value "$1" > /dev/null
  echo "$path/current is $1"
}

# No node runs the release yet on which its migration could run before: the new ones migrate as they boot.
say_current "$RELEASE_URI $configured migrate"
done_with=()
for group in $GROUPS_TO_REPLACE; do
  done_with+=("$group")
  if refresh "$group" "${ALARMS:-}"; then continue; fi
  echo 'going back'
  # `release/uri` alone decides where nothing had been deployed before.
  if [[ "$before" == None ]]; then say_current "$configured $configured"; else say_current "$before"; fi
  # Without alarms: they call already.
  for taken in "${done_with[@]}"; do refresh "$taken" '' || echo "$taken: some nodes may still run $RELEASE_URI" >&2; done
  exit 1
done
say_current "$RELEASE_URI $configured"
echo "all nodes run $RELEASE_URI"
