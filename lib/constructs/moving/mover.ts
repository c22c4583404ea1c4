import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { NodePlan } from '../../architecture/architecture';
import type { MoverPlan } from '../../architecture/mover';
import { bootSteps } from '../../node/boot-steps';
import { allow } from '../../policies/allow';
import { letReadSecret } from '../compute/data-access';
import { NodeFleet } from '../compute/node-fleet';
import type { ApplicationLogin } from '../database/application-login';
import type { Postgres } from '../database/postgres';
import { openReplicationWay } from '../database/replication-way';
import { SUBNETS } from '../network/environment-network';
import { NodeReports } from '../watching/node-reports';
import { BoxLogin } from './box-login';

export interface MoverProps {
  readonly environment: string;
  readonly plan: MoverPlan;
  readonly node: NodePlan;
  readonly logDays: number;
  readonly vpc: ec2.IVpc;
  /** Subnets from which machines reach AWS: those of the box, or those of the fleets once there are any. */
  readonly subnets: 'public' | 'app';
  /** Databases of RDS between which data move. */
  readonly databases: readonly Postgres[];
  /** Logins of their applications, by which it acts as the owner of tables. */
  readonly logins: readonly ApplicationLogin[];
  /** The single server, while data leave it: to that database of RDS. */
  readonly box?: { readonly fleet: NodeFleet; readonly to: Postgres };
}

/**
 * The machine that moves data from one database to another while a climb expands (docs/adr/0035-*): in the network with both, and
 * not at an operator's desk. There is none until `beamstalk move` starts one, which runs its actions there.
 */
export class Mover extends Construct {
  readonly fleet: NodeFleet;

  constructor(scope: Construct, id: string, props: MoverProps) {
    super(scope, id);
    const { environment, plan, node, logDays, vpc, databases, logins, box } = props;
    const isPublic = props.subnets === 'public';
    this.fleet = new NodeFleet(this, 'Nodes', {
      environment,
      plan,
      node,
      vpc,
      subnets: SUBNETS[props.subnets],
      publicAddress: isPublic,
      steps: bootSteps({ role: plan.role, reports: true }),
      behindLoadBalancer: false,
      // Another one completes what a machine leaves undone.
      drainSeconds: 0,
    });
    this.fleet.waitForNobody();
    new NodeReports(this, 'Reports', { environment, role: plan.role, fleet: this.fleet, logDays });
    for (const database of databases) {
      this.fleet.connections.allowToDefaultPort(database, 'The mover to a database');
      letReadSecret(this.fleet, database.secretArn);
    }
    for (const { secretArn } of logins) letReadSecret(this.fleet, secretArn);
    if (box) this.openBox(environment, box);
    this.letTell(environment, plan);
  }

  /** Opens the box to the mover and to the database that subscribes to its tables; the box decides itself when it lets them in. */
  private openBox(environment: string, { fleet, to }: NonNullable<MoverProps['box']>): void {
    this.fleet.connections.allowTo(fleet, ec2.Port.tcp(POSTGRES_PORT), 'The mover to the database of the box');
    openReplicationWay(this, 'FromBox', { from: to, to: fleet });
    const { secretArn } = new BoxLogin(this, 'BoxLogin', { environment });
    for (const nodes of [this.fleet, fleet]) letReadSecret(nodes, secretArn);
  }

  /** Lets it tell the nodes where data are, and the gate what was verified: by these names, and nothing else. */
  private letTell(environment: string, { moves }: MoverPlan): void {
    const parameter = (name: string): string =>
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: `beamstalk/${environment}/${name}`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
    allow(this.fleet.role, {
      actions: ['ssm:PutParameter'],
      resources: moves.flatMap(({ topic, name }) => [
        parameter(`${topic}/source`),
        parameter(`climb/verified/${name}`),
      ]),
    });
  }
}

const POSTGRES_PORT = 5432;
