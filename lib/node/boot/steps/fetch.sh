#!/bin/bash
# Downloads and unpacks the release. `none` stands for an environment that has none yet: then a small responder answers
# on the application's port, so that the fleet can be deployed before its first release.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

configured=$(parameter release/uri)
# What runs is what was deployed last, as long as the configuration has not named another release since: `release/current`
# holds the release and what `release/uri` was when it was deployed.
read -r deployed over <<< "$(parameter release/current '')"
if [[ -n "${BEAMSTALK_RELEASE:-}" ]]; then
  uri="$BEAMSTALK_RELEASE"
elif [[ -n "$deployed" && "$over" == "$configured" ]]; then
  uri="$deployed"
else
  uri="$configured"
fi
id beamstalk > /dev/null 2>&1 ||
  useradd --system --user-group --home-dir /var/lib/beamstalk --no-create-home --shell /usr/sbin/nologin beamstalk
mkdir -p "$HOME_DIR/releases"

if [[ "$uri" == none ]]; then
  target="$BOOT/files/no-release"
else
  [[ "$uri" == s3://*/*.tar.gz ]] || fail "the release is $uri; expected s3://<bucket>/<key>.tar.gz or none"
  name=$(basename "$uri" .tar.gz)
  target="$HOME_DIR/releases/$name"
  archive="$STATE/$name.tar.gz"
  aws s3 cp --only-show-errors "$uri" "$archive" || fail "release $uri cannot be downloaded"
  if aws s3 cp --only-show-errors "$uri.sha256" "$archive.sha256" 2> "$RUN/sha256.log"; then
    wanted=$(awk '{ print $1; exit }' "$archive.sha256")
    found=$(sha256sum "$archive" | awk '{ print $1 }')
    [[ "$wanted" == "$found" ]] || fail "release $uri has checksum $found; its .sha256 says $wanted"
  elif ! grep -qE '\((403|404)\)' "$RUN/sha256.log"; then
    # S3 answers 403 for what is not there to whoever may not list the bucket. Any other error is not absence.
    fail "checksum $uri.sha256 cannot be read: $(tail -n 1 "$RUN/sha256.log")"
  fi
  rm -rf "$target.new"
  mkdir -p "$target.new"
  tar -xzf "$archive" -C "$target.new" --no-same-owner || fail "release $uri is no tar.gz"
  rm -f "$archive" "$archive.sha256"

  # Some tools pack the release itself, others the folder it is in.
  root="$target.new"
  entries=("$root"/*)
  if [[ ! -d "$root/bin" && ${#entries[@]} -eq 1 && -d "${entries[0]}/bin" ]]; then root="${entries[0]}"; fi
  [[ -d "$root/bin" ]] || fail "release $uri has no bin folder"
  if ! compgen -G "$root/erts-*/bin/beam.smp" > /dev/null; then
    fail "release $uri carries no Erlang runtime (erts-*/bin/beam.smp): build it with include_erts"
  fi
  # A running node keeps the files it has open; the next start takes the new ones.
  rm -rf "$target"
  mv "$root" "$target"
  rm -rf "$target.new"
fi
ln -sfn "$target" "$HOME_DIR/${BEAMSTALK_LINK:-current}"
