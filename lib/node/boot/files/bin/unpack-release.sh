#!/bin/bash
# unpack-release.sh ARCHIVE FOLDER: unpacks a release into FOLDER, which must not exist. Whoever made the archive may have
# meant to reach what is not his: what comes out is a tree of plain files, folders and links within it, root's, readable to
# all and writable to root alone.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

archive="${1:?archive}" target="${2:?folder}"
above=$(dirname -- "$target")
root_only "$above" || fail "$target is not written: others may write to $above"
work=$(mktemp -d -- "$above/unpack.XXXXXXXXXX")
trap 'rm -rf -- "$work"' EXIT

# tar makes no link out of the tree before all files are there, and leaves out members with `..`; the tree is looked at
# before anybody else may see it.
tar --extract --gzip --file "$archive" --directory "$work" --no-same-owner --no-same-permissions --no-acls --no-selinux \
  --no-xattrs 2> "$RUN/tar.log" || fail "the release cannot be unpacked: $(tail -n 1 "$RUN/tar.log" | tr -d '[:cntrl:]')"

# Some tools pack the release itself, others the folder it is in.
root="$work"
entries=("$root"/*)
if [[ ! -d "$root/bin" && ${#entries[@]} -eq 1 && ! -L "${entries[0]}" && -d "${entries[0]}/bin" ]]; then root="${entries[0]}"; fi
[[ -d "$root/bin" ]] || fail 'the release has no bin folder'
refused=$(python3 -I "$BOOT/files/bin/settle-tree.py" "$root" 2>&1) || fail "the release is refused: ${refused##*$'\n'}"
mv -T -- "$root" "$target"
