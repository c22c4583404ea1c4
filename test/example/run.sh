#!/bin/bash
# run.sh ROOT LAYER WORK [ARGUMENT...]: the gate itself, inside private mount, network and process namespaces. Arguments go to
# vitest.
set -euo pipefail
root="$1" layer="$2" work="$3"
shift 3
ip link set lo up

# All that the gate writes is in memory, and gone with it.
mount -t tmpfs -o mode=0755 tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$layer:$root,upperdir=$work/upper,workdir=$work/work" "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mkdir "$work/root/build"
cp -R examples/counter "$work/root/build"
rm -rf "$work"/root/build/counter/{,discovery/}_build
useradd --root "$work/root" --system --create-home beamstalk
chroot "$work/root" chown -R beamstalk: /build

# in_build COMMAND...: as a user does, in the folder of the example.
in_build() {
  chroot "$work/root" runuser -u beamstalk -- env -C "/build/${folder:-counter}" -i PATH=/usr/bin:/bin HOME=/home/beamstalk LC_ALL=C.UTF-8 "$@"
}
# step NAME COMMAND...
step() {
  local output
  if ! output=$(in_build "${@:2}" 2>&1); then
    printf '%s\nFAIL  %s\n' "$output" "$1" >&2
    exit 1
  fi
  echo "ok    $1"
}
step 'mix format --check-formatted' mix format --check-formatted
folder=counter/discovery step 'mix format --check-formatted (discovery)' mix format --check-formatted mix.exs libcluster/beamstalk.ex
step 'mix compile --warnings-as-errors' mix compile --warnings-as-errors
step 'mix test' mix test
step 'mix release' env MIX_ENV=prod mix release
archives=("$work"/root/build/counter/_build/prod/counter-*.tar.gz)
[[ -f "${archives[0]}" ]]
mkdir "$work/root/release"
tar -xzf "${archives[0]}" -C "$work/root/release"
chmod -R go+rX "$work/root/release"

export EXAMPLE_ROOT="$work/root"
exec bash scripts/with-node24.sh node node_modules/vitest/vitest.mjs run --project example "$@"
