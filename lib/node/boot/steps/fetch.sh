#!/bin/bash
# Downloads and unpacks the release. `none` stands for an environment that has none yet: then a small responder answers
# on the application's port, so that the fleet can be deployed before its first release.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

configured=$(parameter_like release release/uri)
# What runs is what was deployed last, as long as the configuration has not named another release since: `release/current`
# holds the release and what `release/uri` was when it was deployed.
read -r deployed over _ <<< "$(parameter release/current '')"
if [[ -n "${BEAMSTALK_RELEASE:-}" ]]; then
  uri="$BEAMSTALK_RELEASE"
elif [[ -n "$deployed" && "$over" == "$configured" ]]; then
  uri="$deployed"
else
  uri="$configured"
fi
id beamstalk > /dev/null 2>&1 ||
  useradd --system --user-group --home-dir /var/lib/beamstalk --no-create-home --shell /usr/sbin/nologin beamstalk
# The release's user reads what is in here, and nobody but root writes to it.
install -d -m 0750 -o root -g beamstalk "$HOME_DIR/releases"

if [[ "$uri" == none ]]; then
  target="$BOOT/files/no-release"
else
  in_shape release "$uri" || fail "the release is ${uri@Q}; expected s3://<bucket>/<key>.tar.gz or none"
  name="${uri##*/}"
  name="${name%.tar.gz}"
  [[ "$name" =~ $RELEASE_WORD ]] || fail "the release is ${uri@Q}; its file name is that of no release"
  target="$HOME_DIR/releases/$name"
  # Another release may be called the same, and may be the one that runs.
  if [[ -e "$target" && "$(cat "$target/.uri" 2> /dev/null)" != "$uri" ]]; then
    target="$target.$(sha256sum <<< "$uri" | head -c 8)"
  fi
  # Left by an earlier run when its machine was stopped.
  rm -rf -- "$HOME_DIR"/incoming.*
  incoming=$(mktemp -d -- "$HOME_DIR/incoming.XXXXXXXXXX")
  trap 'rm -rf -- "$incoming"' EXIT
  archive="$incoming/release.tar.gz"
  aws s3 cp --only-show-errors "$uri" "$archive" || fail "release $uri cannot be downloaded"
  if aws s3 cp --only-show-errors "$uri.sha256" "$archive.sha256" 2> "$RUN/sha256.log"; then
    wanted=$(awk '{ print $1; exit }' "$archive.sha256")
    found=$(sha256sum "$archive" | awk '{ print $1 }')
    [[ "$wanted" == "$found" ]] || fail "release $uri has checksum $found; its .sha256 says ${wanted@Q}"
  elif ! grep -qE '\((403|404)\)' "$RUN/sha256.log"; then
    # S3 answers 403 for what is not there to whoever may not list the bucket. Any other error is not absence.
    fail "checksum $uri.sha256 cannot be read: $(tail -n 1 "$RUN/sha256.log")"
  fi
  bash "$BOOT/files/bin/unpack-release.sh" "$archive" "$incoming/release"
  if ! compgen -G "$incoming/release/erts-*/bin/beam.smp" > /dev/null; then
    fail "release $uri carries no Erlang runtime (erts-*/bin/beam.smp): build it with include_erts"
  fi
  put 0644 root:root "$incoming/release/.uri" <<< "$uri"
  # A running node keeps the files it has open; the next start takes the new ones.
  rm -rf -- "$target"
  mv -T -- "$incoming/release" "$target"
fi
ln -sfn "$target" "$HOME_DIR/${BEAMSTALK_LINK:-current}"
