#!/bin/bash
# CodeDeploy's agent, by which releases reach this node while it runs.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

install_codedeploy_agent || fail 'the CodeDeploy agent cannot be installed'
start_unit codedeploy-agent.service
