#!/bin/bash
# Uploads the one archive in the current folder with its checksum, and leaves in `bundle` what CodeDeploy brings to the
# nodes. RELEASES is the bucket, MODE how nodes take the release, BUILD the execution of the pipeline. The archive is made
# by code that nobody here trusts: it is looked at, never unpacked, and its name is checked before it becomes a key.
#
# What was uploaded once is never overwritten, because nodes may still have to boot it: each run has a folder of its own,
# and the bucket takes nothing there that does not ask whether it is there already.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (2026-11-29)
set -euo pipefail
tools="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"

found=(*)
archive="${found[0]}"
[[ ${#found[@]} -eq 1 && "$archive" =~ ^[A-Za-z0-9][A-Za-z0-9._+-]{0,200}\.tar\.gz$ ]] || {
  printf 'one <name>-<version>.tar.gz is expected of the build, not: %q\n' "${found[*]}" >&2
  exit 1
}
# A link would publish what it points at, in the name of who publishes.
[[ -f "$archive" && ! -L "$archive" ]] || { echo "$archive is no file" >&2; exit 1; }
listing=$(mktemp)
tar -tzf "$archive" > "$listing" || { echo "$archive is no tar.gz" >&2; exit 1; }
grep -qE '^(\./)?releases/start_erl\.data$' "$listing" || {
  echo "$archive holds no release: releases/start_erl.data is missing" >&2
  exit 1
}

# put FILE KEY
put() {
  aws s3api put-object --bucket "$RELEASES" --key "$2" --body "$1" --if-none-match '*' > /dev/null || {
    echo "s3://$RELEASES/$2 was not written; what is released is never overwritten" >&2
    exit 1
  }
}
key="releases/$BUILD-${CODEBUILD_BUILD_NUMBER:-0}/$archive"
sha256sum "$archive" > "$archive.sha256"
# The checksum first: whoever finds the release finds it too.
put "$archive.sha256" "$key.sha256"
put "$archive" "$key"

mkdir bundle
cp "$tools/bundle/appspec.yml" "$tools/bundle/hook.sh" bundle/
printf 's3://%s/%s\n%s\n' "$RELEASES" "$key" "$MODE" > bundle/release
echo "released s3://$RELEASES/$key"
