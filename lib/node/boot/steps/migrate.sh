#!/bin/bash
# Brings the schema to where the release of this node expects it, when nobody has: in an environment that is new, and where
# a fleet replaces its nodes to bring another release.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

# What was rolled out has been migrated by then, or was meant to do without. Where it comes by new nodes alone, as in a
# blue-green deployment, a third word says that they migrate it.
read -r deployed _ how <<< "$(parameter release/current '')"
if [[ -n "$deployed" && "$how" != migrate && "$(cat "$HOME_DIR/current/.uri" 2> /dev/null)" == "$deployed" ]]; then exit 0; fi
bash "$BOOT/files/bin/migrate.sh" current
