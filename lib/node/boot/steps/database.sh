#!/bin/bash
# PostgreSQL 17 for this box alone, its data on the data volume, its dumps in S3 every night.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

MAJOR=17
base="$R/data/postgresql"
data="$base/data"
password_file="$base/password"
etc="$ETC/postgresql"
name=$(parameter_like database database/name app)
[[ "$name" =~ ^[a-z_][a-z0-9_]{0,62}$ ]] || fail "database name $name: expected lower-case letters, digits and _"
# Backups first: a database whose dumps have nowhere to go must not fill up.
parameter_like bucket storage/backups-bucket > /dev/null

# Without the volume the directory would be on the system's disk, and gone with the instance.
mountpoint -q "$R/data" || fail 'the data volume is not mounted at /data'
# The box before this one wrote it, whoever it was then: a link, or an owner of before who has that number again, would lead
# root elsewhere. Below a folder of root's alone nothing changes between a look and its use.
for path in "$base" "$data" "$password_file"; do [[ ! -L "$path" ]] || fail "$path is a link: left as it is"; done
lowest="$base"
if [[ ! -e "$lowest" ]]; then lowest="$R/data"; fi
root_only "$lowest" || fail "others than root may write to $lowest: left as it is"
if [[ -d "$data" ]]; then
  [[ -f "$data/PG_VERSION" && ! -L "$data/PG_VERSION" ]] || fail "/data/postgresql/data is there but no PostgreSQL made it: left as it is"
  found=$(head -c 16 "$data/PG_VERSION")
  [[ "$found" == "$MAJOR" ]] ||
    fail "the data of /data/postgresql/data are of PostgreSQL $found, this box runs $MAJOR: dump and restore, or pg_upgrade"
fi

install_postgres || fail "PostgreSQL $MAJOR cannot be installed"
mkdir -p "$base" "$etc"
chmod 0755 "$base"
root_only "$base" || fail "others than root may write to $base: left as it is"

if [[ ! -d "$data" ]]; then
  # Made aside and moved: an initdb that was interrupted leaves nothing that looks like a database. The locale is
  # PostgreSQL's own, so the order of texts, and with it every index, is the same on any C library.
  rm -rf "$base/data.new"
  install -d -m 0700 -o postgres -g postgres "$base/data.new"
  runuser -u postgres -- "$POSTGRES_BIN/initdb" -D "$base/data.new" --data-checksums --auth=peer \
    --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 > "$RUN/initdb.log" 2>&1 ||
    fail "initdb: $(tail -n 1 "$RUN/initdb.log")"
  mv "$base/data.new" "$data"
fi
# The postgres user has another number on another operating system. Only what was his before is his now.
before=$(stat -c %u "$data")
if [[ "$before" != "$(id -u postgres)" ]]; then chown -hR --from="$before" postgres:postgres "$data"; fi

memory_mb=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) / 1024))
render "$BOOT/files/postgresql/postgresql.conf" \
  "ETC=$etc" \
  "SHARED_BUFFERS=$((memory_mb * 15 / 100))MB" \
  "EFFECTIVE_CACHE_SIZE=$((memory_mb * 30 / 100))MB" \
  "MAINTENANCE_WORK_MEM=$((memory_mb / 64 + 16))MB" | put 0644 root:root "$etc/postgresql.conf"
put 0640 root:postgres "$etc/pg_hba.conf" < "$BOOT/files/postgresql/pg_hba.conf"
# Of its own making, since nobody but a mover comes by TLS, and that is handed the certificate. For the address, and for the
# name by which clients of Node.js check a server that they know by its address alone.
address=$(imds local-ipv4) || fail 'instance metadata does not answer'
fresh=$(mktemp -d -- "$RUN/certificate.XXXXXXXXXX")
trap 'rm -rf -- "$fresh"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=database of the box' \
  -addext "subjectAltName=DNS:localhost,IP:$address" -keyout "$fresh/server.key" -out "$fresh/server.pem" 2> "$RUN/openssl.log" ||
  fail "no certificate for PostgreSQL: $(tail -n 1 "$RUN/openssl.log")"
put 0640 root:postgres "$etc/server.key" < "$fresh/server.key"
put 0644 root:root "$etc/server.pem" < "$fresh/server.pem"
install_unit beamstalk-postgresql.service "POSTGRES=$POSTGRES_BIN/postgres" "DATA=$data" "ETC=$etc"
systemctl daemon-reload
systemctl enable --quiet beamstalk-postgresql.service
# Gone before it starts: one that is about to stop would still answer, and refuse what is asked of it then.
systemctl stop beamstalk-postgresql.service
# Without waiting for systemd to hear that it is ready: how long is for the next lines to say.
systemctl start --no-block beamstalk-postgresql.service

# Names without a schema are PostgreSQL's own, whatever a database holds.
sql() {
  runuser -u postgres -- psql -qXAt -v ON_ERROR_STOP=1 -h /run/postgresql \
    -d "dbname=$1 options=-csearch_path=pg_catalog,pg_temp"
}
up() { "$POSTGRES_BIN/pg_isready" -q -h /run/postgresql; }
# Crash recovery after an instance that died may take its time.
wait_for "$PATIENCE" up || fail "PostgreSQL does not accept connections after $PATIENCE s"

if [[ ! -s "$password_file" ]]; then
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | put 0400 root:root "$password_file"
fi
own_file "$password_file" || fail "$password_file is no file of root's"
# Ours, or what an administrator put in its place; in either case a word within the quotes below.
[[ "$(< "$password_file")" =~ ^[A-Za-z0-9_.-]{16,128}$ ]] || fail "$password_file holds no password of 16 to 128 letters, digits, _ . -"
# By standard input, so that the password is in no argument list and in no log.
sql postgres << SQL
SET log_statement = 'none';
SELECT 'CREATE ROLE app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') \gexec
ALTER ROLE app PASSWORD '$(< "$password_file")';
SELECT 'CREATE DATABASE $name OWNER app' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$name') \gexec
SQL

install_unit beamstalk-backup.service "DATABASE=$name"
install_unit beamstalk-backup.timer
systemctl daemon-reload
systemctl enable --quiet --now beamstalk-backup.timer
