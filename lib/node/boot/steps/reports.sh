#!/bin/bash
# The CloudWatch agent: memory, disk and connection tracking of this node, and the journal of the release. A node that
# serves is worth more than its reports: what fails here is said and does not end the boot.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

if ! install_cloudwatch_agent; then
  say 'the CloudWatch agent cannot be installed: this node reports neither its memory nor its log'
  exit 0
fi
config="$ETC/cloudwatch-agent.json"
group=$(parameter_like log-group "logs/$ROLE" '')
render "$BOOT/cloudwatch-agent.json" "LOG_GROUP=$group" | put 0644 root:root "$config"
"$R/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$config" ||
  say 'the CloudWatch agent does not start: this node reports neither its memory nor its log'
