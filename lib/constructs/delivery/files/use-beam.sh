#!/bin/bash
# Erlang/OTP, Elixir and rebar3 for the build: the toolchain at TOOLCHAIN_URI, which is the one that was made for this run
# only with the checksum TOOLCHAIN_SHA256; where none was made, Debian's packages, which apt checks. It is the C library of the build that
# decides where a release can run.
set -euo pipefail
beam="${BEAM_HOME:-/opt/beam}"
bin="${BIN:-/usr/local/bin}"

if [[ -z "${TOOLCHAIN_URI:-}" ]]; then
  DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends erlang-base erlang-dev erlang-nox elixir rebar3
  exit 0
fi
archive=$(mktemp)
trap 'rm -f "$archive"' EXIT
aws s3 cp --only-show-errors "$TOOLCHAIN_URI" "$archive"
sha256sum --check --status <<< "$TOOLCHAIN_SHA256  $archive" || {
  echo "$TOOLCHAIN_URI is not the toolchain that was made for this run: its checksum is not $TOOLCHAIN_SHA256" >&2
  exit 1
}
mkdir -p "$beam" "$bin"
tar -xzf "$archive" -C "$beam"
ln -sf "$beam"/bin/* "$bin/"
