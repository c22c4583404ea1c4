#!/bin/bash
# open-database.sh open|close: lets a move into the PostgreSQL of this box, or nobody any more. Each may be run again. `open`
# ends with a line of JSON: the address of the box, and the certificate that its PostgreSQL shows. Without a restart.
#
# Two roles come in, with the password of the secret that `mover/box-secret` names: `beamstalk_mover` has what RDS gives its
# master user, and `beamstalk_mover_owner` acts as `app`, whose password stays on the box. The move makes a third, by which
# the other database reads rows, and knows its password alone. All of them by TLS, and from this network.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
# shellcheck source=../../databases.sh
source "$BOOT/databases.sh"
begin_step

rm -f -- "$REASON"
# shellcheck disable=SC2329 # by the trap
at_end() {
  local status=$?
  if ((status != 0)); then say "$(head -n 1 "$REASON" 2> /dev/null || echo "it ended with status $status")"; fi
}
trap at_end EXIT
trap 'fail "ended from outside"' TERM HUP INT

what="${1:-}"
[[ "$what" == open || "$what" == close ]] || fail "open-database.sh ${what@Q}: expected open or close"
etc="$ETC/postgresql"
way="$etc/pg_hba_move.conf"
[[ -s "$etc/server.pem" ]] || fail 'this node has no PostgreSQL of its own'
read_parameters
name=$(parameter_like database database/name app)

# Names without a schema are PostgreSQL's own, whatever a database holds. No statement is logged: one holds a password.
sql() {
  { printf "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic';\n" && cat; } |
    runuser -u postgres -- psql -qXAt -v ON_ERROR_STOP=1 -h /run/postgresql -d "dbname=$name options=-csearch_path=pg_catalog,pg_temp"
}
reload() { systemctl reload beamstalk-postgresql.service; }

# networks: the ranges of this network, one a line.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html, vpc-ipv4-cidr-blocks (2026-11-30)
networks() {
  local mac range found=''
  mac=$(imds mac) || fail 'instance metadata does not answer'
  found=$(imds "network/interfaces/macs/$mac/vpc-ipv4-cidr-blocks") || fail 'instance metadata does not answer'
  for range in $found; do
    [[ "$range" =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$ ]] || fail "instance metadata says that the network is ${range@Q}"
    echo "$range"
  done
}

open() {
  local arn='' text password ranges range role wrong address
  if [[ "$ROLE" == box ]]; then
    arn=$(parameter_like secret mover/box-secret)
  fi
  text=$(secret "$arn")
  password="$text"
  if [[ "$text" == '{'* ]]; then password=$(json_field password <<< "$text"); fi
  [[ "$password" =~ ^[[:print:]]{16,128}$ ]] || fail "secret $arn holds no password of 16 to 128 printable characters"
  password="'${password//\'/\'\'}'"
  ranges=$(networks)

  sql << SQL
SET standard_conforming_strings = on;
SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY['beamstalk_mover', 'beamstalk_mover_owner']) AS role
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE beamstalk_mover LOGIN CREATEROLE REPLICATION PASSWORD $password;
ALTER ROLE beamstalk_mover_owner LOGIN PASSWORD $password;
GRANT pg_create_subscription, pg_monitor, app TO beamstalk_mover;
SELECT format('GRANT CREATE ON DATABASE %I TO beamstalk_mover', current_database()) \gexec
GRANT app TO beamstalk_mover_owner;
ALTER ROLE beamstalk_mover_owner SET role = app;
SQL
  for range in $ranges; do
    # The third one is of a move: `beamstalk_move_ID`, or `beamstalk_back_ID` after a way back (lib/move/names.ts).
    for role in beamstalk_mover beamstalk_mover_owner '/^beamstalk_(move|back)_'; do
      printf 'hostssl "%s" %s %s scram-sha-256\n' "$name" "$role" "$range"
    done
  done | put 0640 root:postgres "$way"
  reload
  wrong=$(sql <<< "SELECT string_agg(format('line %s: %s', line_number, error), '; ') FROM pg_hba_file_rules WHERE error IS NOT NULL")
  [[ -z "$wrong" ]] || fail "PostgreSQL does not take the way of the move: $wrong"

  address=$(imds local-ipv4) || fail 'instance metadata does not answer'
  python3 -I -c 'import json, sys; print(json.dumps({"address": sys.argv[1], "certificate": sys.stdin.read()}))' "$address" < "$etc/server.pem"
}

close() {
  local used
  # A slot that nobody reads fills the disk, and nobody but the move drops it.
  used=$(sql << 'SQL'
SELECT string_agg(what, ', ') FROM (
  SELECT 'slot ' || slot_name AS what FROM pg_replication_slots WHERE slot_name LIKE 'beamstalk\_%'
  UNION ALL SELECT 'subscription ' || subname FROM pg_subscription WHERE subname LIKE 'beamstalk\_%') AS used;
SQL
  )
  [[ -z "$used" ]] || fail "a move is open here ($used): finish or abandon it first"
  rm -f -- "$way"
  reload
  sql << 'SQL' > /dev/null
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename IN ('beamstalk_mover', 'beamstalk_mover_owner');
SELECT 'REASSIGN OWNED BY beamstalk_mover TO app; DROP OWNED BY beamstalk_mover; DROP ROLE beamstalk_mover'
  FROM pg_roles WHERE rolname = 'beamstalk_mover' \gexec
SELECT 'DROP OWNED BY beamstalk_mover_owner; DROP ROLE beamstalk_mover_owner' FROM pg_roles WHERE rolname = 'beamstalk_mover_owner' \gexec
SQL
}

# Without the first word bash would go on after a failure.
answer=$(set -e; "$what")
# From now on it may change where the data are: on a box that booted before, nobody asks yet.
if [[ "$what" == open ]]; then follow_databases; fi
printf '%s' "${answer:+$answer$'\n'}"
