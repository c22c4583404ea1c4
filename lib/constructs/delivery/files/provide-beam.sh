#!/bin/bash
# provide-beam.sh ANSWER: Erlang/OTP, Elixir and rebar3 for builds on Amazon Linux 2023, which has no packages of them
# (assumed; no list of its packages names them). Made from source once, in the versions that `.tool-versions` of the
# source names, each download checked against a checksum that was known before, and kept in the bucket TOOLCHAINS, where
# builds that run the source may read and not write. ANSWER gets one line: checksum and s3:// address of the archive.
set -euo pipefail
answer="${1:?file for the answer}"
tools="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"
beam="${BEAM_HOME:-/opt/beam}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
refuse() {
  echo "$*" >&2
  exit 1
}

# version TOOL DEFAULT: what it says becomes part of addresses and paths.
version() {
  local found=''
  if [[ -f .tool-versions ]]; then found=$(awk -v tool="$1" '$1 == tool { print $2; exit }' .tool-versions); fi
  found="${found:-$2}"
  [[ "$found" =~ ^[0-9]+(\.[0-9]+){1,4}(-rc\.?[0-9]+)?(-otp-[0-9]+)?$ ]] ||
    refuse "$(printf '.tool-versions: %s: received %q; allowed: a version such as %s' "$1" "$found" "$2")"
  echo "$found"
}
otp=$(version erlang 27.3.4)
elixir=$(version elixir 1.18.4)
elixir="${elixir%-otp-*}"
rebar=$(version rebar 3.25.1)

# sum_of FILE: its checksum, from the list beside this script or from the source's own.
sum_of() {
  local sums
  sums=$(cat "$tools/toolchains.sums" .tool-checksums 2> /dev/null | awk -v file="$1" '$2 == file { print $1 }' | sort -u)
  [[ "$sums" =~ ^([0-9a-f]{64}|[0-9a-f]{128})$ ]] ||
    refuse "no one checksum is known of $1: add \`<sha256 or sha512>  $1\` to .tool-checksums of the source"
  echo "$sums"
}
otp_file="otp_src_$otp.tar.gz"
elixir_file="elixir-$elixir-otp-${otp%%.*}.zip"
rebar_file="rebar3-$rebar"
otp_sum=$(sum_of "$otp_file")
elixir_sum=$(sum_of "$elixir_file")
rebar_sum=$(sum_of "$rebar_file")

# Another way to make it, or another checksum, is another toolchain.
recipe=$({ cat "${BASH_SOURCE[0]}" && echo "$otp_sum $elixir_sum $rebar_sum"; } | sha256sum | cut -c 1-16)
kept="toolchains/otp-$otp-elixir-$elixir-rebar-$rebar-$(uname -m)-$recipe"

# The line is written last and once, so it never names an archive that is not whole.
known() {
  if aws s3api get-object --bucket "$TOOLCHAINS" --key "$kept.line" "$work/line" > /dev/null 2> "$work/log"; then
    cp "$work/line" "$answer"
    echo "toolchain $(cat "$answer")"
    exit 0
  fi
  # S3 answers so for what is not there to whoever may not list the bucket. Any other error is not absence.
  grep -qE '\((NoSuchKey|AccessDenied|403|404)\)' "$work/log" || refuse "s3://$TOOLCHAINS/$kept.line: $(tail -n 1 "$work/log")"
}
known

# fetch FILE SUM ADDRESS
fetch() {
  local program=sha256sum
  if ((${#2} == 128)); then program=sha512sum; fi
  curl -sfL --proto '=https' --retry 5 -o "$work/$1" "$3" || refuse "$3 cannot be downloaded"
  "$program" --check --status <<< "$2  $work/$1" ||
    refuse "$3 has another checksum than the one that is known: $("$program" "$work/$1" | cut -d ' ' -f 1) instead of $2"
}
fetch "$otp_file" "$otp_sum" "https://github.com/erlang/otp/releases/download/OTP-$otp/$otp_file"
fetch "$elixir_file" "$elixir_sum" \
  "https://github.com/elixir-lang/elixir/releases/download/v$elixir/elixir-otp-${otp%%.*}.zip"
fetch "$rebar_file" "$rebar_sum" "https://github.com/erlang/rebar3/releases/download/$rebar/rebar3"

rm -rf "$beam"
mkdir -p "$beam/bin" "$beam/elixir"
dnf install -yq gcc gcc-c++ make openssl-devel ncurses-devel perl tar gzip unzip
tar -xzf "$work/$otp_file" -C "$work" --no-same-owner
(cd "$work/otp_src_$otp" && ./configure --prefix="$beam/otp" --without-javac --without-wx --without-odbc &&
  make -j "$(nproc)" && make install) > "$work/otp.log" 2>&1 || { tail -n 30 "$work/otp.log"; exit 1; }
(cd / && python3 -I -m zipfile -e "$work/$elixir_file" "$beam/elixir")
chmod +x "$beam/elixir"/bin/*
install -m 0755 "$work/$rebar_file" "$beam/bin/rebar3"
ln -sf "$beam/otp"/bin/* "$beam/elixir"/bin/{mix,elixir,elixirc,iex} "$beam/bin/"

archive="$kept-${CODEBUILD_BUILD_NUMBER:-0}.tar.gz"
tar -czf "$work/beam.tar.gz" -C "$beam" .
aws s3api put-object --bucket "$TOOLCHAINS" --key "$archive" --body "$work/beam.tar.gz" --if-none-match '*' > /dev/null
echo "$(sha256sum "$work/beam.tar.gz" | cut -d ' ' -f 1) s3://$TOOLCHAINS/$archive" > "$work/new-line"
aws s3api put-object --bucket "$TOOLCHAINS" --key "$kept.line" --body "$work/new-line" --if-none-match '*' > /dev/null || {
  # Another build was quicker: what it made is what everybody uses.
  known
  refuse "s3://$TOOLCHAINS/$kept.line was not written"
}
cp "$work/new-line" "$answer"
echo "toolchain $(cat "$answer")"
