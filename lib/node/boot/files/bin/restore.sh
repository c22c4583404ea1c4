#!/bin/bash
# restore.sh DATABASE: restores a dump into the new database <DATABASE>_restored on this box, from a link on standard input
# (`aws s3 presign`). The live database is not touched. What a dump says is carried out as the application's user, so that
# it can do no more than the application could.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step
trap 'status=$?; if ((status != 0)); then say "$(head -n 1 "$REASON" 2> /dev/null)"; fi; rm -rf -- "${work:-}"' EXIT
trap 'fail "ended from outside"' TERM HUP INT
rm -f -- "$REASON"

database="${1:?name of the database}"
in_shape database "$database" || fail "${database@Q} is no database"
name="${database}_restored"
IFS= read -r link || true
[[ "$link" =~ ^https?://[!-~]+$ && "$link" != *[\"\\]* ]] || fail 'standard input is no link'
base="$R/data/postgresql"
if [[ -L "$base" ]] || ! root_only "$base"; then fail "others may write to $base"; fi
own_file "$base/password" || fail "$base/password is no file of root's"
work=$(mktemp -d -- "$base/restore.XXXXXXXXXX")

# By standard input: the link is as good as the dump.
# S3 redirects a link that was made for another region, which is no failure to curl.
answer=$(curl -sf --retry 3 -o "$work/dump" -w '%{http_code}' -K - <<< "url = \"$link\"") || true
[[ "$answer" == 200 ]] ||
  fail "the dump cannot be downloaded (status ${answer:-none}): the link may be too old, or made for another region than the bucket's"
printf '127.0.0.1:5432:*:app:%s\n' "$(< "$base/password")" > "$work/pgpass"
# The folder stays root's: below one of another user root would clear away what that user puts in its place. libpq reads no
# file of passwords that others may read: https://www.postgresql.org/docs/17/libpq-pgpass.html (2026-11-29)
chmod 0600 "$work/dump" "$work/pgpass"
chown postgres "$work/dump" "$work/pgpass"
chown root:postgres "$work"
chmod 0710 "$work"

sql() { runuser -u postgres -- psql -qXAt -v ON_ERROR_STOP=1 -h /run/postgresql \
  -d 'dbname=postgres options=-csearch_path=pg_catalog,pg_temp'; }
[[ -z "$(sql <<< "SELECT 1 FROM pg_database WHERE datname = '$name'")" ]] || fail "there is a database $name already: drop it first"
sql <<< "CREATE DATABASE \"$name\" OWNER app"
runuser -u postgres -- env PGPASSFILE="$work/pgpass" "$POSTGRES_BIN/pg_restore" --no-owner --no-privileges --exit-on-error \
  -h 127.0.0.1 -U app -d "$name" "$work/dump" || fail "the dump does not restore into $name as the application's user"
say "the dump is in $name"
