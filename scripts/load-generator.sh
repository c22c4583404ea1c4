#!/usr/bin/env bash
# Prints the path of Locust, which `beamstalk boundary` drives, and installs it from PyPI into the cache folder first when it is
# not there. Needs Python with venv.
set -euo pipefail
cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk"
mkdir -p "$cache"
version=2.47.0 websocket_client=1.9.2
folder="$cache/locust-$version"
if [[ ! -x "$folder/bin/locust" ]]; then
  rm -rf "$folder"
  { python3 -m venv "$folder" && "$folder/bin/pip" install -q "locust==$version" "websocket-client==$websocket_client"; } >&2 ||
    { rm -rf "$folder"; exit 1; }
fi
echo "$folder/bin/locust"
