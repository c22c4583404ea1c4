#!/bin/bash
# backup.sh DATABASE: dumps the database in custom format to s3://<backups-bucket>/postgresql/<database>/<time>.dump.
# To a file first: a dump that breaks off in a pipe would arrive in S3 cut short and look whole.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -euo pipefail

database="${1:?name of the database}"
in_shape database "$database" || { echo "beamstalk: ${database@Q} is no database" >&2; exit 2; }
base="$R/data/postgresql"
file="$base/backup.dump"
if [[ -L "$base" ]] || ! root_only "$base"; then fail "others may write to $base"; fi
trap 'rm -f -- "$file"' EXIT
# Left by an earlier run when its machine was stopped, or a link that somebody put in its place.
rm -f -- "$file"
# Fresh: the bucket may have changed since the boot.
read_parameters
bucket=$(parameter_like bucket storage/backups-bucket)

# Made anew: noclobber opens nothing that is there, and follows no link.
(umask 077 && set -C && runuser -u postgres -- "$POSTGRES_BIN/pg_dump" -h /run/postgresql -Fc -d "$database" > "$file")
# A look into what users wrote is not for root.
runuser -u postgres -- "$POSTGRES_BIN/pg_restore" --list < "$file" > /dev/null
key="postgresql/$database/$(date -u +%Y/%m/%Y-%m-%dT%H%M%SZ).dump"
aws s3 cp --only-show-errors "$file" "s3://$bucket/$key"
say "dump of $database is at s3://$bucket/$key"
