# shellcheck shell=bash disable=SC2034 # for whoever sources this
# Parts of the gate in their order, each a file beside this one, and those that arguments ask for. Sourced by run.sh, and by what
# starts it: a wrong name costs no build.
all=(life systemd rollout move fleet drain footholds foreign-volume keeping headers names signed-agent builds)

# choose_parts [--without] [PART...]: `parts` are those of that name, or all but those after `--without`; all of them when none is given.
choose_parts() {
  local name unknown=() without=''
  parts=("${all[@]}")
  if (($# == 0)); then return; fi
  if [[ "$1" == --without ]]; then
    without=1
    shift
  fi
  for name in "$@"; do
    if [[ " ${all[*]} " != *" $name "* || "$name" == *' '* || -z "$name" ]]; then unknown+=("${name@Q}"); fi
  done
  if (($# == 0)); then
    echo "test-boot: --without names no part; allowed are ${all[*]}" >&2
    exit 2
  fi
  if ((${#unknown[@]} > 0)); then
    echo "test-boot: no part is called ${unknown[*]}; allowed are ${all[*]}, or --without and some of them" >&2
    exit 2
  fi
  if [[ -z "$without" ]]; then
    parts=("$@")
    return
  fi
  mapfile -t parts < <(printf '%s\n' "${all[@]}" | grep -vxF "$(printf '%s\n' "$@")")
  if ((${#parts[@]} == 0)); then
    echo 'test-boot: --without every part leaves none' >&2
    exit 2
  fi
}
