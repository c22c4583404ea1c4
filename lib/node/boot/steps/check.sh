#!/bin/bash
# Refuses, in one line, a release that this machine cannot run: another CPU, another or a newer C library, a library
# that is not there. It would otherwise fail later with a message that names none of these.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

current=$(readlink -f "$HOME_DIR/${BEAMSTALK_LINK:-current}")
beams=("$current"/erts-*/bin/beam.smp)
beam="${beams[0]}"
# Without a release there is nothing to check.
[[ -e "$beam" ]] || exit 0
release=$(basename "$current")

# Nodes of a cluster begin to speak to each other before the release has loaded any code that it does not name.
if [[ " $STEPS " == *' cluster '* ]] && ! grep -qE '\{ *ssl *,' "$current"/releases/*/*.rel; then
  fail "release $release has no ssl among its applications, which cluster.distribution tls needs"
fi

# Bytes 18 and 19 of an ELF file name the machine, little-endian on all that EC2 offers.
case "$(od -An -tx1 -j18 -N2 "$beam" | tr -d ' \n')" in
  3e00) built=x86_64 ;;
  b700) built=aarch64 ;;
  *) fail "release $release: $(basename "$beam") is no program for x86_64 or aarch64" ;;
esac
machine=$(uname -m)
[[ "$built" == "$machine" ]] || fail "release $release was built for $built, this machine is $machine"

if grep -aqE '/lib/ld-musl-' "$beam"; then
  fail "release $release was built against musl (Alpine Linux), this machine has glibc: build it on $IMAGE"
fi

# The newest symbol version that the runtime or any native library of the release asks for.
mapfile -d '' natives < <(find "$current/lib" -name '*.so' -type f -print0)
needed=$(grep -ahoE 'GLIBC_2\.[0-9]+' "$beam" "${natives[@]}" | sort -uV | tail -n 1)
needed="${needed#GLIBC_}"
has=$(ldd --version | awk 'NR == 1 { print $NF }')
newest=$(printf '%s\n' "${needed:-0}" "$has" | sort -V | tail -n 1)
[[ "$newest" == "$has" ]] || fail "release $release needs glibc $needed, this machine has $has: build it on $IMAGE"

# Not as root: ldd starts the program interpreter that the file itself names.
# Source: https://man7.org/linux/man-pages/man1/ldd.1.html, "Security" (2026-11-29)
to_answer as_release ldd "$beam" "${natives[@]}" || true
missing=$(tr -d '\0' < "$ANSWER" | awk '/not found/ { print $1 }' | sort -u | paste -sd ' ')
[[ -z "$missing" ]] || fail "release $release needs libraries that are not installed: $missing"
