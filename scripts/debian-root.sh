#!/usr/bin/env bash
# Prints the folder of a Debian 13 root with all that a node installs, and makes it first when it is not there or when what
# goes into it has changed: about two minutes. Needs Debian or Ubuntu, and root.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk"
mkdir -p "$cache"

# The packages of a node come by the node's own os.sh.
recipe=$(cat test/boot/make-root.sh lib/node/boot/os.sh | sha256sum | cut -c 1-16)
root="$cache/debian-13-$recipe"
exec 8> "$cache/make-root.lock"
flock 8
# Another clone may be at work in a root of its own.
find "$cache" -maxdepth 1 -name 'debian-13-*' ! -path "$root" -mmin +1440 -exec rm -rf --one-file-system {} +
if [[ -d "$root" ]]; then
  touch "$root"
else
  rm -rf --one-file-system "$root.new"
  echo 'making a Debian 13 root (about two minutes)' >&2
  if ! bash test/boot/make-root.sh "$root.new" > "$cache/make-root.log" 2>&1 8>&-; then
    tail -n 20 "$cache/make-root.log" >&2
    exit 1
  fi
  mv "$root.new" "$root"
fi
echo "$root"
