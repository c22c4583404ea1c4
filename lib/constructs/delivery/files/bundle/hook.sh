#!/bin/bash
# Hands over to the node's own script. CodeDeploy says in LIFECYCLE_EVENT which hook this is; `release` holds the address of
# the release and, on a second line, the mode.
set -euo pipefail
{ read -r release && read -r mode; } < "${BASH_SOURCE[0]%/*}/release"
exec bash "${BEAMSTALK_ROOT:-}/opt/beamstalk/boot/files/bin/deploy.sh" "$LIFECYCLE_EVENT" "$release" "$mode"
