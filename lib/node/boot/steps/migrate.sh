#!/bin/bash
# Brings the schema to where the release of this node expects it, when nobody has: in an environment that is new, and where
# a fleet replaces its nodes to bring another release.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

bash "$BOOT/files/bin/migrate.sh" current
