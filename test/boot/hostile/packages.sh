#!/bin/bash
# packages.sh FOLDER: repositories of RPM packages that hold nothing, below FOLDER: `signed` by the key FOLDER/key, `foreign`
# by another one, and `unsigned`. What builds and nodes of Amazon Linux install by dnf is in each.
set -euo pipefail
folder="$1"
mkdir -p "$folder/unsigned"
{
  printf '%s\n' 'Name: gate' 'Version: 1.300071.0' 'Release: 1' 'Summary: gate' 'License: none' 'BuildArch: noarch' '%description' 'gate'
  for name in gcc gcc-c++ make openssl-devel ncurses-devel perl tar gzip unzip nginx amazon-cloudwatch-agent \
    postgresql17-server postgresql17-contrib util-linux; do
    printf '%s\n' "%package -n $name" 'Summary: gate' "%description -n $name" gate "%files -n $name"
  done
} > "$folder/gate.spec"
rpmbuild --quiet --define "_topdir $folder/build" --define "_rpmdir $folder/unsigned" -bb "$folder/gate.spec"
export GNUPGHOME="$folder/keyring"
mkdir -m 0700 "$GNUPGHOME"
for name in signed foreign; do
  gpg --batch --quiet --passphrase '' --quick-generate-key "$name" rsa3072 sign never
  cp -r "$folder/unsigned" "$folder/$name"
  rpmsign --quiet --define "_gpg_name $name" --addsign "$folder/$name"/noarch/*.rpm
done
gpg --export --armor signed > "$folder/key"
gpgconf --kill gpg-agent
for name in signed foreign unsigned; do createrepo_c --quiet "$folder/$name"; done
