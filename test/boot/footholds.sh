# shellcheck shell=bash disable=SC2154,SC2016
# What whoever holds one thing of a node (the release's user, a parameter, a secret, an archive, the role of the box) tries in
# order to become root. Sourced by run.sh. `$` in single quotes is for the machine.

# canaries NAME: what is root's alone on a machine, and must stay as it is.
canaries() {
  inside "$1" bash -c 'umask 077; mkdir -p /etc/canary.d; echo canary | tee /etc/canary > /etc/canary.d/one; touch -d 1970-01-01 /etc/canary*; touch /etc/canary-made'
}
watched() {
  inside "$1" bash -c 'stat -c "%n %U:%G %a" /etc/canary.d /opt /opt/beamstalk /var/lib/beamstalk; stat -c "%n %U:%G %a %s %Y" /etc/canary /etc/canary.d/* /etc/shadow; find /root /tmp -name "owned*" -user root'
}
# untouched NAME BEFORE
untouched() { equal "$(watched "$1")" "$2"; }
as_release() { inside "$1" setpriv --reuid=beamstalk --regid=beamstalk --clear-groups "${@:2}"; }
# roll NAME URI MODE: a deployment, from its first hook to its last.
roll() {
  local event
  for event in BeforeInstall ApplicationStart ValidateService; do
    inside "$1" "${power[@]}" bash /opt/beamstalk/boot/files/bin/deploy.sh "$event" "$2" "$3" || return
  done
}
again() { inside "$1" "${power[@]}" bash /opt/beamstalk/boot/boot.sh "gate-$2" "Fleet$2" > "$work/nodes/$1/boot.log" 2>&1; }
# steps NAME STEP...: steps of the boot by themselves, with the parameters of now; the log is that of a boot.
steps() {
  inside "$1" bash -c 'rm -f /run/beamstalk/parameters /run/beamstalk/reason; export STACK=gate FLEET=Fleet
    for step in "$@"; do
      bash "/opt/beamstalk/boot/steps/$step.sh" || { echo "step $step: $(cat /run/beamstalk/reason)"; exit 1; }
    done
    echo done' - "${@:2}" > "$work/nodes/$1/boot.log" 2>&1
}

# hostile KIND NAME: a release in S3 that reaches for more.
hostile() {
  admin python3 -B /root/hostile/release.py "$1" /root/echo-1.tar.gz "/root/$2.tar.gz" "$2" &&
    admin aws s3 cp --only-show-errors "/root/$2.tar.gz" "s3://gate-releases/$2.tar.gz"
}
for name in domain email app-endpoint; do drop_parameter "ingress/$name"; done
for name in database/endpoint database/application-secret cache/endpoint cache/secret; do drop_parameter "$name"; done
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
put_parameter app/cookie-secret "$(make_secret footholds-cookie "$cookie")"

# --- The release's user -------------------------------------------------------------------------------------------------

echo "--- the release's user plants links in its home ($SECONDS s)"
start foot i-foot
boot foot app
check 'an application node boots' boot_says foot 'app node of gate is up'
canaries foot
hostile upgrade echo-2
before=$(watched foot)
as_release foot bash -c 'cd /var/lib/beamstalk/home && rm -rf tmp releases .erlang.cookie protect.lock &&
  ln -s /var/lib/beamstalk tmp && ln -s /etc/canary.d releases && ln -s /etc/canary protect.lock &&
  ln -s /etc/canary .erlang.cookie.new && ln -s /etc/canary .erlang.cookie && ln -s /etc/canary protected'
again foot app
check 'a boot writes through none of them' untouched foot "$before"
roll foot s3://gate-releases/echo-2.tar.gz hot > "$work/roll.log" 2>&1
check 'nor does a deployment that upgrades by relup' untouched foot "$before"
inside foot bash -c 'printf "INSTANCE=i-foot\nGROUP=gate-group\n" > /etc/beamstalk/worker.conf'
inside foot bash /opt/beamstalk/boot/files/bin/protect.sh on > /dev/null 2>&1
check 'nor does root who asks for protection' untouched foot "$before"
as_release foot bash -c 'cd /var/lib/beamstalk/home && rm -f tmp releases protect.lock protected .erlang.cookie .erlang.cookie.new'

# The kind: without its power to write where others alone may write, root does all that it does.
power=("${lesser[@]}")
again foot app
check 'a root that may write in no folder of others boots the node' boot_says foot 'app node of gate is up'
check 'and deploys to it, by relup and anew' roll foot s3://gate-releases/echo-2.tar.gz hot
power=()
check 'the release is root'\''s and of one group' equal "$(inside foot bash -c 'stat -c "%U:%G %a" /opt/beamstalk/releases; find /opt/beamstalk/releases/ ! -type l \( ! -user root -o -perm /022 \)')" \
  'root:beamstalk 750'
check 'and its own user cannot write to it' bash -c '! grep -v "Permission denied" <<< "$1"' - \
  "$(as_release foot bash -c 'touch /opt/beamstalk/current/x; echo > /opt/beamstalk/current/bin/echo; mv /opt/beamstalk/current /opt/beamstalk/c' 2>&1)"

# --- A parameter, a secret ----------------------------------------------------------------------------------------------

echo "--- a parameter, or a secret, says more than it may ($SECONDS s)"
hostile marked marked
release_is() { equal "$(inside foot readlink /opt/beamstalk/current)" "/opt/beamstalk/releases/$1"; }
put_parameter pressure/shed $'off\n/beamstalk/gate/release/uri\ts3://gate-releases/marked.tar.gz'
steps foot fetch release
check 'a newline in one parameter is no other parameter' release_is echo-1
put_parameter pressure/shed off
put_parameter release/uri $'s3://gate-releases/echo-1.tar.gz\nx'
steps foot fetch release
check 'a parameter with a newline is refused by its name' boot_says foot 'parameter /beamstalk/gate/release/uri holds a control character'
put_parameter release/uri s3://gate-releases/...tar.gz
steps foot fetch release
check 'a release called `..` is refused' boot_says foot 'its file name is that of no release'
put_parameter release/uri s3://gate-releases/echo-1.tar.gz

put_parameter 'queues/$(touch /root/owned-by-name)' https://queue.test/
put_parameter 'tables/`touch /root/owned-by-table`' table
steps foot fetch release
check 'a name that is none is left out, and said' boot_says foot 'a parameter is left out: its name is'
release_rpc foot '1' > /dev/null 2>&1
check 'and no command of it runs' untouched foot "$before"
drop_parameter 'queues/$(touch /root/owned-by-name)'
drop_parameter 'tables/`touch /root/owned-by-table`'
put_parameter queues/mail.out https://queue.test/
steps foot fetch release
check 'a name that no variable can have ends the boot in one line' boot_says foot 'parameter /beamstalk/gate/queues/mail.out has a name that no variable can have'
drop_parameter queues/mail.out

inside foot bash -c 'mkdir -p /opt/evil && for name in runuser setpriv setsid python3 env readlink cat id; do
    printf "#!/bin/bash\n/usr/bin/id -u >> /tmp/ran-as\nexec /usr/bin/%s \"\$@\"\n" "$name" > "/opt/evil/$name"; done
  chmod 755 /opt/evil/*; echo "/usr/bin/id -u >> /tmp/ran-as" > /opt/evil/environment; touch /tmp/ran-as; chmod 666 /tmp/ran-as'
every_kind=$'say "it" for $HOME\'s `sake` \\ 100 %\nsecond line\ttab'
variables=$(jq -n --arg text "$every_kind" '{PATH: "/opt/evil:/usr/local/bin:/usr/bin:/bin", LD_PRELOAD: "/opt/evil/no.so",
  BASH_ENV: "/opt/evil/environment", ENV: "/opt/evil/environment", TEXT: $text, NUMBER: 7}')
put_parameter app/environment-secret "$(make_secret footholds-environment "$variables")"
steps foot fetch release
check 'a release starts with what its secret says' boot_says foot 'done'
# Once it is up. `text` would be what `check` calls its own.
text_arrives() {
  equal "$(release_rpc foot 'Base.encode64(System.get_env("TEXT")) <> System.get_env("NUMBER")' 2> /dev/null)" \
    "\"$(printf %s "$every_kind" | base64 -w 0)7\""
}
check 'text of any kind reaches it' eventually text_arrives
check 'its PATH and its BASH_ENV ran' inside foot test -s /tmp/ran-as
check 'and not once as root' bash -c "! grep -x 0 '/proc/${first_pid[foot]}/root/tmp/ran-as'"
# Nobody made that library: the loader says so of each process that was told to load it.
preloads() { release_rpc foot 1 2>&1 | grep 'ld.so: object .*/opt/evil/no.so'; }
check 'its LD_PRELOAD reaches its own processes' preloads
check 'and no process of root'\''s' bash -c "! grep 'ld.so: object' '$work/nodes/foot/boot.log'"

# A release that is asked does as it likes: it never answers, and leaves a process behind.
inside foot bash -c 'echo "[[ ! -e /opt/evil/hang ]] || { setsid sleep 300 & sleep 300; }" >> /opt/evil/environment
  BEAMSTALK_RELEASE=s3://gate-releases/echo-2.tar.gz BEAMSTALK_LINK=next bash /opt/beamstalk/boot/steps/fetch.sh'
# upgrade_says REASON: what becomes of an upgrade by relup that has five seconds, asked for through a pipe as CodeDeploy does.
upgrade_says() {
  local began=$SECONDS said
  inside foot rm -f /run/beamstalk/reason.upgrade
  said=$(inside foot env BEAMSTALK_UPGRADE_SECONDS=5 bash /opt/beamstalk/boot/files/bin/upgrade.sh 2>&1)
  echo "$((SECONDS - began)) s: $said"
  ((SECONDS - began < 60)) && inside foot grep -F "$1" /run/beamstalk/reason.upgrade
}
inside foot touch /opt/evil/hang
check 'a release that never answers holds root up for no longer than it may' upgrade_says 'did not take the upgrade in 5 s'
inside foot bash -c 'rm /opt/evil/hang; pkill -u beamstalk -x sleep'
# What a terminal, a console or a journal would obey: escape sequences in 7 and in 8 bits, and lines of their own.
obeyed=$'the \e]0;owned\a\xc2\x9b2J\x9b2J\r\nbeamstalk: all is well'
inside foot bash -c 'source /opt/beamstalk/boot/lib.sh; say "$1"; fail "$1"' - "$obeyed" > "$work/said" 2>&1
inside foot cat /run/beamstalk/reason >> "$work/said"
plain_lines() { ! LC_ALL=C grep -n '[^ -~]' "$work/said" && equal "$(grep -c owned "$work/said")/$(wc -l < "$work/said")" 2/2; }
check 'what a release says is told in characters that no console obeys, each on one line' plain_lines
put_parameter app/environment-secret "$(make_secret footholds-name '{"X=1\nUser": "root"}')"
steps foot fetch release
check 'a name of a secret that no variable can have is refused' boot_says foot 'has a name that no variable can have'
put_parameter app/environment-secret "$(make_secret footholds-control "$(jq -n '{X: "a\u001bb"}')")"
steps foot fetch release
check 'what systemd would drop in silence is refused aloud' boot_says foot 'the value for X holds a control character'
check 'a step that fails leaves no secret behind' equal "$(inside foot bash -c 'compgen -G "/run/beamstalk/release.env*"')" ''

# by_chance ROUND: values of the seed, and whether the step takes or refuses them as it should.
by_chance() {
  local values="$work/values.json" name value
  python3 "$here/hostile/values.py" make "${BEAMSTALK_SEED:-20261129}" "$1" > "$values"
  while IFS= read -r -d '' name && IFS= read -r -d '' value; do put_parameter "$name" "$value"; done \
    < <(jq -j '.parameters | to_entries[] | .key, "\u0000", .value, "\u0000"' "$values")
  put_parameter app/environment-secret "$(make_secret "footholds-chance-$1" "$(jq .secret "$values")")"
  inside foot rm -f /run/beamstalk/reason
  inside foot bash -c 'rm -f /run/beamstalk/parameters; BEAMSTALK_START=0 exec bash /opt/beamstalk/boot/steps/release.sh'
  local status=$?
  for name in database/endpoint database/port database/name documents/endpoint; do drop_parameter "$name"; done
  if [[ "$(jq .refused "$values")" == true ]]; then
    ((status != 0)) && inside foot grep -E 'control character|is no |no variable can have|cannot be the name' /run/beamstalk/reason
  else
    cp "$values" "/proc/${first_pid[foot]}/root/root/values.json"
    cp "$here/hostile/values.py" "/proc/${first_pid[foot]}/root/root/values.py" && ((status == 0)) && inside foot python3 /root/values.py check /root/values.json
  fi
}
all_by_chance() { local round; for round in {1..12}; do by_chance "$round" || { echo "round $round"; return 1; }; done; }
put_parameter database/application-secret "$(make_secret footholds-database '{"username":"app","password":"word"}')"
put_parameter documents/secret "$(make_secret footholds-documents '{"username":"app","password":"word"}')"
check "parameters and secrets by chance, seed ${BEAMSTALK_SEED:-20261129}: what they say is what the release reads, or they are refused" all_by_chance
check 'and nothing else changes' untouched foot "$before"
check 'the unit neither' equal "$(inside foot grep -x 'User=.*' /etc/systemd/system/beamstalk.service)" 'User=beamstalk'
for name in storage/assets-bucket storage/uploads-bucket shards/user shards/map-table wide-columns/keyspace graph/port \
  queues/mail-out tables/by-kind cache/endpoint database/application-secret documents/secret app/environment-secret; do drop_parameter "$name"; done

# --- An archive ---------------------------------------------------------------------------------------------------------

echo "--- an archive reaches out of its folder ($SECONDS s)"
before=$(watched foot)
# install RELEASE: as a boot does.
install_release() {
  put_parameter release/uri "s3://gate-releases/$1.tar.gz"
  steps foot fetch check release
}
# unit_is_ours: one user, and not root, and not a line more than were written.
unit_is_ours() {
  equal "$(inside foot grep -c '' /etc/systemd/system/beamstalk.service)/$(inside foot grep -x 'User=.*' /etc/systemd/system/beamstalk.service)" \
    "$(grep -c '' "$here/../../lib/node/boot/files/systemd/beamstalk.service")/User=beamstalk"
}
hostile newline-name newline-name
install_release newline-name
check 'a name of three lines brings none into the unit' unit_is_ours
for kind in cookie-link folder-link dots hard-link device pipe version-path; do
  hostile "$kind" "hostile-$kind"
  install_release "hostile-$kind"
  check "$kind: nothing outside changes" untouched foot "$before"
done
check 'the unit is as it was made' unit_is_ours
hostile special-modes special-modes
install_release special-modes
check 'special modes and capabilities are gone' equal "$(inside foot bash -c 'find /opt/beamstalk/releases -perm /7000; getfattr -Rhm - /opt/beamstalk/releases 2> /dev/null || python3 -c "
import os
for folder, _, files in os.walk(\"/opt/beamstalk/releases\"):
    for name in files:
        path = os.path.join(folder, name)
        if os.listxattr(path, follow_symlinks=False): print(path)"')" ''
if [[ "$(uname -m)" == x86_64 ]]; then
  hostile interpreter interpreter
  install_release interpreter
  check 'the program interpreter of a library is not started as root' untouched foot "$before"
fi
mkdir -p "/proc/${first_pid[foot]}/root/root/archives"
python3 "$here/hostile/archives.py" "${BEAMSTALK_SEED:-20261129}" 200 "/proc/${first_pid[foot]}/root/root/archives"
cp "$here/hostile/trees.sh" "/proc/${first_pid[foot]}/root/root/trees.sh"
inside foot touch /etc/canary-made
check "two hundred archives by chance, seed ${BEAMSTALK_SEED:-20261129}: a tree of plain files or nothing" inside foot bash /root/trees.sh /root/archives
inside foot rm -rf /root/archives
end foot

# --- A worker, to its end -----------------------------------------------------------------------------------------------

echo "--- a worker whose release plants links in its home ($SECONDS s)"
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
put_parameter pressure/shed off
: > "$state/calls"
start mill i-mill
boot mill worker
check 'a worker boots' boot_says mill 'worker node of gate is up'
canaries mill
before=$(watched mill)
as_release mill bash -c 'cd /var/lib/beamstalk/home && rm -rf tmp releases protect.lock .erlang.cookie && ln -s /var/lib/beamstalk tmp &&
  ln -s /etc/canary.d releases && ln -s /etc/canary protect.lock && ln -s /etc/canary .erlang.cookie.new && ln -s /etc/canary drained'
again mill worker
check 'a boot writes through none of them' untouched mill "$before"
inside mill bash /opt/beamstalk/boot/files/bin/protect.sh on > /dev/null 2>&1
put_parameter pressure/shed on
inside mill bash /opt/beamstalk/boot/files/bin/pressure.sh > /dev/null
put_parameter pressure/shed off
check 'nor what asks for protection, or hears of the pressure' untouched mill "$before"
as_release mill bash -c 'cd /var/lib/beamstalk/home && rm -f tmp releases protect.lock .erlang.cookie.new'
power=("${lesser[@]}")
again mill worker
check 'a root that may write in no folder of others boots the worker' boot_says mill 'worker node of gate is up'
check 'and hears of the pressure' inside mill "${power[@]}" bash -c 'rm -f /run/beamstalk/pressure; bash /opt/beamstalk/boot/files/bin/pressure.sh && test -s /run/beamstalk/pressure'
inside mill systemctl stop beamstalk-drain.service
echo i-mill > "$state/instance"
echo Terminated > "$state/lifecycle"
check 'and lets it go at its end' inside mill "${power[@]}" timeout 60 bash /opt/beamstalk/boot/files/bin/drain.sh
check 'which the group hears of' called '^CompleteLifecycleAction .*InstanceId=i-mill'
check 'and nothing of root'\''s has changed' untouched mill "$before"
power=()
: > "$state/lifecycle"
end mill
