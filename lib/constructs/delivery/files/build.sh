#!/bin/bash
# Tests and builds the release in the current folder, by mix or by rebar3, and leaves it as one archive in `built`.
# What publishes it is another build with rights of its own: nothing that runs here can.
set -euo pipefail
tools="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"
# Files that the source has under this name are no release.
rm -rf built

# beside_database COMMAND...: runs tests with a PostgreSQL where there are some, by the names under which mix and rebar3 look for them.
beside_database() {
  local found
  found=$(find . \( -name deps -o -name _build -o -name node_modules \) -prune -o \
    -type f \( -name '*_test.exs' -o -name '*_tests.erl' -o -name '*_SUITE.erl' \) -print -quit)
  if [[ -n "$found" ]]; then bash "$tools/with-database.sh" "$@"; else "$@"; fi
}

if [[ -f mix.exs ]]; then
  # Hex comes by a list that its authors sign and Elixir checks:
  # https://github.com/elixir-lang/elixir/blob/v1.18.4/lib/mix/lib/mix/local.ex
  mix local.hex --force
  mix local.rebar --force rebar3 "$(command -v rebar3)"
  mix deps.get
  MIX_ENV='test' beside_database mix test
  if grep -q 'assets.deploy' mix.exs; then MIX_ENV=prod mix assets.deploy; fi
  MIX_ENV=prod mix release --overwrite
elif [[ -f rebar.config ]]; then
  beside_database bash -euc 'rebar3 eunit && rebar3 ct'
  rebar3 as prod release
  # A release that can be upgraded brings its relup from here on.
  if [[ -n "${UPGRADE_FROM:-}" ]]; then rebar3 as prod relup --upfrom "$UPGRADE_FROM"; fi
else
  echo 'neither mix.exs nor rebar.config is in the source' >&2
  exit 1
fi

releases=(_build/prod/rel/*/releases/start_erl.data)
if [[ ${#releases[@]} -ne 1 || ! -f "${releases[0]}" ]]; then
  echo "one release is expected below _build/prod/rel, not ${#releases[@]}: ${releases[*]}" >&2
  exit 1
fi
release="${releases[0]%/releases/start_erl.data}"
compgen -G "$release/erts-*/bin/beam.smp" > /dev/null || {
  echo "$release carries no Erlang runtime: set include_erts" >&2
  exit 1
}
name=$(basename "$release")
version=$(cut -d ' ' -f 2 "$release/releases/start_erl.data")
mkdir built
# Nodes take no hard links: each name is packed as a file of its own.
tar -czf "built/$name-$version.tar.gz" --hard-dereference --owner=0 --group=0 -C "$release" .
