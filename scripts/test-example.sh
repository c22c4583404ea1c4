#!/usr/bin/env bash
# Builds examples/counter in Debian 13 under chroot (formatting, warnings as errors, its own tests, `mix release`), and runs the
# release against PostgreSQL 17 with TLS, Valkey with TLS and a password, a local engine for S3 and SQS, and an instance
# metadata service. Nothing leaves the machine: all of it lives in mount, network and process namespaces of its own.
#
# Needs Debian or Ubuntu, root, and package servers on the first run. What takes long is kept below
# ${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk; remove that folder to start from nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $(id -u) -eq 0 ]] || { echo 'test-example: needs root for chroot, mounts and namespaces' >&2; exit 2; }
cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk"
mkdir -p "$cache"

if ! command -v debootstrap > /dev/null; then
  bash scripts/apt-install.sh debootstrap
fi
root=$(bash scripts/debian-root.sh)

# The tests start it.
bash scripts/local-engine.sh > /dev/null

# Valkey is on no node, so it is no part of that root: what its package adds lies above it.
layer="$cache/valkey-${root##*-}"
if [[ ! -d "$layer" ]]; then
  find "$cache" -maxdepth 1 -name 'valkey-*' -mmin +1440 -exec rm -rf --one-file-system {} +
  rm -rf --one-file-system "$layer.new"
  bash test/example/make-layer.sh "$root" "$layer.new" > "$cache/make-layer.log" 2>&1 || {
    tail -n 20 "$cache/make-layer.log" >&2
    exit 1
  }
  mv "$layer.new" "$layer"
fi

work=$(mktemp -d)
gate=''
cleanup() {
  # Ends every process and every mount of the gate: the first process of its namespaces dies with the one that made it.
  if [[ -n "$gate" ]]; then
    kill -9 "$gate" 2> /dev/null || true
    wait "$gate" 2> /dev/null || true
  fi
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, so that an interruption is acted on at once.
unshare --mount --net --pid --fork --kill-child --mount-proc bash test/example/run.sh "$root" "$layer" "$work" "$@" &
gate=$!
wait "$gate"
