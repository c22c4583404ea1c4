#!/usr/bin/env bash
# Prints the folder of the local AWS engine, and installs it from PyPI first when it is not there. Needs Python with venv.
set -euo pipefail
cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk"
mkdir -p "$cache"
version=1.5.33
engine="$cache/ministack-$version"
if [[ ! -x "$engine/bin/ministack" ]]; then
  rm -rf "$engine"
  { python3 -m venv "$engine" && "$engine/bin/pip" install -q "ministack==$version"; } >&2 || { rm -rf "$engine"; exit 1; }
fi
echo "$engine"
