#!/usr/bin/env bash
# The Lambda functions as bundled, the shard map and its fence, and the migrations of a node, against DynamoDB Local, ElasticMQ and
# PostgreSQL; the router's Erlang module in Erlang; the commands for a deployed environment against ministack. On Debian and Ubuntu, as
# root, what is missing is installed; elsewhere it has to be there. The peers themselves come from Maven Central and PyPI
# into the cache folder.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
# needs PACKAGE FILE...: the package, unless one of the files is there.
needs() {
  local package="$1" file
  shift
  for file in "$@"; do [[ -e "$file" ]] && return; done
  missing+=("$package")
}
needs python3-venv "$(python3 -c 'import ensurepip; print(ensurepip.__file__)' 2> /dev/null)"
needs default-jre-headless "$(command -v java)"
needs maven "$(command -v mvn)"
needs postgresql /usr/lib/postgresql/*/bin/initdb "$(command -v initdb)"
needs erlang-base "$(command -v erlc)"
needs erlang-crypto "$(command -v erl > /dev/null && erl -noshell -eval 'io:format("~s", [code:which(crypto)]), halt().')"
if ((${#missing[@]} > 0)); then
  if [[ $(id -u) -ne 0 ]] || ! command -v apt-get > /dev/null; then
    echo "test-handlers: needs ${missing[*]} (the names are Debian's)" >&2
    exit 2
  fi
  # No server of its own: the tests start theirs, and stop it.
  mkdir -p /etc/postgresql-common
  [[ -e /etc/postgresql-common/createcluster.conf ]] ||
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  bash scripts/apt-install.sh "${missing[@]}"
fi

exec bash scripts/with-node24.sh node node_modules/vitest/vitest.mjs run --project handlers "$@"
