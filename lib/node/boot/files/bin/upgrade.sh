#!/bin/bash
# Brings the running release to the one fetched as `next` without a restart, by its relup. Ends with 3 when there is no
# way to do that, which is no failure: the release is started anew then.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

# no_way REASON
no_way() {
  say "no upgrade by relup: $*"
  exit 3
}

current=$(readlink -f "$HOME_DIR/current")
next=$(readlink -f "$HOME_DIR/next")
[[ -f "$current/releases/start_erl.data" ]] || no_way 'no release runs'
# The file may end without a newline, which `read` takes for a failure.
read -r runtime from < "$current/releases/start_erl.data" || true
read -r next_runtime to < "$next/releases/start_erl.data" || true
[[ "$from" =~ $RELEASE_WORD && "$to" =~ $RELEASE_WORD ]] || no_way 'a version is no word'
[[ "$from" != "$to" ]] || no_way "both releases are $to"
[[ "$runtime" == "$next_runtime" ]] || no_way "another Erlang runtime, $next_runtime after $runtime"
[[ -f "$next/releases/$to/relup" ]] || no_way "releases/$to/relup is not in the release"
grep -qF "\"$from\"" "$next/releases/$to/relup" || no_way "releases/$to/relup knows no way from $from"
if grep -qE 'restart_(new_)?emulator' "$next/releases/$to/relup"; then no_way 'it asks for a restart by itself'; fi

name=$(start_script "$current" "$next/releases/$to")
[[ -n "$name" ]] || no_way 'the releases have different names'

# The release handler keeps its books where the running release may write: RELDIR of its environment. So it is the release's
# user who writes them.
books="$STATE/home/releases"
# shellcheck disable=SC2016 # expanded by the release's user
as_release bash -c 'umask 077 && mkdir -p -- "$1" && rm -rf -- "${1:?}/${2:?}" && cp -r -- "$3" "$1/$2"' \
  - "$books" "$to" "$next/releases/$to" || fail "the books of the release handler cannot be written to $books"

script="$BOOT/files/upgrade.erl"
if grep -q RELEASE_VM_ARGS "$current/bin/$name"; then
  # Made by mix: its rpc takes Elixir.
  call=(rpc "{:ok, answer} = :file.script(~c\"$script\", [{:Root, ~c\"$next\"}, {:Name, ~c\"$name\"}, {:Vsn, ~c\"$to\"}]); IO.inspect(answer)")
else
  call=(eval "{ok, Answer} = file:script(\"$script\", [{'Root', \"$next\"}, {'Name', \"$name\"}, {'Vsn', \"$to\"}]), Answer.")
fi
seconds="${BEAMSTALK_UPGRADE_SECONDS:-600}"
status=0 began=$SECONDS
BEAMSTALK_RELEASE_SECONDS="$seconds" to_answer bash "$BOOT/files/bin/run-release.sh" "$name" "${call[@]}" || status=$?
if ((status == 137 && SECONDS - began >= seconds)); then fail "the running release did not take the upgrade in $seconds s"; fi
grep -aq upgraded "$ANSWER" || fail "the running release did not take the upgrade: $(tail -n 1 "$ANSWER" | tr -d '\0')"
# The books of a node that starts anew begin with what it started with.
as_release rm -f -- "$books/RELEASES"
say "upgraded from $from to $to without a restart"
