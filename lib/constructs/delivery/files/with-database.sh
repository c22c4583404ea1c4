#!/bin/bash
# with-database.sh COMMAND...: runs a command of the source beside a PostgreSQL 17 of its own, on localhost:5432 with the user and
# the password `postgres`, which is what `mix phx.new` writes into config/test.exs. It is empty when the command begins, and gone
# when that has ended; its status is the command's.
set -euo pipefail
fail() {
  echo "$*" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
install_database() {
  if command -v apt-get > /dev/null; then
    # Debian makes a cluster of its own on installation, on the same port.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/beamstalk.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends postgresql-17
  else
    # The extensions of `phx.gen.auth` (citext) and others are in a package of their own here, and so is runuser.
    dnf install -yq postgresql17-server postgresql17-contrib util-linux
  fi
}
install_database > "$work/log" 2>&1 || { tail -n 10 "$work/log" >&2; fail 'PostgreSQL for the tests cannot be installed'; }
if command -v apt-get > /dev/null; then bin=/usr/lib/postgresql/17/bin; else bin=/usr/bin; fi

# PostgreSQL refuses to run as root.
chown postgres: "$work"
as_postgres() { (cd "$work" && exec runuser -u postgres -- "$@"); }
echo postgres > "$work/password"
as_postgres "$bin/initdb" --pgdata="$work/data" --username=postgres --pwfile="$work/password" --auth=scram-sha-256 \
  --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --no-sync > "$work/log" 2>&1 ||
  fail "the database of the tests cannot be made: $(tail -n 1 "$work/log")"
# A crash of the machine ends the build anyway: nothing waits for the disk.
cat >> "$work/data/postgresql.conf" << 'CONFIGURATION'
listen_addresses = 'localhost'
port = 5432
unix_socket_directories = '/tmp'
fsync = off
synchronous_commit = off
full_page_writes = off
CONFIGURATION
as_postgres "$bin/pg_ctl" --pgdata="$work/data" --log="$work/server" --wait --silent start > "$work/log" 2>&1 || {
  tail -n 10 "$work/server" >&2
  fail 'PostgreSQL for the tests does not start'
}
trap 'as_postgres "$bin/pg_ctl" --pgdata="$work/data" --mode=immediate --wait --silent stop || true; rm -rf "$work"' EXIT
echo 'PostgreSQL 17 for the tests: localhost:5432, user and password postgres'
"$@"
