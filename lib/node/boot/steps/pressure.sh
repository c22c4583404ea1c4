#!/bin/bash
# Installs the watch that learns whether low-priority work is to be turned away, and asks a first time.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

install_unit beamstalk-pressure.service
install_unit beamstalk-pressure.timer
bash "$BOOT/files/bin/pressure.sh"
start_unit beamstalk-pressure.timer
