#!/bin/bash
# The CloudWatch agent: memory, disk and connection tracking of this node, and its logs. A node that
# serves is worth more than its reports: what fails here is said and does not end the boot.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

if ! install_cloudwatch_agent; then
  say 'the CloudWatch agent cannot be installed: this node reports neither its memory nor its log'
  exit 0
fi
# reachable SERVICE: `<name> <kind>` of the endpoint for the agent, which would try one alone. When none answers now, the
# first: the agent keeps trying.
reachable() {
  local found
  if found=$(endpoint_of "$1"); then
    echo "$found"
  else
    shout "$1 cannot be reached: $found"
    awk -v service="$1" '$1 == service { print $2, $3; exit }' <<< "$ENDPOINTS"
  fi
}
metrics=$(reachable cloudwatch)
logs=$(reachable logs)
ec2=$(reachable ec2)
dual_stack=false
if [[ "$ec2" == *' dual-stack' ]]; then dual_stack=true; fi
config="$ETC/cloudwatch-agent.json"
group=$(parameter_like log-group "logs/$ROLE" '')
render "$BOOT/cloudwatch-agent.json" "LOG_GROUP=$group" "METRICS_ENDPOINT=${metrics% *}" "LOGS_ENDPOINT=${logs% *}" \
  "DUAL_STACK=$dual_stack" | put 0644 root:root "$config"
"$R/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$config" ||
  say 'the CloudWatch agent does not start: this node reports neither its memory nor its log'
