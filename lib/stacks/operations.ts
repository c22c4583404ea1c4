import { Stack, type StackProps } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { AlertsPlan, OperationsPlan } from '../architecture/automation';
import { BOX_VOLUME_TAG } from '../constructs/box/data-volume';
import { Backups } from '../constructs/keeping/backups';
import { RestoreTest } from '../constructs/keeping/restore-test';
import { Spending } from '../constructs/keeping/spending';
import { Trail } from '../constructs/keeping/trail';
import { TrailWatch } from '../constructs/keeping/trail-watch';
import { GoldenImage } from '../constructs/machines/golden-image';
import { NodeCare } from '../constructs/machines/node-care';
import { CertificateWatch } from '../constructs/watching/certificate-watch';
import type { WatchedDatabase } from '../constructs/watching/database-watch';
import { EdgeWatch, edgeGraphs } from '../constructs/watching/edge-watch';
import { Watch } from '../constructs/watching/watch';
import { Watching } from '../constructs/watching/watching';
import { GOLDEN_PACKAGES } from '../node/golden-image';
import type { AppStack } from './app';
import type { AsyncStack } from './async';
import type { BackupCopyStack } from './backup-copy';
import type { DataStack } from './data';
import type { DeliveryStack } from './delivery';
import type { EdgeStack } from './edge';
import type { EdgeGlobalStack } from './edge-global';
import type { FederationStack } from './federation';
import type { LoginsStack } from './logins';
import type { NetworkStack } from './network';
import type { ShardsStack } from './shards';
import type { TablesStack } from './tables';
import type { WorkersStack } from './workers';

/** What stands elsewhere and is watched and kept from here. */
export interface Operated {
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly app: AppStack;
  readonly edge?: EdgeStack;
  readonly edgeGlobal?: EdgeGlobalStack;
  readonly async?: AsyncStack;
  readonly delivery?: DeliveryStack;
  readonly workers?: WorkersStack;
  readonly federation?: FederationStack;
  readonly logins?: LoginsStack;
  readonly tables?: TablesStack;
  readonly shards?: ShardsStack;
}

export interface OperationsStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly alerts: AlertsPlan;
  readonly operations: OperationsPlan;
  readonly operated: Operated;
  /** Where backups are copied to. */
  readonly copy?: BackupCopyStack;
  /** Whether alarms on CloudFront can stand here: it reports in one region only. */
  readonly edgeReportsHere: boolean;
}

/** Watches and keeps everything else: dashboards, alarms, backups, trail, budget, patches, images. */
export class OperationsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { architecture, alerts, operations, operated, copy, edgeReportsHere, ...props }: OperationsStackProps,
  ) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment, logDays, app, web, cache } = architecture;
    const { data, network } = operated;
    const trail = operations.trail && new Trail(this, 'Trail', { environment, plan: operations.trail, logDays });

    const { topics } = new Watching(this, 'Watching', {
      environment,
      plan: alerts,
      tiers: operated.app.tiers,
      fleets: { app, web },
      errors: operated.app.appReports?.errors,
      databases: databasesOf(architecture, operated),
      ...(data.cache && cache && { cache: { cache: data.cache, plan: cache } }),
      natGateways: network.natGateways,
      others: [
        ...this.edge(environment, alerts, operated, edgeReportsHere),
        ...(trail ? [new TrailWatch(this, 'Account', { environment, log: trail.log })] : []),
        ...(operated.app.authority ? [operated.app.authority.watch] : []),
        ...(operated.logins ? [operated.logins.watch] : []),
        ...(operated.async?.watches ?? []),
        ...(operated.delivery?.watches ?? []),
        ...(operated.workers ? [operated.workers.workers.watch] : []),
      ],
    });
    this.keep(architecture, operations, operated, topics.notify, copy);
    this.careForMachines(architecture, operations, operated);
  }

  private keep(
    { environment }: Architecture,
    plan: OperationsPlan,
    { data, federation, tables, shards }: Operated,
    topic: sns.ITopic,
    copy: BackupCopyStack | undefined,
  ): void {
    const databases = [data.database, ...(federation?.databases ?? []).map(({ database }) => database)].flatMap(
      (database) => (database ? [database.instance] : []),
    );
    const { vault } = new Backups(this, 'Backups', {
      environment,
      plan,
      resources: [
        ...databases.map((database) => backup.BackupResource.fromRdsDatabaseInstance(database)),
        ...(data.buckets.uploads ? [backup.BackupResource.fromArn(data.buckets.uploads.bucketArn)] : []),
        ...[...(tables?.tables.tables.values() ?? [])].map((table) => backup.BackupResource.fromArn(table.tableArn)),
        ...(shards?.store.backedUp ?? []).map((arn) => backup.BackupResource.fromArn(arn)),
      ],
      // The volume of the box stays in the account when a climb has retired it, and keeps its tag.
      tags: [[BOX_VOLUME_TAG, environment]],
      ...(copy && { copyTo: copy.vault }),
      topic,
    });
    if (plan.restoreTests) new RestoreTest(this, 'RestoreTest', { environment, vault, databases });
    new Spending(this, 'Spending', { environment, limit: plan.budgetUSD, topic });
  }

  private careForMachines(
    { environment, node, app, web }: Architecture,
    { goldenImages, playbook }: OperationsPlan,
    { network, app: { tiers }, workers }: Operated,
  ): void {
    const fleets = [
      ...(tiers ? [{ role: 'app' as const, fleet: tiers.app }] : []),
      ...(tiers?.web ? [{ role: 'web' as const, fleet: tiers.web }] : []),
      ...(workers ? [{ role: 'worker' as const, fleet: workers.workers.fleet }] : []),
    ];
    new NodeCare(this, 'Nodes', {
      environment,
      image: node.image,
      fleets,
      ...(playbook !== undefined && { playbook }),
    });
    const packages = GOLDEN_PACKAGES[node.image];
    if (goldenImages === 'none' || packages === undefined) return;
    const architectures = [app, web].flatMap((plan) => (plan ? [plan.instanceType.architecture] : []));
    for (const architecture of new Set(architectures)) {
      new GoldenImage(this, `Image-${architecture}`, {
        environment,
        image: node.image,
        architecture,
        packages,
        vpc: network.vpc,
      });
    }
  }

  private edge(
    environment: string,
    plan: AlertsPlan,
    { edge, edgeGlobal, app }: Operated,
    reportsHere: boolean,
  ): Watch[] {
    const watches: Watch[] = [];
    const distributionId = edge?.delivery?.distribution.distributionId;
    if (distributionId !== undefined) {
      watches.push(
        reportsHere
          ? new EdgeWatch(this, 'Edge', { environment, distributionId, plan })
          : new Watch(this, 'Edge', {
              environment,
              subject: 'edge',
              tier: 'users',
              alarms: [],
              graphs: edgeGraphs(distributionId),
            }),
      );
    }
    const certificates = {
      certificate: app.certificate?.certificateArn,
      'edge-certificate': reportsHere ? edgeGlobal?.certificateArn : undefined,
    };
    for (const [subject, certificateArn] of Object.entries(certificates)) {
      if (certificateArn === undefined) continue;
      watches.push(new CertificateWatch(this, subject, { environment, subject, certificateArn }));
    }
    return watches;
  }
}

/** The databases that there are: the single one and its replicas, or one for each function. */
function databasesOf({ database: plan }: Architecture, { data, federation }: Operated): WatchedDatabase[] {
  const { database, readers } = data;
  const single =
    plan && database
      ? [{ subject: 'database', instance: database.instance, storageGiB: plan.storageGiB, class: plan.class }]
      : [];
  const replicas = (readers?.replicas ?? []).map((instance, index) => ({
    subject: `replica-${index + 1}`,
    instance,
    storageGiB: plan?.storageGiB ?? 0,
    class: plan?.readers?.class ?? '',
    replica: true,
  }));
  const functions = (federation?.databases ?? []).map(({ plan: own, database: { instance } }) => ({
    subject: `database-${own.function}`,
    instance,
    storageGiB: own.storageGiB,
    class: own.class,
  }));
  return [...single, ...replicas, ...functions];
}
