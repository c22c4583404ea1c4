#!/bin/bash
# Programs with which this machine moves data between databases: Node.js, and PostgreSQL's own of the version that the databases
# have. What starts a move is files/bin/move.sh, by Run Command.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

[[ -s "$BOOT/move.cjs" ]] || fail 'the boot bundle has no move.cjs'
install_mover || fail 'Node.js and the client of PostgreSQL cannot be installed'
