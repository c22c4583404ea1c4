#!/bin/bash
# Tests and builds the release in the current folder, by mix or by rebar3, uploads it with its checksum, and leaves in
# `bundle` what CodeDeploy brings to the nodes. RELEASES is the bucket, MODE how nodes take the release, BUILD a number
# that no other build has: what was uploaded once is never overwritten, because nodes may still have to boot it.
set -euo pipefail
tools="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"

if [[ -f mix.exs ]]; then
  mix local.hex --force
  mix local.rebar --force
  mix deps.get
  MIX_ENV='test' mix test
  if grep -q 'assets.deploy' mix.exs; then MIX_ENV=prod mix assets.deploy; fi
  MIX_ENV=prod mix release --overwrite
elif [[ -f rebar.config ]]; then
  rebar3 eunit
  rebar3 ct
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
archive="$name-$version.tar.gz"
# shellcheck disable=SC2153 # the bucket, from the environment
uri="s3://$RELEASES/releases/$BUILD/$archive"
tar -czf "$archive" --hard-dereference --owner=0 --group=0 -C "$release" .
sha256sum "$archive" > "$archive.sha256"
# The checksum first: whoever finds the release finds it too.
aws s3 cp --only-show-errors "$archive.sha256" "$uri.sha256"
aws s3 cp --only-show-errors "$archive" "$uri"

mkdir -p bundle
cp "$tools/bundle/appspec.yml" "$tools/bundle/hook.sh" bundle/
printf '%s\n%s\n' "$uri" "$MODE" > bundle/release
echo "release $uri"
