import { awsFunctions } from './aws-functions';
import type { NodeImage, NodeRole } from './blueprint';
import { shellQuote } from './shell';

export interface UserDataProps {
  /** `s3://bucket/key.zip` of the boot bundle; may hold CDK tokens. */
  readonly bundleUrl: string;
  readonly image: NodeImage;
  readonly region: string;
  readonly environment: string;
  readonly role: NodeRole;
  readonly stackName: string;
  /** Logical id of the fleet's Auto Scaling group, which CloudFormation expects signals for. */
  readonly fleetLogicalId: string;
}

/** Commands that bring the tools which the bundle's download needs. Amazon Linux 2023 has them in the image. */
const TOOLS: Readonly<Record<NodeImage, string>> = {
  'amazon-linux-2023': 'true',
  'debian-13':
    'type -P aws > /dev/null && type -P curl > /dev/null ||\n' +
    '    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq awscli curl; }',
};

/**
 * The script that an instance runs once: fetch the boot bundle and hand over to it. The same for every node of a fleet;
 * nothing in it is secret or an endpoint of ours. When it cannot fetch the bundle it says why on the console and shuts
 * down, so that the group replaces the instance.
 */
export function userData({
  bundleUrl,
  image,
  region,
  environment,
  role,
  stackName,
  fleetLogicalId,
}: UserDataProps): string {
  return `#!/bin/bash
# beamstalk: ${role} node of ${environment}
set -uo pipefail
export HOME=/root AWS_DEFAULT_REGION=${shellQuote(region)} AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10
${awsFunctions(region, ['autoscaling', 'cloudformation', 's3'])}
home=/opt/beamstalk
stack=${shellQuote(stackName)}
fleet=${shellQuote(fleetLogicalId)}

tools() { ${TOOLS[image]}; }
fetch() {
  tools && mkdir -p "$home" && aws s3 cp --only-show-errors ${shellQuote(bundleUrl)} "$home/boot.zip" &&
    rm -rf "$home/boot" && python3 -I -m zipfile -e "$home/boot.zip" "$home/boot"
}

for attempt in 1 2 3 4 5; do
  if reason=$(fetch 2>&1); then exec bash "$home/boot/boot.sh" "$stack" "$fleet"; fi
  sleep $((attempt * \${BEAMSTALK_RETRY_SECONDS:-10}))
done

shout "boot failed at step bundle: $(tail -n 1 <<< "$reason")"
metadata="\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}"
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "\${metadata%/}/latest/api/token")
instance=$(curl -sf -H @- "\${metadata%/}/latest/meta-data/instance-id" <<< "X-aws-ec2-metadata-token: $token")
signal_stack "$stack" "$fleet" "$instance" FAILURE
sleep "\${BEAMSTALK_BACKOFF_SECONDS:-120}"
shutdown -h now
`;
}
