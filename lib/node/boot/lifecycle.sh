# shellcheck shell=bash
# Where Auto Scaling wants this instance to be, and what deployments are told of it. Sourced after lib.sh.

# target_state: InService, Terminated, Standby, Detached, or Warmed:Stopped and its like. It says where the instance is
# going: `Terminated` from the moment it is to end, while hooks still hold it back in Terminating:Wait.
# Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
# (2026-11-29)
target_state() {
  imds autoscaling/target-lifecycle-state
}

# tell_deployments yes|no: the tag by which CodeDeploy finds nodes. Only those in service bear it with `yes`: CodeDeploy
# knows no lifecycle states, and deploys to any node that it finds.
tell_deployments() {
  [[ " $STEPS " == *' agent '* ]] || return 0
  aws ec2 create-tags --resources "$(instance_id)" --tags "Key=beamstalk:in-service,Value=$1" ||
    shout "the tag beamstalk:in-service could not be set to $1: deployments go by what it was"
}
