#!/bin/bash
# release-name.sh: prints the name of the release that serves, which is the name of its start script in bin; nothing when
# there is no release yet.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -euo pipefail

current=$(readlink -f "$HOME_DIR/current")
[[ -f "$current/releases/start_erl.data" ]] || exit 0
version=$(cut -d ' ' -f 2 "$current/releases/start_erl.data")
[[ "$version" =~ $RELEASE_WORD ]] || exit 0
start_script "$current" "$current/releases/$version"
echo
