#!/bin/bash
# Installs the watch that lets connections go before Auto Scaling ends the instance.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

install_unit beamstalk-drain.service
start_unit beamstalk-drain.service
