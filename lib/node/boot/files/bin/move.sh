#!/bin/bash
# move.sh ACTION CLIMB [FUNCTION] [--without-proof]: an action of `beamstalk move` (docs/moving.md) between databases of the environment, as Run
# Command brings it: `move.sh start 0-1`, `move.sh status 5-6 users`. The result is JSON on standard output. What went on is in the
# log, and its end on standard error: Systems Manager keeps the beginning alone.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

# Of this run alone, since `status` is asked while `start` copies. It holds passwords, and goes with the run.
work=$(mktemp -d -- "$RUN/move.XXXXXXXXXX")
# shellcheck disable=SC2034 # for parameters.sh
REASON="$work/reason" PARAMETERS="$work/parameters"
trap 'status=$?; if ((status != 0)) && [[ -s "$REASON" ]]; then say "$(head -n 1 "$REASON")" >&2; fi; rm -rf -- "$work"' EXIT

flags=()
if [[ "${!#}" == --without-proof ]]; then flags=("${!#}") && set -- "${@:1:$#-1}"; fi
action="${1:?action}" climb="${2:?climb}" function="${3:-}"
[[ " check start status rehearse switch back finish abandon " == *" $action "* ]] ||
  fail "${action@Q} is no action of a move"
((${#flags[@]} == 0)) || [[ "$action" == finish ]] || fail "${flags[*]} is for finish alone"
case "$climb" in
  0-1) name="$climb" id=climb_0_1 topic=database before='local' after=managed title='the database' ;;
  5-6)
    [[ "$function" =~ ^[a-z][a-z0-9-]{0,29}$ ]] || fail "${function@Q} is no function"
    name="$climb/$function" id="${function//-/_}" topic="database/$function" before=shared after=own
    title="the database of $function"
    ;;
  *) fail "${climb@Q} is no climb that moves data" ;;
esac
wait_for "$PATIENCE" test -e "$STATE/booted" || fail "this machine has not booted to its end after $PATIENCE s"
settings=$(fresh_parameter "moves/$name" '') || fail "parameter /beamstalk/$ENVIRONMENT/moves/$name cannot be read"
[[ -n "$settings" ]] || fail "no move $name is under way, as moves/$name is not there: run check"
read_parameters
target=$(parameter_like host "$topic/endpoint")
store=$(set -e; parameter_store)

# rds SIDE TITLE TOPIC: a side of the description that is a database of RDS, as NAME and VALUE in turn.
rds() {
  local host port database arn administrator owner
  host=$(parameter_like host "$3/endpoint")
  port=$(parameter_like port "$3/port" 5432)
  database=$(parameter_like database "$3/name" app)
  arn=$(parameter_like secret "$3/secret")
  administrator=$(secret "$arn")
  arn=$(parameter_like secret "$3/application-secret")
  owner=$(secret "$arn")
  printf '%s\0' "$1.title" "$2" "$1.authority" "$BOOT/database-authorities.pem" "$1.host" "$host" "$1.port" "$port" \
    "$1.database" "$database" "$1.administrator" "$administrator" "$1.owner" "$owner"
}

# box SIDE: the same for the database of the box, which has been opened (open-database.sh): its address and certificate came with
# the settings. Both roles that it has made have the one password.
box() {
  local address arn login database
  address=$(json_field address <<< "$settings")
  in_shape host "$address" || fail 'the box has not said where it is: run the action again'
  json_field certificate <<< "$settings" > "$work/box.pem"
  arn=$(parameter_like secret mover/box-secret)
  login=$(secret "$arn")
  database=$(parameter_like database database/name app)
  printf '%s\0' "$1.title" 'the box' "$1.authority" "$work/box.pem" "$1.host" "$address" "$1.port" 5432 \
    "$1.database" "$database" "$1.administrator" "$login" "$1.owner" "$login" "$1.owner.user" beamstalk_mover_owner
}

# describe: writes the file that move.cjs reads (docs/moving.md). By standard input, as it holds passwords.
describe() {
  [[ -s "$BOOT/database-authorities.pem" ]] || fail "who vouches for databases in $REGION is not known here"
  (
    umask 077
    printf '%s\0' id "$id" settings "$settings" programs "$POSTGRES_BIN" parameter "/beamstalk/$ENVIRONMENT/$topic/source" \
      region "$REGION" endpoint "$store" before "$before" after "$after" > "$work/sides"
    if [[ "$climb" == 0-1 ]]; then box source; else rds source 'the single database' database; fi >> "$work/sides"
    rds target "$title" "$topic" >> "$work/sides"
    python3 -I "$BOOT/files/bin/describe-move.py" < "$work/sides" > "$work/move.json"
  )
}

# let_replicate HOST PORT DATABASE SECRET: RDS hands the right to replicate out by a role, which its master user may give itself.
let_replicate() {
  local user password
  user=$(json_field username <<< "$4")
  password=$(json_field password <<< "$4")
  PGPASSWORD="$password" psql -qXAt -v ON_ERROR_STOP=1 -d "host=$1 port=$2 dbname=$3 user=$user sslmode=verify-full \
    sslrootcert=$BOOT/database-authorities.pem connect_timeout=10 options=-csearch_path=pg_catalog,pg_temp" << 'SQL'
SELECT 'GRANT rds_replication TO ' || quote_ident(current_user) FROM pg_roles r
  WHERE r.rolname = 'rds_replication' AND NOT pg_has_role(current_user, r.oid, 'usage') \gexec
SQL
}

# replicable TOPIC TITLE: whether or not it was, the administrator of that database may replicate now.
replicable() {
  local host port database arn login said
  host=$(parameter_like host "$1/endpoint")
  port=$(parameter_like port "$1/port" 5432)
  database=$(parameter_like database "$1/name" app)
  arn=$(parameter_like secret "$1/secret")
  login=$(secret "$arn")
  said=$(let_replicate "$host" "$port" "$database" "$login" 2>&1) ||
    fail "the administrator of $2 cannot be let replicate: ${said##*$'\n'}"
}

# move: runs the action. Exit codes of move.cjs go through: 1 says why on standard error.
move() {
  local status=0 log="$R/var/log/beamstalk-move.log" words=("$action" "$work/move.json" --json "${flags[@]}") reader
  if [[ "$action" == switch || "$action" == back ]]; then words+=(--yes); fi
  (umask 077 && : >> "$log")
  exec 8> >(exec tee -- "$work/said" >> "$log")
  reader=$!
  echo "$(date -u +%FT%TZ) $action $name" >&8
  node "$BOOT/move.cjs" "${words[@]}" > "$work/result" 2>&8 || status=$?
  echo "$(date -u +%FT%TZ) $action $name ended with $status" >&8
  exec 8>&-
  wait "$reader" || true
  tail -n +2 -- "$work/said" | head -n -1 | tail -n 20 | cut -c 1-300 >&2
  return "$status"
}

# record: what the gate asks for, bound to what was compared (lib/climb/verifications.ts); or that nothing was, which it does not take.
record() {
  local source value
  if [[ "$climb" == 0-1 ]]; then source=box; else source=$(parameter_like host database/endpoint); fi
  value=$(python3 -I -c 'import json, sys
environment, climb, function, source, target = sys.argv[1:]
evidence = json.load(sys.stdin)
print(json.dumps({"environment": environment, "climb": climb, **({"function": function} if function else {}), "source": source,
                  "target": target, **{key: value for key, value in evidence.items() if key != "move"}}))' \
    "$ENVIRONMENT" "$climb" "$function" "$source" "$target" < "$work/result")
  aws ssm put-parameter --name "/beamstalk/$ENVIRONMENT/climb/verified/$name" --type String --overwrite --value "$value" > /dev/null
}

status=0
if [[ "$(json_field tables <<< "$settings")" == none ]]; then
  # Nothing moves: what makes the climb is that nodes go to the other database, which the operator has said.
  [[ "$climb" != 0-1 ]] || fail 'the data of the box move, or there are none to tell from them: leave --tables out'
  [[ "$action" == finish ]] || fail "nothing of $name moves, as its settings say: finish it, or name its tables"
  # The number of a move that began now, and made no switch (lib/climb/said-place.ts).
  begun=$(date +%s)
  aws ssm put-parameter --name "/beamstalk/$ENVIRONMENT/$topic/source" --type String --overwrite --value "$after $begun.0" > /dev/null
  printf '{"begun": %s, "epoch": 0, "tables": 0, "rows": 0, "digest": "", "verifiedAt": "%s"}\n' "$begun" "$(date -u +%FT%TZ)" > "$work/result"
else
  if [[ "$action" == check || "$action" == start ]]; then
    replicable "$topic" "$title"
    if [[ "$climb" != 0-1 ]]; then replicable database 'the single database'; fi
  fi
  describe
  move || status=$?
fi
if [[ "$action" == finish ]] && ((status == 0)); then record; fi
cat -- "$work/result"
exit "$status"
