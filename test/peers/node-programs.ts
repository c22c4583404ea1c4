/**
 * Programs of a node. A release whose address has `broken` in it never answers, one with `slow` in it takes a while.
 */
export const NODE_PROGRAMS: Readonly<Record<string, string>> = {
  'rollout.sh': `#!/bin/bash
here=$(dirname "$0")
echo "$*" >> "$here/calls"
echo "beamstalk: fetches $1"
case "$1" in
  *slow*) sleep 0.5 ;;
  *broken*) printf 'beamstalk: the release does not answer after 480 s: ** (Mix) \\033[31mno\\n'; exit 1 ;;
esac
echo "$1" > "$here/uri"
name=\${1##*/}
echo "beamstalk: runs \${name%.tar.gz}"
`,
  'node-status.sh': `#!/bin/bash
here=$(dirname "$0")
uri=$(cat "$here/uri")
name=\${uri##*/}
release=\${name%.tar.gz}
[[ "$uri" != none ]] || release=no-release
rolling=false
[[ ! -e "$here/rolling" ]] || rolling=true
untold=false
[[ ! -e "$here/untold" ]] || untold=true
healthy=true
[[ ! -e "$here/ill" ]] || healthy=false
printf '{"role":"@ROLE@","release":"%s","uri":"%s","healthy":%s,"state":"InService","draining":false,"connections":3,"since":"2026-11-29T12:00:00Z","rolling":%s,"untold":%s}\\n' "$release" "$uri" "$healthy" "$rolling" "$untold"
`,
  // A mover, whose engine goes by the files beside it: `fails` names the action that does not work now.
  'move.sh': `#!/bin/bash
here=$(dirname "$0")
echo "$*" >> "$here/calls"
at=$(cat "$here/serving" 2> /dev/null || echo source)
if [[ "$1" == "$(cat "$here/fails" 2> /dev/null)" ]]; then
  printf 'beamstalk: another mover is at work on it \\033[31m\\n' >&2
  exit 1
fi
proof='"verification":{"equal":true,"tables":2,"rows":1234,"digest":"ab","differences":[],"seconds":1.25}'
case "$1" in
  check) echo '[{"id":"collation","level":"accept","what":"they differ","remedy":"look"}]'; exit "$(cat "$here/check" 2> /dev/null || echo 1)" ;;
  start) sleep "$(cat "$here/slow" 2> /dev/null || echo 0)"; echo 'copying rows' >&2 ;;
  status) echo '{"step":"ready","serving":"'"$at"'","epoch":0,"tables":{"total":2,"copied":2},"rows":{"done":9,"expected":9},"bytes":{"done":9,"expected":9},"verified":false,"next":"rehearse, then switch; or abandon","problems":[]}' ;;
  rehearse) echo '{"from":"source","to":"target","lockingMilliseconds":1,"lockedMilliseconds":31,"triesBefore":0,'"$proof"'}' ;;
  switch) echo target > "$here/serving"; echo '{"from":"source","to":"target","lockingMilliseconds":1,"lockedMilliseconds":41,"triesBefore":0,'"$proof"'}' ;;
  back) echo source > "$here/serving"; echo '{"from":"target","to":"source","lockingMilliseconds":1,"lockedMilliseconds":21,"triesBefore":0,'"$proof"'}' ;;
  finish) echo '{"move":"users","epoch":1,"tables":2,"rows":1234,"digest":"ab","verifiedAt":"2026-11-30T05:00:00.000Z"}' ;;
esac
`,
  'open-database.sh': `#!/bin/bash
here=$(dirname "$0")
echo "open-database.sh $1" >> "$here/calls"
if [[ -e "$here/closed" ]]; then echo 'beamstalk: instance metadata does not answer'; exit 1; fi
if [[ "$1" == open ]]; then
  printf 'beamstalk: opened\\n{"address": "%s", "certificate": "PEM\\\\n"}\\n' "$(cat "$here/address" 2> /dev/null || echo 10.0.0.7)"
fi
`,
  'release-name.sh': '#!/bin/bash\necho shop\n',
  // Evaluates the expression as it came: each argument in a line of its own.
  'run-release.sh': `#!/bin/bash
printf '%s\\n' "$@"
case "$3" in raise*) echo "** (RuntimeError) no" >&2; exit 3 ;; esac
`,
};
