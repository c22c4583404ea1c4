#!/bin/bash
# A node of a warm pool stops here until it is needed: what takes long is done, nothing serves, and nobody is told that
# the node is up. It is stopped then, and when it is started again `beamstalk-boot.service` boots it from the first step,
# with the release and the parameters of that day.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

# Says where the group wants the instance; without an answer the node is taken for one that is needed.
state=$(imds autoscaling/target-lifecycle-state || true)
if [[ "$state" == Warmed:* ]]; then
  install_unit beamstalk-boot.service "STACK=$STACK" "FLEET=$FLEET" "STATE=$STATE"
  systemctl daemon-reload
  systemctl enable --quiet beamstalk-boot.service
  touch "$STATE/warmed" "$RUN/held"
  complete_launch CONTINUE
else
  rm -f "$STATE/warmed"
fi
