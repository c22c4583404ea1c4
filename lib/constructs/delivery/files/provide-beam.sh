#!/bin/bash
# Erlang/OTP, Elixir and rebar3 for the build. Debian has them as packages. Amazon Linux 2023 has not (assumed; no list of
# its packages names them): there they are made from source once, in the versions that `.tool-versions` of the source
# names, and kept in the cache of the build. It is the C library of the build that decides where a release can run.
set -euo pipefail
beam="${BEAM_HOME:-/opt/beam}"
bin="${BIN:-/usr/local/bin}"

if command -v apt-get > /dev/null; then
  DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends erlang-base erlang-dev erlang-nox elixir rebar3
  exit 0
fi

# version TOOL DEFAULT
version() {
  local found=''
  if [[ -f .tool-versions ]]; then found=$(awk -v tool="$1" '$1 == tool { print $2; exit }' .tool-versions); fi
  echo "${found:-$2}"
}
otp=$(version erlang 27.3.4)
elixir=$(version elixir 1.18.4)
elixir="${elixir%-otp-*}"
rebar=$(version rebar 3.25.1)

if [[ ! -x "$beam/otp-$otp/bin/erl" ]]; then
  dnf install -yq gcc gcc-c++ make openssl-devel ncurses-devel perl tar gzip unzip
  curl -sfL --retry 5 "https://github.com/erlang/otp/releases/download/OTP-$otp/otp_src_$otp.tar.gz" | tar -xz -C /tmp
  (cd "/tmp/otp_src_$otp" && ./configure --prefix="$beam/otp-$otp" --without-javac --without-wx --without-odbc &&
    make -j "$(nproc)" && make install) > /tmp/otp.log 2>&1 || { tail -n 30 /tmp/otp.log; exit 1; }
fi
export PATH="$beam/otp-$otp/bin:$PATH"
if [[ ! -x "$beam/elixir-$elixir/bin/mix" ]]; then
  mkdir -p "$beam/elixir-$elixir"
  curl -sfL --retry 5 -o /tmp/elixir.zip \
    "https://github.com/elixir-lang/elixir/releases/download/v$elixir/elixir-otp-${otp%%.*}.zip"
  python3 -m zipfile -e /tmp/elixir.zip "$beam/elixir-$elixir"
  chmod +x "$beam/elixir-$elixir"/bin/*
fi
if [[ ! -x "$beam/rebar3-$rebar" ]]; then
  curl -sfL --retry 5 -o "$beam/rebar3-$rebar" "https://github.com/erlang/rebar3/releases/download/$rebar/rebar3"
  chmod +x "$beam/rebar3-$rebar"
fi
ln -sf "$beam/otp-$otp"/bin/* "$beam/elixir-$elixir"/bin/{mix,elixir,elixirc,iex} "$bin/"
ln -sf "$beam/rebar3-$rebar" "$bin/rebar3"
