#!/bin/bash
# Starts the release anew when the database login of its boot is no longer the current one. A password lasts until the
# change after the next, so a look a day is in time; what users notice is the seconds of a restart, at night.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../lifecycle.sh
source "${BASH_SOURCE[0]%/*}/../../lifecycle.sh"
begin_step

environment=$(environment_of "$(slot)")
# The environment may say of it what the application wants.
arn=$(parameter_like secret database/application-secret '')
[[ -n "$arn" ]] || exit 0
# A database on the box itself has a password that nobody changes.
grep -qxF "DATABASE_SECRET_ARN=\"$arn\"" "$environment" || exit 0
credentials=$(secret "$arn")
user=$(json_field username <<< "$credentials" | url_encode)
password=$(json_field password <<< "$credentials" | url_encode)
# A rollout starts a release with the login of the hour anyway.
take_turn 0 || exit 0
# Once the node is to end its release has been stopped, or will be, and is not to start again.
if [[ "$(target_state 2> /dev/null)" == Terminated ]]; then exit 0; fi
# By standard input: the password is in no argument list.
if grep -qF -f - "$environment" <<< "://$user:$password@"; then exit 0; fi
say "the database login is $user now: the release starts anew"
exec bash "$BOOT/steps/release.sh"
