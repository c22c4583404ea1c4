#!/usr/bin/env bash
# apt-install.sh PACKAGE...: installs packages of Debian or Ubuntu, one caller at a time: gates run side by side, and apt-get
# does not wait for another one.
set -euo pipefail
exec 8> "${TMPDIR:-/tmp}/beamstalk-apt.lock"
flock 8
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends "$@" > /dev/null
