import { awsFunctions } from './aws-functions';

export interface NatUserDataProps {
  /** Id of the network interface that the private routes point at; may be a CDK token. */
  readonly networkInterfaceId: string;
  readonly region: string;
  readonly stackName: string;
  readonly groupLogicalId: string;
}

/**
 * Makes an instance the way out for a network's IPv4: it takes the interface that the routes point at, forwards what
 * arrives there, and hides it behind its own address. Fails as a whole, so that the group tries another instance.
 */
export function natUserData({ networkInterfaceId, region, stackName, groupLogicalId }: NatUserDataProps): string {
  return `#!/bin/bash
set -euo pipefail
export HOME=/root AWS_DEFAULT_REGION='${region}' AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10
${awsFunctions(region, ['autoscaling', 'cloudformation', 'ec2'])}
imds() {
  curl -sf --retry 5 -H @- "http://169.254.169.254/latest/meta-data/$1" <<< "X-aws-ec2-metadata-token: $token"
}
token=$(curl -sf --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 3600' http://169.254.169.254/latest/api/token)
instance=$(imds instance-id)
signal() {
  signal_stack '${stackName}' '${groupLogicalId}' "$instance" "$1" || true
}
step='start'
failed() {
  shout "NAT failed at step $step"
  signal FAILURE
  sleep 60
  shutdown -h now
}
trap failed ERR

step='forwarding'
dnf install -y nftables
# What comes in on the interface of the routes leaves by the first one, so the strict reverse-path check has to go.
printf '%s\\n' 'net.ipv4.ip_forward = 1' 'net.ipv4.conf.all.rp_filter = 2' 'net.ipv4.conf.default.rp_filter = 2' \\
  > /etc/sysctl.d/90-nat.conf
sysctl --system
first=$(ip -4 route show default | awk 'NR == 1 { for (i = 1; i < NF; i++) if ($i == "dev") print $(i + 1) }')
mkdir -p /etc/nftables
printf 'table ip nat {\\n  chain postrouting {\\n    type nat hook postrouting priority srcnat;\\n    oifname "%s" masquerade\\n  }\\n}\\n' \\
  "$first" > /etc/nftables/nat.nft
echo 'include "/etc/nftables/nat.nft"' > /etc/sysconfig/nftables.conf
systemctl enable --now nftables

step='source and destination check'
# Before the second interface is there: with two, the check would have to be named per interface.
aws ec2 modify-instance-attribute --instance-id "$instance" --no-source-dest-check

step='taking over the interface'
taken=false
for _ in $(seq 60); do
  if aws ec2 attach-network-interface --device-index 1 --instance-id "$instance" \\
    --network-interface-id '${networkInterfaceId}'; then
    taken=true
    break
  fi
  sleep 5
done
"$taken"

step='signal'
signal SUCCESS
`;
}
