#!/bin/bash
# run-release.sh PROGRAM [ARGUMENT...]: runs bin/PROGRAM of the current release as its user and in its environment, for
# example `run-release.sh echo rpc 'Node.list()'` in a Systems Manager session. The environment may hold anything a secret
# says, PATH and LD_PRELOAD included: root only opens the file, and the user's own process reads it. BEAMSTALK_SLOT and
# BEAMSTALK_FOLDER name another release than the one that serves.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -euo pipefail

program="${1:?name of a program in bin}"
shift
[[ "$program" =~ $RELEASE_WORD ]] || {
  echo "beamstalk: ${program@Q} is no name of a program" >&2
  exit 2
}
command=(python3 -I "$BOOT/files/bin/in-environment.py" "${BEAMSTALK_FOLDER:-$HOME_DIR/current}/bin/$program" "$@")
exec 3< "$(environment_of "${BEAMSTALK_SLOT:-$(slot)}")"
if [[ -t 0 ]]; then
  # A terminal of its own: in root's, the release could type.
  exec runuser --pty -u beamstalk -- setpriv --no-new-privs -- "${command[@]}"
fi
RELEASE_SECONDS="${BEAMSTALK_RELEASE_SECONDS:-0}" as_release "${command[@]}"
