import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { FunctionDatabase } from './federation';
import type { Postgres } from './postgres';

export interface MigrationWayProps {
  readonly single: Postgres;
  readonly databases: readonly FunctionDatabase[];
}

/**
 * The network between the single database and those of the functions, while a climb expands: a function's database
 * subscribes to its tables, and the single one subscribes back until the climb contracts (docs/runbooks.md).
 */
export class MigrationWay extends Construct {
  constructor(scope: Construct, id: string, { single, databases }: MigrationWayProps) {
    super(scope, id);
    for (const { plan, database } of databases) {
      const own = new Construct(this, plan.function);
      open(own, 'There', { from: database, to: single });
      open(own, 'Back', { from: single, to: database });
    }
  }
}

/**
 * Rules of their own. Asked for in the usual way, they would take the rule that lets nothing out from the group itself,
 * and a group that says nothing of its way out may be given all of it.
 */
function open(scope: Construct, id: string, { from, to }: { readonly from: Postgres; readonly to: Postgres }): void {
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

const PORT = 5432;

function groupOf({ connections }: Postgres): string {
  const [group] = connections.securityGroups;
  if (group === undefined) throw new Error('a database has a security group');
  return group.securityGroupId;
}
