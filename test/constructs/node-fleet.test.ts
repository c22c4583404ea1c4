import { describe, expect, test } from 'vitest';
import { machineImage } from '../../lib/constructs/compute/machine-image';
import { NodeFleet, type NodeFleetProps } from '../../lib/constructs/compute/node-fleet';
import { SUBNETS } from '../../lib/constructs/network/environment-network';
import { bootSteps } from '../../lib/node/boot-steps';
import { parameterReads } from '../../lib/node/parameter-reads';
import { cdkContext, synthesise } from '../cdk-context';
import {
  all,
  allowing,
  architecture,
  EMPTY,
  hooksOf,
  network,
  one,
  permissions,
  required,
  singleStack,
  subnetIds,
  templateOf,
  textOf,
} from './single-stack';

const { node, app } = architecture(2);
const plan = required(app);

function fleet(props: Partial<NodeFleetProps> = {}) {
  const stack = singleStack();
  new NodeFleet(stack, 'Fleet', {
    environment: 'dev',
    plan,
    node,
    vpc: network(stack),
    subnets: SUBNETS.app,
    steps: bootSteps({ role: 'app' }),
    behindLoadBalancer: true,
    drainSeconds: 120,
    ...props,
  });
  const template = templateOf(stack);
  const group = one(template, 'AWS::AutoScaling::AutoScalingGroup');
  const launch = one(template, 'AWS::EC2::LaunchTemplate').properties['LaunchTemplateData'] as Readonly<
    Record<string, unknown>
  >;
  return { template, group, launch };
}

const { template, group, launch } = fleet();
const statements = permissions(template);

describe('an instance', () => {
  test('gives its credentials to nobody but itself', () => {
    expect(launch['MetadataOptions']).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
  });

  test('has an encrypted gp3 root volume of the configured size, on the root device of both images', () => {
    const { launch: other } = fleet({ node: { ...node, image: 'debian-13', rootVolumeGiB: 33 } });
    expect(other['BlockDeviceMappings']).toEqual([
      { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 33 } },
    ]);
  });

  test('is of the planned type', () => {
    expect(launch['InstanceType']).toBe(plan.instanceType.name);
  });

  test('keeps idle connections for longer than the load balancer does, whatever its generation', () => {
    const [networkInterface] = launch['NetworkInterfaces'] as {
      ConnectionTrackingSpecification: { TcpEstablishedTimeout: number };
      Groups: unknown[];
      AssociatePublicIpAddress: boolean;
    }[];
    expect(networkInterface?.ConnectionTrackingSpecification.TcpEstablishedTimeout).toBeGreaterThan(6000);
    // EC2 takes security groups on the interface or beside it, not both.
    expect(networkInterface?.Groups).toHaveLength(1);
    expect(launch).not.toHaveProperty('SecurityGroupIds');
    expect(networkInterface?.AssociatePublicIpAddress).toBe(false);
  });

  test('has a public address only when asked for', () => {
    expect(textOf(fleet({ publicAddress: true }).launch['NetworkInterfaces'])).toContain(
      '"AssociatePublicIpAddress":true',
    );
  });

  test('bears the tag by which it may change itself and peers find it', () => {
    expect(group.properties['Tags']).toContainEqual({
      Key: 'beamstalk:fleet',
      Value: 'dev-app',
      PropagateAtLaunch: true,
    });
    expect(textOf(launch['TagSpecifications'])).toContain('{"Key":"beamstalk:fleet","Value":"dev-app"}');
  });

  test('lets nobody in by itself', () => {
    const [securityGroup] = all(template, 'AWS::EC2::SecurityGroup');
    expect(securityGroup?.properties).not.toHaveProperty('SecurityGroupIngress');
    expect(all(template, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });
});

describe('the machine image', () => {
  test.each([
    ['amazon-linux-2023', 'amd64', /^resolve:ssm:\/aws\/service\/ami-amazon-linux-latest\/al2023-.*-x86_64$/],
    ['amazon-linux-2023', 'arm64', /^resolve:ssm:\/aws\/service\/ami-amazon-linux-latest\/al2023-.*-arm64$/],
    ['debian-13', 'amd64', /^resolve:ssm:\/aws\/service\/debian\/release\/13\/.*amd64$/],
    ['debian-13', 'arm64', /^resolve:ssm:\/aws\/service\/debian\/release\/13\/.*arm64$/],
  ] as const)('%s on %s is found when the instance starts', (image, architecture, expected) => {
    expect(machineImage(image, architecture).getImage(singleStack()).imageId).toMatch(expected);
  });

  test('follows the instance, not the release', () => {
    const graviton = required(
      architecture(2, {
        'release.architecture': 'arm64',
        'app.instanceType': 'c7g.large',
        'box.instanceType': 'c7g.large',
      }).app,
    );
    expect(fleet({ plan: graviton }).launch['ImageId']).toMatch(/^resolve:ssm:.*arm64$/);
  });
});

describe('the group', () => {
  test('stands in the subnets it is given', () => {
    expect(group.properties['VPCZoneIdentifier']).toEqual(subnetIds('app'));
  });

  test('stands in one of them, and in a placement group, where its nodes are to be close together', () => {
    const close = fleet({ plan: { ...plan, placement: 'cluster' } });
    const { id, properties } = one(close.template, 'AWS::EC2::PlacementGroup');
    expect(properties).toMatchObject({ Strategy: 'cluster' });
    // Without a name of its own, and named by the launch template alone: the group of nodes would have to be told to forget it.
    expect(properties).not.toHaveProperty('GroupName');
    expect(close.launch['Placement']).toEqual({ GroupName: { 'Fn::GetAtt': [id, 'GroupName'] } });
    expect(close.group.properties).not.toHaveProperty('PlacementGroup');
    expect(close.group.properties['VPCZoneIdentifier']).toEqual(subnetIds('app').slice(0, 1));
  });

  test('is the same otherwise: nothing has another logical id, and the network interface is as it was', () => {
    const close = fleet({ plan: { ...plan, placement: 'cluster' } });
    const added = Object.keys(close.template.Resources).filter((id) => !(id in template.Resources));
    expect(added.map((id) => close.template.Resources[id]?.Type)).toEqual(['AWS::EC2::PlacementGroup']);
    expect(Object.keys(template.Resources).filter((id) => !(id in close.template.Resources))).toEqual([]);
    expect(close.launch['NetworkInterfaces']).toEqual(launch['NetworkInterfaces']);
    expect(launch).not.toHaveProperty('Placement');
  });

  test('leaves desired capacity to what scales it', () => {
    expect(group.properties).not.toHaveProperty('DesiredCapacity');
    expect(group.properties).toMatchObject({ MinSize: String(plan.minNodes), MaxSize: String(plan.maxNodes) });
  });

  test('follows the newest version of its launch template', () => {
    const { id } = one(template, 'AWS::EC2::LaunchTemplate');
    expect(group.properties['LaunchTemplate'].Version).toEqual({ 'Fn::GetAtt': [id, 'LatestVersionNumber'] });
  });

  test('replaces a node that does not answer, once it has had the time to boot', () => {
    expect(group.properties).toMatchObject({ HealthCheckType: 'ELB', HealthCheckGracePeriod: 900 });
    expect(fleet({ behindLoadBalancer: false }).group.properties).toMatchObject({
      HealthCheckType: 'EC2',
      HealthCheckGracePeriod: 900,
    });
  });

  test.each([
    ['the box', 1, 1, 0],
    ['room for one more', 2, 4, 2],
    ['just room for one more', 3, 4, 3],
    ['no room for one more', 3, 3, 2],
  ])('rolls one at a time, keeping as many as it can: %s', (_case, minNodes, maxNodes, minInService) => {
    const { resource } = fleet({ plan: { ...plan, minNodes, maxNodes } }).group;
    expect(resource['UpdatePolicy']).toMatchObject({
      AutoScalingRollingUpdate: {
        MaxBatchSize: 1,
        MinInstancesInService: minInService,
        WaitOnResourceSignals: true,
        PauseTime: 'PT15M',
      },
    });
    expect(resource['CreationPolicy']).toEqual({ ResourceSignal: { Count: minNodes, Timeout: 'PT15M' } });
  });

  test('is disturbed by no scaling while it rolls, but still launches, ends and registers', () => {
    const { SuspendProcesses } = (
      group.resource['UpdatePolicy'] as { AutoScalingRollingUpdate: { SuspendProcesses: string[] } }
    ).AutoScalingRollingUpdate;
    expect(SuspendProcesses).toEqual(expect.arrayContaining(['AlarmNotification', 'ScheduledActions', 'AZRebalance']));
    for (const process of ['Launch', 'Terminate', 'AddToLoadBalancer', 'HealthCheck', 'ReplaceUnhealthy']) {
      expect(SuspendProcesses).not.toContain(process);
    }
  });

  test('holds the end of a node back only for a drain, at most two hours for one heartbeat', () => {
    const hooks = (drainSeconds: number) => hooksOf(fleet({ drainSeconds }).group);
    expect(hooks(0)).toEqual({});
    expect(hooks(120)).toEqual({
      leave: {
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        HeartbeatTimeout: 120,
        DefaultResult: 'CONTINUE',
      },
    });
    expect(hooks(172_800)['leave']?.['HeartbeatTimeout']).toBe(7200);
  });
});

describe('what a node may do', () => {
  test('be led by Systems Manager, by no policy of AWS, and read no parameter by that', () => {
    const { properties } = one(template, 'AWS::IAM::Role');
    expect(properties['ManagedPolicyArns']).toBeUndefined();
    expect(allowing(statements, 'ssmmessages:OpenDataChannel')).toHaveLength(1);
  });

  test('read the topics that its steps read, and nothing else of its environment', () => {
    const readable = ['ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:GetParameter'].map((action) =>
      allowing(statements, action).flatMap(({ Resource }) =>
        [Resource].flat().map((arn) => /parameter\/beamstalk\/dev\/([^"]+)"/.exec(textOf(arn))?.[1]),
      ),
    );
    const { closed, open, asked, followed } = parameterReads('app', bootSteps({ role: 'app' }));
    expect(readable).toEqual([
      [...closed, ...followed].sort().map((topic) => `${topic}/*`),
      open.flatMap((topic) => [topic, `${topic}/*`]),
      asked.map((topic) => `${topic}/*`),
    ]);
  });

  test('fetch its own boot bundle, and nothing else from the bucket of assets', () => {
    const [statement] = allowing(statements, 's3:GetObject');
    expect(textOf(statement?.Resource)).toMatch(/\/[0-9a-f]{64}\.zip"/);
  });

  test('finish its own hooks, and end no node', () => {
    expect(allowing(statements, 'autoscaling:SetInstanceHealth')).toEqual([]);
    const [statement] = allowing(statements, 'autoscaling:CompleteLifecycleAction');
    expect(textOf(statement?.Resource)).toContain(`autoScalingGroupName/test-stack-${group.id}-*`);
  });

  test('signal success to the own stack', () => {
    const [statement] = allowing(statements, 'cloudformation:SignalResource');
    expect(statement?.Resource).toEqual({ Ref: 'AWS::StackId' });
  });

  test('nothing on all resources but describing', () => {
    const everywhere = statements.filter(({ Resource }) => [Resource].flat().includes('*'));
    const ofTheAgent = /^(ssmmessages|ec2messages|ssm):/;
    expect(everywhere.flatMap(({ Action }) => [Action].flat()).filter((action) => !ofTheAgent.test(action))).toEqual([
      'ec2:DescribeInstances',
    ]);
    expect(statements.flatMap(({ Action }) => [Action].flat()).filter((action) => action.includes('*'))).toEqual([]);
  });
});

/** User data as text, its references as `${LogicalId}` or `${LogicalId.Attribute}`. */
function userData(value: unknown): string {
  return flat((value as { 'Fn::Base64': unknown })['Fn::Base64']);
}

function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::Sub': text, Ref, ...other } = value as Record<string, unknown>;
  if (join !== undefined) return (join as [string, unknown[]])[1].map(flat).join('');
  if (text !== undefined) return String(text);
  return `\${${Ref === undefined ? textOf(other) : String(Ref)}}`;
}

describe('user data', () => {
  const script = userData(launch['UserData']);

  test('fetches the boot bundle and hands over to it, with the stack and the group that waits for its signal', () => {
    expect(script).toMatch(/^#!\/bin\/bash\n/);
    expect(script).toMatch(/aws s3 cp .*s3:\/\/cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.zip/);
    expect(script).toMatch(/exec bash "\$home\/boot\/boot\.sh" "\$stack" "\$fleet"/);
    expect(script).toContain("stack='test-stack'");
    expect(script).toContain(`fleet='${group.id}'`);
  });

  test('fits into what EC2 takes', () => {
    expect(script.length).toBeLessThan(16_384 / 2);
  });

  test('refers to nothing but the account: no endpoint, no secret', () => {
    // What bash itself expands has no colon or dot behind the name, or an operator.
    const references = [...script.matchAll(/\$\{([\w{"]+(::?|\.)\w[^}]*)\}/g)].map(([, reference]) => reference);
    expect(references).toEqual(['AWS::AccountId']);
    expect(script).not.toContain('resolve:');
  });

  const ENDPOINTS = {
    'another database': { 'database.class': 'db.r7g.xlarge', 'database.replicas': '3' },
    'another cache': { 'cache.class': 'cache.r7g.large', 'cache.replicas': '3' },
    'another web tier': { 'web.instanceType': 'c7i.large' },
    'no web tier': { 'web.enabled': 'false' },
  };
  test.each(Object.entries(ENDPOINTS))('of the app fleet stays the same with %s', (_change, overrides) => {
    const launchTemplate = (context: Record<string, string>) =>
      textOf(one(synthesise('staging', 3, context)['staging-app'] ?? EMPTY, 'AWS::EC2::LaunchTemplate', 'TiersApp'));
    expect(launchTemplate(overrides)).toBe(launchTemplate({}));
  });

  test('of the app fleet changes with another release and with another place for sessions, so that both roll it', () => {
    const templateOf = (tier: 'App' | 'Web', phase: 2 | 3, context: Record<string, string>) =>
      textOf(
        one(synthesise('staging', phase, context)['staging-app'] ?? EMPTY, 'AWS::EC2::LaunchTemplate', `Tiers${tier}`),
      );
    const release = { 'release.uri': 's3://releases.example/app-2.0.0.tar.gz' };
    expect(templateOf('App', 3, release)).not.toBe(templateOf('App', 3, {}));
    expect(templateOf('App', 2, {})).not.toBe(templateOf('App', 3, {}));
    // A proxy has nothing of either.
    expect(templateOf('Web', 3, release)).toBe(templateOf('Web', 3, {}));
    expect(templateOf('Web', 2, {})).toBe(templateOf('Web', 3, {}));
  });

  test.each([0, 1] as const)('of the box in phase %i signals for the group of the box', (phase) => {
    const box = synthesise('staging', phase)['staging-app'] ?? EMPTY;
    const { properties } = one(box, 'AWS::EC2::LaunchTemplate');
    expect(userData(properties['LaunchTemplateData'].UserData)).toContain(
      `fleet='${one(box, 'AWS::AutoScaling::AutoScalingGroup').id}'`,
    );
  });
});

test('the feature flags of cdk.json are what these tests run with', () => {
  expect(cdkContext()).toHaveProperty('@aws-cdk/aws-autoscaling:generateLaunchTemplateInsteadOfLaunchConfig', true);
});
