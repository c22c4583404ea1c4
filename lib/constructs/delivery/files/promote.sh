#!/bin/bash
# A deployment has succeeded: from now on nodes that boot take what it brought, and nodes that booted while it went on, and
# so took what was before, are replaced one after the other. Those that are about to end are left to it, and those of a warm
# pool boot when they are needed. ENVIRONMENT, DEPLOYMENT_ID, GROUP (the fleet's Auto Scaling
# group).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

read -r bucket key version < <(aws deploy get-deployment --deployment-id "$DEPLOYMENT_ID" --output text \
  --query 'deploymentInfo.revision.s3Location.[bucket, key, version]')
object=(--bucket "$bucket" --key "$key")
if [[ -n "$version" && "$version" != None ]]; then object+=(--version-id "$version"); fi
aws s3api get-object "${object[@]}" "$work/bundle.zip" > /dev/null
python3 -I -m zipfile -e "$work/bundle.zip" "$work/bundle"
release=$(head -n 1 "$work/bundle/release")
# Nodes and later deployments read it by words.
[[ "$release" =~ ^s3://[a-z0-9.-]+/[A-Za-z0-9._/+-]+\.tar\.gz$ ]] || { echo "deployment $DEPLOYMENT_ID names no release: $release" >&2; exit 1; }

path="/beamstalk/$ENVIRONMENT/release"
configured=$(aws ssm get-parameter --name "$path/uri" --query Parameter.Value --output text)
aws ssm put-parameter --type String --overwrite --name "$path/current" --value "$release $configured" > /dev/null
echo "$path/current is $release"

deployed=$(aws deploy list-deployment-targets --deployment-id "$DEPLOYMENT_ID" --query targetIds --output text)
nodes=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$GROUP" --output text \
  --query "AutoScalingGroups[0].Instances[?starts_with(LifecycleState, 'InService') || starts_with(LifecycleState, 'Pending')].InstanceId")
for node in $nodes; do
  # As text, a group that nobody knows has these.
  if [[ "$node" == None ]]; then continue; fi
  if [[ " $(tr '\t\n' '  ' <<< "$deployed") " == *" $node "* ]]; then continue; fi
  echo "$node booted while the deployment went on: it is replaced"
  aws autoscaling set-instance-health --instance-id "$node" --health-status Unhealthy --no-should-respect-grace-period ||
    echo "$node could not be replaced: it may be gone already"
  sleep "${PAUSE_SECONDS:-300}"
done

# Whoever put a node in standby decides about it: it serves nobody now, and would serve the release of before.
aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$GROUP" --output text \
  --query "AutoScalingGroups[0].Instances[?LifecycleState=='Standby'].InstanceId" | tr '\t' '\n' |
  while read -r node; do
    if [[ -z "$node" || "$node" == None ]]; then continue; fi
    echo "$node is in standby and runs the release of before: end it, or deploy again when it is back in service"
  done
