#!/bin/bash
# run-release.sh PROGRAM [ARGUMENT...]: runs bin/PROGRAM of the current release as its user and in its environment, for
# example `run-release.sh echo rpc 'Node.list()'` in a Systems Manager session.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -euo pipefail

program="${1:?name of a program in bin}"
shift
set -a
# shellcheck disable=SC1091 # written by the step release, in quotes that bash and systemd read alike
source "$ETC/release.env"
set +a
cd "$HOME"
exec runuser -u beamstalk -- env "HOME=$HOME" "$HOME_DIR/current/bin/$program" "$@"
