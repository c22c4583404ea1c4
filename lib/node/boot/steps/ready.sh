#!/bin/bash
# Waits until the node answers, then tells CloudFormation, which holds a deployment back until it hears.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
# shellcheck source=../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../lifecycle.sh"
begin_step

# A web node is well when its nginx is: whether the application behind it answers is for the application's own check.
# Otherwise one bad release of the application would take the web fleet down with it. A mover has nobody to answer to.
if [[ "$ROLE" != web && "$ROLE" != mover ]]; then
  url="http://127.0.0.1:$(port_of "$(slot)")$HEALTH_PATH"
  wait_for "$PATIENCE" answers "$url" || fail "the release does not answer $url after $PATIENCE s"
fi
if [[ "$ROLE" == web || "$ROLE" == box ]]; then
  url='http://127.0.0.1/proxy-health'
  wait_for "$PATIENCE" answers "$url" || fail "nginx does not answer $url after $PATIENCE s"
fi
# From now on a rollout may come, after a restart of the machine too: user data is run once.
touch "$STATE/booted"
tell_deployments yes
signal SUCCESS
complete_launch CONTINUE
