# shellcheck shell=bash disable=SC2154,SC2016
# The CloudWatch agent comes from a bucket that no node vouches for: a package that the named key has not signed is not
# installed. Sourced by run.sh. `$` in single quotes is for the machine.

echo "--- an agent that somebody else packed ($SECONDS s)"
agent_bucket=amazoncloudwatch-agent-eu-west-1
curl -sf -X PUT --data "$here_xml" "$engine_url/$agent_bucket"
# The agent of the gate writes down how it is called; the script of its package, that root ran it.
admin bash -euc 'mkdir -p /root/agent/DEBIAN /root/agent/opt/aws/amazon-cloudwatch-agent/bin
  printf "%s\n" "Package: amazon-cloudwatch-agent" "Version: 1.300072.0-1" "Architecture: all" "Maintainer: gate" "Description: stands for the agent" > /root/agent/DEBIAN/control
  printf "#!/bin/sh\ntouch /root/agent-was-installed\n" > /root/agent/DEBIAN/postinst
  printf "#!/bin/sh\necho \"\$*\" > /root/agent-was-called\n" > /root/agent/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl
  chmod 755 /root/agent/DEBIAN/postinst /root/agent/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl
  dpkg-deb --build /root/agent /root/agent.deb
  export GNUPGHOME=/root/keys; mkdir -m 0700 "$GNUPGHOME"
  make_key() { gpg --batch --quiet --passphrase "" "${@:3}" --quick-generate-key "$1" ed25519 sign "$2"; }
  make_key ours never && make_key other never && make_key old 1d --faked-system-time 20260101T000000
  for name in ours other old; do gpg --export "$name" > "/root/$name.gpg"; done
  gpg --export ours other > /root/both.gpg
  for name in ours other; do gpg --batch --quiet --local-user "$name" --output "/root/$name.sig" --detach-sign /root/agent.deb; done
  gpg --batch --quiet --faked-system-time 20260101T010000 --local-user old --output /root/old.sig --detach-sign /root/agent.deb
  { cat /root/agent.deb; echo; } > /root/changed.deb
  gpgconf --kill gpg-agent' > "$work/agent.log" 2>&1 || cat "$work/agent.log"
fingerprint() { admin gpg --batch --with-colons --homedir /root/keys --list-keys "$1" 2> /dev/null | awk -F : '$1 == "fpr" { print $10; exit }'; }
# offer KEYS SIGNATURE PACKAGE: becomes what the bucket holds.
offer() {
  local architecture name
  architecture=$(admin dpkg --print-architecture)
  name="$engine_url/$agent_bucket/debian/$architecture/latest/amazon-cloudwatch-agent.deb"
  curl -sf -T "$admin_root/root/$1" "$engine_url/$agent_bucket/assets/amazon-cloudwatch-agent.gpg" && curl -sf -T "$admin_root/root/$3" "$name"
  curl -sf -T "$admin_root/root/$2" "$name.sig"
}
start reporter i-reporter
reporter_root="/proc/${first_pid[reporter]}/root"
mkdir -p "$reporter_root/opt/beamstalk/boot"
cp -r "$work/bundles/web-reports/." "$reporter_root/opt/beamstalk/boot/"
# Only the gate makes keys: a node has no agent to do so.
inside reporter bash -c 'rm /usr/bin/gpg-agent'
ours=$(fingerprint ours) old=$(fingerprint old)
# signed FINGERPRINT KEYS SIGNATURE PACKAGE: as a node looks at it.
for file in {ours,both,old}.gpg {ours,other,old}.sig {agent,changed}.deb; do cp "$admin_root/root/$file" "$reporter_root/root/"; done
signed() { inside reporter bash -c 'source /opt/beamstalk/boot/lib.sh; cd /root && rm -rf ./*.home && signed_by "$@"' - "$@"; }
not_signed() { ! signed "$@"; }
check 'what the named key has signed is taken' signed "$ours" ours.gpg ours.sig agent.deb
check 'not what another key has signed' not_signed "$ours" ours.gpg other.sig agent.deb
check 'not even when that key lies beside the one that is named' not_signed "$ours" both.gpg other.sig agent.deb
check 'not what was changed since' not_signed "$ours" ours.gpg ours.sig changed.deb
check 'not what an expired key has signed' not_signed "$old" old.gpg old.sig agent.deb
check 'not what has no signature' not_signed "$ours" ours.gpg changed.deb agent.deb
check 'not the other way round: a key that is no key' not_signed "$ours" agent.deb ours.sig agent.deb
aws_key=$(inside reporter bash -c 'source /opt/beamstalk/boot/lib.sh; echo "$CLOUDWATCH_AGENT_KEY"')
check 'and by itself a node names the key of AWS, which has signed none of these' equal "${#aws_key}/$(signed "$aws_key" both.gpg ours.sig agent.deb && echo taken)" 40/

reported() { inside reporter bash -c 'rm -f /run/beamstalk/parameters; export STACK=gate FLEET=Fleet; bash /opt/beamstalk/boot/steps/reports.sh' > "$work/nodes/reporter/boot.log" 2>&1; }
offer ours.gpg ours.sig agent.deb
check 'a node without its agent boots on' reported
check 'and says why' boot_says reporter 'the CloudWatch agent has no good signature of the key 9376'
check 'nothing of it was installed, or is left' inside reporter bash -c '! compgen -G "/root/agent-was-*" && ! dpkg -s amazon-cloudwatch-agent && ! compgen -G "/run/beamstalk/agent.*"'
check 'and says what it does not report' boot_says reporter 'the CloudWatch agent cannot be installed: this node reports neither its memory nor its log'
inside reporter bash -c 'printf "CLOUDWATCH_AGENT_KEY=%s\n" "$1" >> /opt/beamstalk/boot/node.conf' - "$ours"
check 'what the named key has signed is installed' reported
check 'and started with the configuration of the node' inside reporter grep -F -- '-a fetch-config -m ec2 -s -c file:/etc/beamstalk/cloudwatch-agent.json' /root/agent-was-called
check 'the folder of the download is gone' inside reporter bash -c '! compgen -G "/run/beamstalk/agent.*"'
end reporter
