#!/bin/bash
# trees.sh FOLDER: unpacks every archive of the folder as a node does, and looks at what came out and at what is outside.
# Prints what is wrong, and at the end how many were taken and refused. Ends with 1 when something is wrong.
set -uo pipefail
unpack=/opt/beamstalk/boot/files/bin/unpack-release.sh
outside() {
  stat -c '%n %u:%g %a' /etc/canary.d /opt/beamstalk /opt/beamstalk/releases /etc /root
  stat -c '%n %u:%g %a %s %h %Y' /etc/canary /etc/canary.d/*
  sha256sum /etc/canary /etc/canary.d/*
  find /root -newer /etc/canary-made
}
taken=0 refused=0 wrong=0
before=$(outside 2>&1)
for archive in "$1"/*.tar.gz; do
  target=/opt/beamstalk/releases/hostile
  rm -rf "$target"
  if bash "$unpack" "$archive" "$target" > /dev/null 2>&1; then taken=$((taken + 1)); else refused=$((refused + 1)); fi
  if [[ -e "$target" ]]; then
    found=$(
      find "$target" ! -type f ! -type d ! -type l -o -perm /7000 -o ! -user root -o ! -type l -perm /022 -o -type f -links +1 \
        -o -name $'*[\001-\037\177]*'
      find "$target" -type l -printf '%p\n' | while read -r link; do
        [[ "$(realpath -m "$link")/" == "$target/"* ]] || echo "$link leads out"
      done
      find "$target" -type l -lname '/*'
    )
  else
    found=$(compgen -G '/opt/beamstalk/releases/unpack.*')
  fi
  [[ "$(outside 2>&1)" == "$before" ]] || found+=' something outside has changed'
  if [[ -n "$found" ]]; then
    echo "$archive: $found"
    wrong=$((wrong + 1))
    before=$(outside 2>&1)
  fi
done
rm -rf /opt/beamstalk/releases/hostile
echo "$taken taken, $refused refused, $wrong wrong"
((wrong == 0 && taken > 0 && refused > 0))
