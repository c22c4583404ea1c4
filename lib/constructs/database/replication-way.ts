import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

const PORT = 5432;

/**
 * Lets one database subscribe to tables of another. Rules of their own: asked for in the usual way, they would take the
 * rule that lets nothing out from the group itself, and a group that says nothing of its way out may be given all of it.
 */
export function openReplicationWay(
  scope: Construct,
  id: string,
  { from, to }: { readonly from: ec2.IConnectable; readonly to: ec2.IConnectable },
): void {
  const description = 'Logical replication of a migration';
  const rule = { ipProtocol: 'tcp', fromPort: PORT, toPort: PORT, description };
  const [source, destination] = [groupOf(from), groupOf(to)];
  new ec2.CfnSecurityGroupEgress(scope, `${id}Out`, {
    ...rule,
    groupId: source,
    destinationSecurityGroupId: destination,
  });
  new ec2.CfnSecurityGroupIngress(scope, `${id}In`, { ...rule, groupId: destination, sourceSecurityGroupId: source });
}

function groupOf({ connections }: ec2.IConnectable): string {
  const [group] = connections.securityGroups;
  if (group === undefined) throw new Error('a database has a security group');
  return group.securityGroupId;
}
