import { describe, expect, test } from 'vitest';
import type { Templates } from '../../lib/template/template';
import { exchange } from '../../lib/verdict/changes/rolling-update';
import { verdictOf } from '../../lib/verdict/verdict';
import { AURORA, cluster } from './hazards-of-clusters';
import { Planted } from './planted';

const NODES = 'TiersAppGroupASG';

/** A drain by a hook that is a resource of its own: alone, or beside that of the group. */
function drain(both: Planted, beside = false): void {
  if (!beside) both.unset('app', NODES, 'LifecycleHookSpecificationList');
  both.add('app', 'Drain', {
    Type: 'AWS::AutoScaling::LifecycleHook',
    Properties: {
      AutoScalingGroupName: { Ref: both.idOf('app', NODES) },
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      HeartbeatTimeout: 210,
    },
  });
}

/** What users of production notice of what is planted, by the resource that it is about. */
function noticed(
  plant: (after: Planted) => void,
  given?: (both: Planted) => void,
): (readonly [id: string, what: string])[] {
  const before = Planted.prod();
  given?.(before);
  const after = before.copy();
  plant(after);
  const [was, is] = [before, after].map(({ templates }) => templates as unknown as Templates) as [Templates, Templates];
  return verdictOf(was, is).interruptions.map(({ id, what }) => [id, what] as const);
}

describe('users notice', () => {
  test.each<readonly [string, (after: Planted) => void, id: string, what: RegExp]>([
    [
      'a fleet smaller than it was at least',
      (after) => after.set('app', NODES, { MinSize: '1', MaxSize: '2' }),
      NODES,
      /^at least 1 of 3 nodes leave at once/,
    ],
    [
      'a fleet without a spare node',
      (after) => after.set('app', NODES, { MinSize: '1' }),
      NODES,
      /from 3 nodes to 1.*nobody is answered until another has booted/,
    ],
    [
      'a fleet in one zone',
      (after) => after.find('app', NODES).Properties['VPCZoneIdentifier'].splice(1),
      NODES,
      /^nothing now; the failure of its one zone takes all/,
    ],
    [
      'a fleet in two zones',
      (after) => after.find('app', NODES).Properties['VPCZoneIdentifier'].splice(2),
      NODES,
      /^nothing now; the failure of one zone takes more/,
    ],
    ['a fleet that may end', (after) => after.set('app', NODES, { MinSize: '0' }), NODES, /no node at all/],
    ['no node', (after) => after.set('app', NODES, { MinSize: '0', MaxSize: '0' }), NODES, /^no node is left/],
    ['no target group', (after) => after.unset('app', NODES, 'TargetGroupARNs'), NODES, /^no request reaches/],
    [
      'no draining',
      (after) => after.unset('app', NODES, 'LifecycleHookSpecificationList'),
      NODES,
      /^nodes no longer drain/,
    ],
    [
      'less time to drain',
      (after) => {
        after.find('app', NODES).Properties['LifecycleHookSpecificationList'][0].HeartbeatTimeout = 30;
      },
      NODES,
      /longer than 30 s/,
    ],
    [
      'a disabled CDN',
      (after) => {
        after.find('edge', 'DeliveryDistribution4').Properties['DistributionConfig'].Enabled = false;
      },
      'DeliveryDistribution',
      /answers nobody/,
    ],
    [
      'no way out',
      (after) => after.remove('network', 'NetworkVpcappSubnet1DefaultRoute5'),
      'NetworkVpcappSubnet1DefaultRoute5',
      /end, and none can be made again/,
    ],
    ['no zone of readers', (after) => after.remove('data', 'ReadersZone'), 'ReadersZone', /^no name in it resolves/],
    [
      'a reader fewer under their name',
      (after) => after.remove('data', 'ReadersName1'),
      'ReadersName1',
      /^the name leads to the read replica ReadersReplica2\w* from then on/,
    ],
    [
      'no name of readers',
      (after) => {
        after.remove('data', 'ReadersName1');
        after.remove('data', 'ReadersName2');
      },
      'ReadersName1',
      /no longer resolves/,
    ],
    [
      'no network',
      (after) => after.remove('network', after.idOf('network', 'NetworkVpc', 'AWS::EC2::VPC')),
      'NetworkVpc',
      /^everything in the network goes/,
    ],
    [
      'a larger data volume',
      (after) => after.set('data', 'Files', { Size: 200 }),
      'Files',
      /^nothing now, and no more room either/,
    ],
    [
      'a major version of the database',
      (after) => {
        after.set('data', 'DatabaseInstanceAA', { EngineVersion: '18.3', AllowMajorVersionUpgrade: true });
        after.set('data', 'DatabaseParameters', { Family: 'postgres18' });
      },
      'DatabaseInstanceAA',
      /^minutes without the database, and up to hours/,
    ],
    [
      'a replica with other parameters',
      (after) => after.set('data', 'ReadersReplica1', { DBInstanceClass: 'db.r7g.xlarge' }),
      'ReadersReplica1',
      /^minutes without this replica/,
    ],
    [
      'no standby',
      (after) => after.set('data', 'DatabaseInstanceAA', { MultiAZ: false }),
      'DatabaseInstance',
      /^nothing now; the next failure or maintenance/,
    ],
    [
      'no failover of the cache',
      (after) => after.set('data', 'CacheGroup', { AutomaticFailoverEnabled: false, MultiAZEnabled: false }),
      'CacheGroup',
      /writes fail until people step in/,
    ],
    [
      'fewer nodes of the cache',
      (after) => after.set('data', 'CacheGroup', { NumCacheClusters: 1 }),
      'CacheGroup',
      /^2 of 3 nodes go.*no spare is left/,
    ],
    [
      'nobody at the load balancer',
      (after) => after.remove('app', 'TiersWebEdgeHttpAlbListenerF'),
      'TiersWebEdgeHttpAlbListener',
      /^nobody is answered on its port/,
    ],
    [
      'a fleet that is replaced whole',
      (after) => {
        after.find('app', NODES).UpdatePolicy = { AutoScalingReplacingUpdate: { WillReplace: true } };
        after.find('app', 'TiersAppLaunchTemplate3').Properties['LaunchTemplateData'].InstanceType = 'c7i.2xlarge';
      },
      NODES,
      /^a second fleet starts beside the first/,
    ],
  ])('%s', (_, plant, id, what) => {
    const files = { Type: 'AWS::EC2::Volume', DeletionPolicy: 'Retain', Properties: { Size: 100, Encrypted: true } };
    expect(noticed(plant, (both) => both.add('data', 'Files', files))).toContainEqual([
      expect.stringMatching(`^${id}`),
      expect.stringMatching(what),
    ]);
  });
});

describe('users of a cluster notice', () => {
  const larger = (after: Planted) => after.set('data', 'ClusterWriter', { DBInstanceClass: 'db.r7g.xlarge' });
  const set = (properties: Readonly<Record<string, unknown>>) => (after: Planted) =>
    after.set('data', 'Cluster', properties);
  test.each<
    readonly [string, (both: Planted) => void, (after: Planted) => void, id: 'Cluster' | 'ClusterWriter', what: RegExp]
  >([
    [
      'a minor version',
      cluster('RDS', AURORA),
      set({ EngineVersion: '17.10' }),
      'Cluster',
      /^a short time without the cluster/,
    ],
    [
      'a static parameter of a cluster',
      (both: Planted) => {
        cluster('RDS', { ...AURORA, DBClusterParameterGroupName: { Ref: 'ClusterParameters' } })(both);
        both.add('data', 'ClusterParameters', {
          Type: 'AWS::RDS::DBClusterParameterGroup',
          Properties: { Family: 'aurora-postgresql17', Parameters: { max_connections: '100' } },
        });
      },
      (after: Planted) => after.set('data', 'ClusterParameters', { Parameters: { max_connections: '500' } }),
      'Cluster',
      /^a short time without the cluster/,
    ],
    ['a major version', cluster('RDS', AURORA), set({ EngineVersion: '18.1' }), 'Cluster', /^minutes without/],
    [
      'other parameters',
      cluster('RDS', AURORA),
      set({ DBClusterParameterGroupName: 'other' }),
      'Cluster',
      /^a short time/,
    ],
    ['a larger instance of rows', cluster('RDS', AURORA), larger, 'ClusterWriter', /^its connections are cut/],
    ['a larger instance of documents', cluster('DocDB'), larger, 'ClusterWriter', /^its connections are cut/],
    ['a larger instance of the graph', cluster('Neptune'), larger, 'ClusterWriter', /^its connections are cut/],
    [
      'the end of an instance',
      cluster('DocDB'),
      (after) => after.remove('data', 'ClusterWriter'),
      'ClusterWriter',
      /^connections to it end/,
    ],
  ])('%s', (_, given, plant, id, what) => {
    expect(noticed(plant, given)).toEqual([[id, expect.stringMatching(what)]]);
  });
});

describe('users notice nothing of', () => {
  test.each<readonly [string, (after: Planted) => void]>([
    ['more nodes', (after) => after.set('app', NODES, { MinSize: '4', MaxSize: '12' })],

    [
      'a route in the place of another',
      (after) => {
        const id = after.idOf('network', 'NetworkVpcappSubnet1DefaultRoute5');
        after.rename('network', id, 'Other');
      },
    ],
  ])('%s', (_, plant) => {
    expect(noticed(plant)).toEqual([]);
  });
});

describe('a drain by a hook that is a resource of its own', () => {
  const alone = (both: Planted) => drain(both);

  test('is missed, and so is a part of its time', () => {
    expect(noticed((after) => after.remove('app', 'Drain'), alone)).toEqual([
      ['Drain', expect.stringMatching(/^nodes no longer drain/)],
    ]);
    expect(noticed((after) => after.set('app', 'Drain', { HeartbeatTimeout: 30 }), alone)).toEqual([
      ['Drain', expect.stringMatching(/longer than 30 s/)],
    ]);
  });

  test('is not missed where another takes its place, in the group or beside it', () => {
    expect(noticed((after) => after.rename('app', 'Drain', 'Other'), alone)).toEqual([]);
    expect(
      noticed(
        (after) => after.remove('app', 'Drain'),
        (both) => drain(both, true),
      ),
    ).toEqual([]);
  });
});

const suspended = ({ AutoScalingRollingUpdate }: { AutoScalingRollingUpdate: object }) => ({
  AutoScalingRollingUpdate: { ...AutoScalingRollingUpdate, SuspendProcesses: ['AZRebalance', 'AlarmNotification'] },
});

describe('nodes are exchanged', () => {
  const rolling = (MinInstancesInService: number, MaxBatchSize = 1) => ({
    AutoScalingRollingUpdate: { MinInstancesInService, MaxBatchSize },
  });
  test.each([
    [rolling(3), '3', /^none: nodes leave one at a time/],
    [rolling(2), '3', /^1 of 3 nodes less/],
    [rolling(0), '1', /^minutes: the only node goes/],
    // A batch is what leaves at a time, whatever may be left in service.
    [rolling(0), '3', /^1 of 3 nodes less/],
    [rolling(0, 3), '3', /^minutes: all 3 nodes go/],
    [rolling(1, 5), '3', /^2 of 3 nodes less/],
    [{ AutoScalingReplacingUpdate: { WillReplace: true } }, '3', /^a second fleet/],
    [{ ...rolling(3), AutoScalingReplacingUpdate: { WillReplace: 'true' } }, '3', /^a second fleet/],
    [{ AutoScalingInstanceRefresh: { Preferences: { MinHealthyPercentage: 100 } } }, '3', /the fleet stays full$/],
    [{ AutoScalingInstanceRefresh: {} }, '3', /^1 of 3 nodes less/],
    [{ AutoScalingInstanceRefresh: { Preferences: { MinHealthyPercentage: 0 } } }, '3', /^minutes: all nodes go/],
    [undefined, '1', /^none now: no update policy/],
    // What runs is any number up to the greatest: nine nodes of which three must serve lose six at a time.
    [rolling(3, 6), ['3', '9'], /^up to 6 of up to 9 nodes less meanwhile; they leave 6 at a time after draining$/],
    [suspended(rolling(3, 6)), ['3', '9'], /after draining, and nothing scales meanwhile$/],
    [suspended(rolling(3, 1)), ['3', '9'], /^up to 1 of up to 9 nodes less/],
    [rolling(8, 6), ['3', '9'], /^up to 1 of up to 9/],
    [rolling(9, 6), ['3', '9'], /the fleet stays full$/],
    [rolling(0, 9), ['3', '9'], /^minutes: all 9 nodes go/],
    [rolling(0), ['0', '1'], /^minutes: the only node goes/],
    [{ AutoScalingInstanceRefresh: { Preferences: { MinHealthyPercentage: 50 } } }, ['3', '9'], /^up to 4 of up to 9/],
  ])('%o of %s: %s', (UpdatePolicy, size, says) => {
    const [MinSize, MaxSize = MinSize] = [size].flat();
    const Properties = { MinSize, MaxSize };
    expect(exchange({ Type: 'AWS::AutoScaling::AutoScalingGroup', Properties, UpdatePolicy })).toMatch(says);
  });
});

describe('app nodes that move together', () => {
  const judged = (before: Record<string, string>, after: Record<string, string>) => {
    const [was, is] = [before, after].map((set) => Planted.prod(3, set).templates as unknown as Templates);
    const { verdict, interruptions, changes } = verdictOf(was ?? {}, is ?? {});
    const told = changes.map(({ type, change }) => `${change} ${type}`).sort();
    return { verdict, changes: told, what: interruptions.map(({ what }) => what) };
  };
  const cluster = { 'app.placement': 'cluster' };
  const exchanged = /^up to 1 of up to 9 nodes less meanwhile; they leave one at a time after draining/;

  test('are exchanged one by one, and users hear of the zone', () => {
    const { verdict, changes, what } = judged({}, cluster);
    expect(verdict).toBe('safe');
    expect(changes).toEqual([
      'adds AWS::EC2::PlacementGroup',
      'restarts AWS::AutoScaling::AutoScalingGroup',
      'updates AWS::EC2::LaunchTemplate',
    ]);
    expect(what).toEqual([
      expect.stringMatching(exchanged),
      'nothing now; the failure of its one zone takes all of its nodes',
    ]);
  });

  test('are exchanged once more when they are spread again', () => {
    const { verdict, changes, what } = judged(cluster, {});
    expect(verdict).toBe('safe');
    expect(changes).toEqual([
      'removes AWS::EC2::PlacementGroup',
      'restarts AWS::AutoScaling::AutoScalingGroup',
      'updates AWS::EC2::LaunchTemplate',
    ]);
    expect(what).toEqual([expect.stringMatching(exchanged)]);
  });
});

test('users are told of every interruption of one resource', () => {
  const both = (after: Planted) =>
    after.set('data', 'Cluster', { DBClusterInstanceClass: 'db.r7g.large', EngineVersion: '18.1' });
  expect(noticed(both, cluster('RDS', AURORA))).toEqual([
    ['Cluster', 'minutes without the cluster'],
    ['Cluster', expect.stringMatching(/^one failover/)],
  ]);
});

describe('users notice of the way out', () => {
  const egress = (kind: string, gateways = '3') => ({
    'network.egress': kind,
    ...(kind === 'gateway' && { 'network.natGateways': gateways }),
  });
  const words = (before: Record<string, string>, after: Record<string, string>) => {
    const [was, is] = [before, after].map((set) => Planted.prod(3, set).templates as unknown as Templates);
    return verdictOf(was ?? {}, is ?? {}).interruptions.map(({ what }) => what);
  };
  test('that none is left over IPv4', () => {
    const all = words(egress('gateway'), egress('none'));
    expect(all).toContainEqual(expect.stringMatching(/end, and none can be made again: no route leads out$/));
    expect(all).toContainEqual(expect.stringMatching(/end, and none can be made again: no other route leads out$/));
    expect(all.join()).not.toMatch(/must be made again/);
  });
  test.each([
    ['a NAT instance in the place of gateways', egress('instance')],
    ['one gateway in the place of three', egress('gateway', '1')],
  ])('%s: another address, and one way for all', (_, after) => {
    expect(words(egress('gateway'), after)).toContainEqual(
      expect.stringMatching(
        /comes from another address.*when the one way out that is left fails, or its zone, all subnets/,
      ),
    );
  });
  test('that there is one where there was none: calls change their way, and that is all', () => {
    for (const what of words(egress('none'), egress('gateway'))) {
      expect(what).toMatch(/^open calls to the service are cut; from then on they take the way out/);
    }
  });
});
