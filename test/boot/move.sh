# shellcheck shell=bash disable=SC2154,SC2016
# The database of a box moved to a second server and back while users come: the box opens it, `move.cjs` moves it, and the box
# learns of it from Parameter Store. Sourced by run.sh. `$` in single quotes is for the machine.
# shellcheck source=releases.sh
source "$here/releases.sh"

if [[ ! -e "$admin_root/root/releases/counter-0.8.0.tar.gz" ]]; then
  check 'a version that nobody can tell of a move, and that knows nothing of it' version 0.8.0 \
    "rm -r rel/overlays/bin/databases-changed _build/prod/rel && sed -i 's/BEAMSTALK_DATABASES_FILE/NO_SUCH_FILE/' lib/counter/settings.ex && sed -i 's/@elsewhere \"BM001\"/@elsewhere \"none\"/' lib/counter/database.ex"
fi

echo "--- a second server, with the rights that RDS gives ($SECONDS s)"
target_name=writer.gate.test target4=10.9.1.31
start other i-0c000031 '' '' "$target4"
echo "$target_name $target4 -" >> "$state/names"
other_root="/proc/${first_pid[other]}/root"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$target_name" -CA "$work/signer.crt" \
  -CAkey "$work/signer.key" -addext "subjectAltName=DNS:$target_name" -addext basicConstraints=critical,CA:FALSE \
  -keyout "$other_root/root/server.key" -out "$other_root/root/server.crt" 2> /dev/null
inside other env "ADDRESS=$target4" bash -euc 'install -d -o postgres /srv/database /run/postgresql && cd /srv/database
  install -o postgres -m 0600 /root/server.key /root/server.crt .
  as() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
  bin=/usr/lib/postgresql/17/bin
  as "$bin/initdb" -D data -U rdsadmin --auth=trust --locale=C.UTF-8 > /dev/null
  printf "%s\n" "local all all trust" "hostssl all all 10.9.0.0/16 scram-sha-256" > data/pg_hba.conf
  as "$bin/pg_ctl" -D data -l log -w start > /dev/null -o "-h $ADDRESS -k /run/postgresql -l -c wal_level=logical \
    -c ssl_key_file=/srv/database/server.key -c ssl_cert_file=/srv/database/server.crt"
  as psql -qX -v ON_ERROR_STOP=1 -h /run/postgresql -U rdsadmin -d postgres << SQL
create role beamstalk login createrole createdb replication password \$\$an administrator\$\$;
grant pg_create_subscription, pg_monitor to beamstalk with admin option;
create role app_owner nologin;
create role app login password \$\$a word\$\$ in role app_owner;
grant app_owner to beamstalk with admin option;
alter role app set role = app_owner;
create database app owner beamstalk;
\c app
grant connect, create, temporary on database app to app_owner;
alter schema public owner to app_owner;
SQL' > "$work/database.log" 2>&1 || cat "$work/database.log" "$other_root/srv/database/log"
there() { inside other psql -qXAt -h /run/postgresql -U rdsadmin -d app -c "$1"; }

echo "--- a box of phase 0, which expands ($SECONDS s)"
truncate -s 2G "$work/move.img"
move_disk=$(losetup --find --show "$work/move.img")
: > "$state/volume"
is_at 0 "$(uri_of 0.1.0)"
# The address by which the second server comes, which is of this network.
echo "$fleet4" > "$state/address"
start home i-0b000002 "$move_disk" systemd
speak_to_aws home
boot home box
is_node home i-0b000002 box InService
check 'it boots, and serves' equal "$(curl -s -X POST http://127.0.0.1/counter)" '{"counter":1}'
here_sql() { inside home runuser -u postgres -- psql -qXAt -h /run/postgresql -d app -c "$1"; }
booted_with=$(inside home cat /etc/beamstalk/release.env)
check 'nobody asks where its data are, who are in one place' equal \
  "$(inside home systemctl is-active beamstalk-databases.service)" inactive

put_parameter database/endpoint "$target_name"
put_parameter database/name app
put_parameter database/application-secret "$(make_secret move-database '{"username":"app","password":"a word"}')"
mover_word="it's 100% \$HOME \"word\""
put_parameter mover/box-secret "$(make_secret mover-box "$(jq -nc --arg password "$mover_word" '{username: "beamstalk_mover", password: $password}')")"

echo "--- it opens its database to a move ($SECONDS s)"
on_the_box() { inside home bash /opt/beamstalk/boot/files/bin/open-database.sh "$@" > "$work/opened" 2>&1; }
postmaster() { inside home systemctl show --property=MainPID --value beamstalk-postgresql.service; }
before=$(postmaster)
not() { if "$@"; then return 1; fi; }
check 'a word that it does not know is refused' not on_the_box ajar
check 'it opens' on_the_box open
check 'with its address, in a line of JSON' equal "$(tail -n 1 "$work/opened" | jq -r .address)" "$fleet4"
check 'again, as often as one likes' on_the_box open
check 'PostgreSQL was not started anew' equal "$(postmaster)" "$before"
check 'nor was the release, whose environment is the same' equal "$(inside home cat /etc/beamstalk/release.env)" "$booted_with"
rights() { here_sql "SELECT concat_ws(' ', rolcreaterole, rolreplication, rolsuper, rolbypassrls, pg_has_role(oid, 'app', 'usage')) FROM pg_roles WHERE rolname = 'beamstalk_mover'"; }
check 'the mover is no superuser' equal "$(rights)" 't t f f t'
tail -n 1 "$work/opened" | jq -r .certificate > "$admin_root/root/box.pem"
# enters ROLE MODE [NAME=VALUE...]: who a role becomes that comes from outside.
enters() {
  admin env PGPASSWORD="$mover_word" PGSSLROOTCERT=/root/box.pem PGSSLMODE="$2" "${@:3}" psql -qXAt -h "$fleet4" -U "$1" -d app -c 'SELECT current_user' 2>&1
}
turned_away() { { enters "$@" || true; } | grep -F 'no pg_hba.conf entry'; }
check 'it comes in over TLS, and knows the server by its certificate' equal "$(enters beamstalk_mover verify-full)" beamstalk_mover
check 'its second role acts as the application' equal "$(enters beamstalk_mover_owner verify-full)" app
check 'not without TLS' turned_away beamstalk_mover disable
check 'the application has no way from outside' turned_away app require
check 'nor has the administrator' turned_away postgres require
check 'from now on it asks where its data are' eventually inside home test -s /run/beamstalk/databases
check '  and tells the release the place of before' equal "$(inside home cat /run/beamstalk/databases | jq -r .DATABASE_SSL)" false
check '  which may read it, and nobody else' equal "$(inside home stat -c '%a %U %G' /run/beamstalk/databases)" '440 root beamstalk'

echo "--- there, back and there again under 200 requests a second ($SECONDS s)"
# As a mover of the environment: the bundle on Node.js, with PostgreSQL's programs.
cp "$(command -v node)" "$admin_root/usr/local/bin/node"
cp "$here/../../.build/move.cjs" "$admin_root/root/move.cjs"
cp "$work/signer.crt" "$admin_root/root/rds.pem"
install -m 0600 /dev/stdin "$admin_root/root/move.json" < <(jq -n --arg word "$mover_word" --arg box "$fleet4" --arg target "$target_name" --arg store "$engine_url" '{
  id: "single", tables: "all", accepted: ["collation"],
  announce: {parameter: "/beamstalk/gate/database/source", region: "eu-west-1", endpoint: $store, source: "local", target: "managed"},
  programs: {pgDump: "/usr/lib/postgresql/17/bin/pg_dump", pgRestore: "/usr/lib/postgresql/17/bin/pg_restore"},
  source: {title: "the box", host: $box, database: "app", authority: "box.pem",
    administrator: {user: "beamstalk_mover", password: $word}, owner: {user: "beamstalk_mover_owner", password: $word}},
  target: {title: "the managed database", host: $target, database: "app", authority: "rds.pem",
    administrator: {user: "beamstalk", password: "an administrator"}, owner: {user: "app", password: "a word"}}}')
# mover ACTION [OPTION...]: what it says is in the file `moved`.
mover() { inside admin env HOME=/root node /root/move.cjs "$1" /root/move.json "${@:2}" > "$work/moved" 2>&1 || { cat "$work/moved"; return 1; }; }
announced() { jq -nc '{Name: "/beamstalk/gate/database/source"}' | json_api AmazonSSM.GetParameter | jq -r ".Parameter.$1"; }
# heard_after: seconds from the announcement to the file of the release.
heard_after() {
  awk -v written="$(inside home stat -c %.9Y /run/beamstalk/databases)" -v announced="$(announced LastModifiedDate)" \
    'BEGIN { printf "%.2f", written - announced }'
}
# within SECONDS COMMAND...: as `eventually`, and what the box says when it does not.
within() {
  local until_second=$((SECONDS + $1))
  until "${@:2}"; do
    ((SECONDS < until_second)) || { inside home journalctl --no-pager --unit=beamstalk-databases.service --lines=30; return 1; }
    sleep 0.2
  done
}
# moves ACTION PLACE: a switch or a way back, and how it reached the box.
moves() {
  mover "$1" --yes || return 1
  sed 's/^/      /' "$work/moved" >&3
  within 20 in_file "$2" || return 1
  echo "      the box: $(heard_after) s after $(announced Value)" >&3
  sleep 4
}
in_file() { inside home grep -q "$1" /run/beamstalk/databases; }
exec 3>&1
check 'nothing stands against it' mover check
check 'all rows come' mover start
check 'both sides follow each other' mover rehearse
# What this machine makes of the same load without a switch, and of telling the release, which does nothing as nothing has changed.
tell() { inside home env BEAMSTALK_RELEASE_SECONDS=60 bash /opt/beamstalk/boot/files/bin/run-release.sh databases-changed; }
load 80 /counter POST:/counter
sleep 10
asked_at=$(date +%s%3N)
check 'a release is told' tell
telling=$(($(date +%s%3N) - asked_at))
sleep 2
load_ends
check 'without a switch none of 200 requests a second failed' saw '[.failed, .failures]' '[0,{}]'
slowest=$(jq .slowestMilliseconds "$work/load.json")
# A box asks every 0.8 s, and up to a fifth later (where-data-are.py); freeze and announcement are of tens of milliseconds. The rest is
# work, in which a slow machine is slow: what begins anew in a switch is less than what it takes to tell a release twice.
longest=$((slowest + 2000 + 2 * telling))
echo "      without a switch the slowest took $slowest ms, and telling the release $telling ms: with one at most $longest ms"
value=$(here_sql 'SELECT value FROM counter')
load 80 /counter POST:/counter
check 'users write to the second server' moves switch "$target_name"
check 'and to the box again' moves back 127.0.0.1
check 'and to the second server again' moves switch "$target_name"
load_ends
check 'of 200 requests a second none failed' saw '[.failed, .failures]' '[0,{}]'
check 'and none took longer than a switch takes beyond that' saw ".slowestMilliseconds < $longest" true
check 'WebSockets were left alone' saw '[.sockets.cut, .sockets.drained]' '[0,0]'
posted=$(jq .posted "$work/load.json") again=$(jq .sentAgain "$work/load.json")
counted() {
  local now
  now=$(there 'SELECT value FROM counter')
  ((now >= value + posted && now <= value + posted + again)) || { echo "$value before, $posted posted, $again sent again, $now counted"; return 1; }
}
check 'each was counted, and once' counted
check 'the release is the process of before' equal "$(inside home systemctl show --property=NRestarts --value beamstalk.service)/$(inside home systemctl is-active beamstalk-2.service)" 0/inactive
check 'its next start finds the second server' eventually inside home grep -q "^DATABASE_URL=.*$target_name" /etc/beamstalk/release.env

echo "--- a release that cannot be told ($SECONDS s)"
check 'it is rolled out in the middle of the move' does release use 0.8.0
serves() { curl -s http://127.0.0.1/ | grep -F "Version $1,"; }
check 'and serves' serves 0.8.0
slot_of() { inside home cat /var/lib/beamstalk/slot; }
# The slots change, whichever it is now.
before=$(slot_of)
turned() { [[ "$(slot_of)" != "$before" ]] && serves 0.8.0 > /dev/null; }
load 80 /counter POST:/counter
check 'users write to the box again' moves back 127.0.0.1
told=$(announced Value)
check 'it starts anew beside itself' within 120 turned
sleep 3
load_ends
echo "      of $(jq .requests "$work/load.json") requests, the release of before was refused $(jq .failed "$work/load.json") times where it wrote, until it was let go"
check 'nothing but writing was refused' saw '.failures | keys - ["status 503 of /counter"]' '[]'
check 'WebSockets were closed by its drain alone' saw '[.sockets.cut, .sockets.drained >= 500]' '[0,true]'
value=$(here_sql 'SELECT value FROM counter')
check 'and users write on' equal "$(curl -s -X POST http://127.0.0.1/counter)" "{\"counter\":$((value + 1))}"
does status --json > /dev/null 2>&1 || true
check 'nobody has to start it anew' answered '.nodes.answer[0].told.answer.untold' false
put_parameter database/source 'managed 1.1'
sleep 3
check 'the word of an earlier switch that comes late changes nothing' in_file 127.0.0.1
put_parameter database/source "$told"

echo "--- it closes its database ($SECONDS s)"
check 'not while a move is open' not on_the_box close
check '  and says why' grep -F 'a move is open here (slot beamstalk_move_single' "$work/opened"
check 'the move is given up' mover abandon
check 'it closes' on_the_box close
check 'again, as often as one likes' on_the_box close
check 'no role of it is left' equal "$(here_sql "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'beamstalk%'")" 0
check 'and it has no way in' turned_away beamstalk_mover require
check 'the box serves' equal "$(curl -s -X POST http://127.0.0.1/counter)" "{\"counter\":$((value + 2))}"
exec 3>&-

end home
end other
is_no_node i-0b000002
: > "$state/address"
losetup -d "$move_disk"
for name in database/source database/name mover/box-secret; do drop_parameter "$name" > /dev/null 2>&1 || true; done
is_at 0 s3://gate-releases/echo-1.tar.gz
