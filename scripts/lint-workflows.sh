#!/usr/bin/env bash
# Checks the workflows of this repository, and those that docs/ hands to users, with actionlint: syntax, expressions,
# contexts, text of others in scripts, and the scripts themselves where shellcheck is installed. Needs Go on the first run;
# the program is kept below ${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk.
set -euo pipefail
cd "$(dirname "$0")/.."
(($# == 0)) || { echo "lint-workflows: takes no arguments, and was given $*: it checks all workflows" >&2; exit 2; }

version=1.7.12
folder="${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk/actionlint-$version"
if [[ ! -x "$folder/actionlint" ]]; then
  command -v go > /dev/null || { echo 'lint-workflows: needs Go, which builds actionlint' >&2; exit 2; }
  echo "building actionlint $version into the cache folder"
  GOBIN="$folder" go install "github.com/rhysd/actionlint/cmd/actionlint@v$version"
fi

# A linter that finds nothing here did not run.
found=$("$folder/actionlint" -oneline scripts/lint/known-bad.workflow.yml || true)
[[ "$found" == *'is potentially untrusted'* ]] || { echo "actionlint does not find what is wrong in the known-bad workflow: $found" >&2; exit 1; }
files=(.github/workflows/*.yml docs/examples/*.yml)
"$folder/actionlint" "${files[@]}"
echo "actionlint $version: nothing to say about ${#files[@]} workflows"
