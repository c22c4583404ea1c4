#!/bin/bash
# Keeps the database login of the box right when its password changes: a fleet replaces its nodes within the life of a
# password, a box of one would be away for minutes.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

install_unit beamstalk-credentials.service
install_unit beamstalk-credentials.timer
systemctl daemon-reload
systemctl enable --quiet --now beamstalk-credentials.timer
