#!/usr/bin/env bash
# The page of `beamstalk explore` in a real browser: its figures beside those of the commands, its accessibility, its size. Debian's
# Chromium is installed where none is found, as root; elsewhere it has to be there.
set -euo pipefail
cd "$(dirname "$0")/.."

CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z "$CHROMIUM" ]]; then
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get > /dev/null; then
    echo 'test-explore: needs chromium (the name is that of Debian)' >&2
    exit 2
  fi
  bash scripts/apt-install.sh chromium
  CHROMIUM=$(command -v chromium)
fi
export CHROMIUM

exec npx vitest run --project explore "$@"
