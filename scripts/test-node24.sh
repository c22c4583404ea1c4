#!/usr/bin/env bash
# Runs the quick tests on Node.js 24, wherever the machine's own is older.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/with-node24.sh node -p '`test:node24: ${process.version}`'
exec bash scripts/with-node24.sh node node_modules/vitest/vitest.mjs run --project quick "$@"
