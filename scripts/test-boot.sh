#!/usr/bin/env bash
# Boots nodes of every role from the very files that the stacks put into a bundle, in Debian 13 under chroot, with real
# PostgreSQL, nginx, AWS CLI and a BEAM release, against a local engine for SSM, Secrets Manager and S3. Nothing leaves
# the machine: each node lives in mount, network and process namespaces of its own. With arguments only the parts of that
# name run, or all but those that are named after `--without` (test/boot/parts.sh).
#
# Needs Debian or Ubuntu, root, and package servers on the first run. What takes long is kept below
# ${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk; remove that folder to start from nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=../test/boot/parts.sh
source test/boot/parts.sh
choose_parts "$@"

[[ $(id -u) -eq 0 ]] || { echo 'test-boot: needs root for chroot, mounts and namespaces' >&2; exit 2; }
cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamstalk"
mkdir -p "$cache"
# Two runs at once would build the same cache, and the same bundle; from then on each is alone.
exec 9> "$cache/test-boot.lock"
flock 9

missing=()
for tool in debootstrap haproxy jq shellcheck; do command -v "$tool" > /dev/null || missing+=("$tool"); done
if ((${#missing[@]} > 0)); then
  bash scripts/apt-install.sh "${missing[@]}"
fi

mapfile -t scripts < <(find lib scripts test -name '*.sh')
shellcheck -x -P SCRIPTDIR .ci/run "${scripts[@]}"
echo "ok    shellcheck finds nothing in $((${#scripts[@]} + 1)) scripts"

# The machine's root, made anew when what goes into it changes.
root=$(bash scripts/debian-root.sh)

engine=$(bash scripts/local-engine.sh)

work=$(mktemp -d)
gate=''
cleanup() {
  # Ends every process and every mount of the gate: the first process of its namespaces dies with the one that made it.
  if [[ -n "$gate" ]]; then
    kill -9 "$gate" 2> /dev/null || true
    wait "$gate" 2> /dev/null || true
  fi
  # Loop devices belong to the machine.
  for image in "$work"/*.img; do
    losetup -j "$image" 2> /dev/null | cut -d : -f 1 | xargs -r -n 1 losetup -d
  done
  # So do control groups, which are seen in a mount of them, and are busy until the last process has gone.
  # shellcheck disable=SC2016 # expanded there
  if [[ -d "$work/cgroup" ]]; then
    unshare --mount bash -c 'mount -t cgroup2 cgroup2 "$1/cgroup" && cd "$1/cgroup" || exit
      for _ in {1..20}; do
        find . -path "./beamstalk-$(basename "$1")-*" -depth -type d -exec rmdir {} + 2> /dev/null && break
        sleep 0.5
      done' - "$work" || true
  fi
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
npm run --silent build
npx --no-install tsx test/boot/bundles.ts "$work/bundles"
exec 9>&-

# In the background, so that an interruption is acted on at once.
unshare --mount --net --pid --fork --kill-child --mount-proc bash test/boot/run.sh "$root" "$engine" "$work" "$@" &
gate=$!
wait "$gate"
