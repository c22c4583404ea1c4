#!/bin/bash
# migrate.sh LINK: runs bin/migrate of the release `current` or `next`, as its user and in the environment that it will have,
# before it serves. Meanwhile a session holds a lock in each database that the environment names: of many nodes the first
# migrates, and the others find it done. When it fails, nothing of the node has changed.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

link="${1:?current or next}"
next=$(readlink -f "$HOME_DIR/$link")
if [[ ! -x "$next/bin/migrate" ]]; then
  say "$(basename "$next") has no bin/migrate: no migration"
  exit 0
fi
# The files of the slot that does not serve: whatever starts the release that does must find its own.
free=$((3 - $(slot)))
BEAMSTALK_SLOT="$free" BEAMSTALK_LINK="$link" BEAMSTALK_START=environment bash "$BOOT/steps/release.sh"
type -P psql > /dev/null || install_postgres_client || fail 'the client of PostgreSQL cannot be installed'

say "migrations of $(basename "$next")"
began=$SECONDS status=0
# shellcheck disable=SC2094 # the release's user reads the one, root writes the other
seconds="${BEAMSTALK_MIGRATION_SECONDS:-1800}"
# The program's own time ends first, with the lock held.
RELEASE_SECONDS="$((seconds + 700))" to_answer as_release python3 -I "$BOOT/files/bin/in-environment.py" \
  /usr/bin/python3 -I "$BOOT/files/bin/migrate.py" "$next/bin/migrate" "$seconds" 3< "$(environment_of "$free")" || status=$?
while IFS= read -r line; do say "  $line"; done < <(tail -n 20 "$ANSWER" | tr -d '\0')
if ((status != 0)); then fail "the migration of $(basename "$next") failed with status $status after $((SECONDS - began)) s"; fi
say "migrated in $((SECONDS - began)) s"
