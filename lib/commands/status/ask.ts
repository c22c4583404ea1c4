import { answered } from '../environment/answered';
import { type FleetNode, fleetNodes, isInService, NODE_ROLES, RELEASE_ROLES } from '../environment/fleet-nodes';
import { nodeStatus } from '../environment/node-status';
import { OperatorError } from '../environment/operator-error';
import { type Pause, RunCommand } from '../environment/run-command';
import { question } from './question';
import type { NodeLine, QueueLine, ReplicaLine } from './report';

/** Nodes with what their group, their agent and they themselves say. */
export async function askNodes(
  environment: string,
  region: string,
  { limitMs, pause }: { readonly limitMs: number; readonly pause: Pause },
): Promise<NodeLine[]> {
  const [nodes, commands] = await Promise.all([
    fleetNodes(environment, region, NODE_ROLES),
    RunCommand.in(region, pause),
  ]);
  const pings = await question(limitMs, () => commands.pings(nodes.map(({ id }) => id)));
  return Promise.all(
    nodes.map(async (node): Promise<NodeLine> => {
      const ping = 'answer' in pings ? (pings.answer.get(node.id) ?? 'not registered') : undefined;
      const runs = RELEASE_ROLES.some((role) => role === node.role) && isInService(node);
      const told = runs ? await toldBy(node, ping, commands, limitMs) : undefined;
      return { node, ...(ping !== undefined && { ping }), ...(told && { told }) };
    }),
  );
}

async function toldBy(
  { id }: FleetNode,
  ping: string | undefined,
  commands: RunCommand,
  limitMs: number,
): Promise<NodeLine['told']> {
  // A command would wait for its agent as long as may be.
  if (ping !== undefined && ping !== 'Online') return { unknown: `its agent is ${ping}` };
  return question(limitMs, async () => {
    const told = await nodeStatus(commands, id);
    if ('unknown' in told) throw new OperatorError(told.unknown);
    return told.status;
  });
}

/** Address of an Elastic IP by its allocation. */
export async function askElasticIp(region: string, allocation: string): Promise<string> {
  const { EC2Client, DescribeAddressesCommand } = await import('@aws-sdk/client-ec2');
  const command = new DescribeAddressesCommand({ AllocationIds: [allocation] });
  const answer = await answered('describe the address', () => new EC2Client({ region }).send(command));
  const address = answer?.Addresses?.[0]?.PublicIp;
  if (address === undefined) throw new OperatorError(`there is no address ${allocation}`);
  return address;
}

/** Depth of the queues. Source: API reference of GetQueueAttributes; the numbers are approximate (2026-11-29). */
export async function askQueues(
  region: string,
  urls: ReadonlyMap<string, string>,
  limitMs: number,
): Promise<QueueLine[]> {
  if (urls.size === 0) return [];
  const { SQSClient, GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  // The address of the queue may be that of a local engine, as it was made.
  const client = new SQSClient({ region, useQueueUrlAsEndpoint: false });
  return Promise.all(
    [...urls].map(async ([name, QueueUrl]): Promise<QueueLine> => {
      const depth = await question(limitMs, async () => {
        const command = new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        });
        const found = (await answered(`describe the queue ${name}`, () => client.send(command)))?.Attributes;
        if (found === undefined) throw new OperatorError(`there is no queue ${QueueUrl}`);
        return {
          waiting: Number(found['ApproximateNumberOfMessages'] ?? Number.NaN),
          taken: Number(found['ApproximateNumberOfMessagesNotVisible'] ?? Number.NaN),
          delayed: Number(found['ApproximateNumberOfMessagesDelayed'] ?? Number.NaN),
        };
      });
      return { name, depth };
    }),
  );
}

/** Time that a lag is looked for, in minutes: RDS publishes a value each minute. */
const LAG_MINUTES = 10;

/** Read replicas of the environment with their lag. */
export async function askReplicas(environment: string, region: string): Promise<ReplicaLine[]> {
  const [rds, watch] = await Promise.all([import('@aws-sdk/client-rds'), import('@aws-sdk/client-cloudwatch')]);
  const replicas: { readonly id: string; readonly state: string }[] = [];
  await answered('describe the databases', async () => {
    for await (const { DBInstances = [] } of rds.paginateDescribeDBInstances(
      { client: new rds.RDSClient({ region }) },
      {},
    )) {
      for (const {
        DBInstanceIdentifier: id = '',
        DBInstanceStatus: state = '',
        ReadReplicaSourceDBInstanceIdentifier: source,
        TagList = [],
      } of DBInstances) {
        const own = TagList.some(({ Key, Value }) => Key === 'beamstalk:environment' && Value === environment);
        if (own && source) replicas.push({ id, state });
      }
    }
  });
  if (replicas.length === 0) return [];
  const now = Date.now();
  const command = new watch.GetMetricDataCommand({
    StartTime: new Date(now - LAG_MINUTES * 60_000),
    EndTime: new Date(now),
    ScanBy: 'TimestampDescending',
    MetricDataQueries: replicas.map(({ id }, index) => ({
      Id: `lag${index}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/RDS',
          MetricName: 'ReplicaLag',
          Dimensions: [{ Name: 'DBInstanceIdentifier', Value: id }],
        },
        Period: 60,
        Stat: 'Maximum',
      },
    })),
  });
  const answer = await answered('tell the lag of the replicas', () =>
    new watch.CloudWatchClient({ region }).send(command),
  );
  return replicas.map(({ id, state }, index): ReplicaLine => {
    const lagSeconds = answer?.MetricDataResults?.find(({ Id }) => Id === `lag${index}`)?.Values?.[0];
    return { id, state, ...(lagSeconds !== undefined && { lagSeconds }) };
  });
}
