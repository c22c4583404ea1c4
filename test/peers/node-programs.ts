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
healthy=true
[[ ! -e "$here/ill" ]] || healthy=false
printf '{"role":"@ROLE@","release":"%s","uri":"%s","healthy":%s,"state":"InService","draining":false,"connections":3,"since":"2026-11-29T12:00:00Z","rolling":%s}\\n' "$release" "$uri" "$healthy" "$rolling"
`,
  'release-name.sh': '#!/bin/bash\necho shop\n',
  // Evaluates the expression as it came: each argument in a line of its own.
  'run-release.sh': `#!/bin/bash
printf '%s\\n' "$@"
case "$3" in raise*) echo "** (RuntimeError) no" >&2; exit 3 ;; esac
`,
};
