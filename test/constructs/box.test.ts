import { describe, expect, test } from 'vitest';
import { Box } from '../../lib/constructs/box/box';
import { DataVolume } from '../../lib/constructs/box/data-volume';
import { synthesise } from '../cdk-context';
import {
  all,
  allowing,
  architecture,
  EMPTY,
  network,
  one,
  permissions,
  required,
  singleStack,
  subnetIds,
  templateOf,
  textOf,
} from './single-stack';

function box({ context = {}, localDatabase = true } = {}) {
  const { node, box: plan } = architecture(0, context);
  const stack = singleStack();
  new Box(stack, 'Box', { environment: 'dev', plan: required(plan), node, vpc: network(stack), localDatabase });
  return templateOf(stack);
}

const template = box();

interface Rule {
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly FromPort: number;
  readonly ToPort: number;
  readonly IpProtocol: string;
}

/** Who may reach which port, as `from -> port`. */
function open(from: typeof template): string[] {
  const { properties } = one(from, 'AWS::EC2::SecurityGroup');
  return (properties['SecurityGroupIngress'] as Rule[])
    .map((rule) => `${rule.CidrIp ?? rule.CidrIpv6} -> ${rule.IpProtocol} ${rule.FromPort}-${rule.ToPort}`)
    .sort();
}

const USERS = ['0.0.0.0/0 -> tcp 443-443', '0.0.0.0/0 -> tcp 80-80', '::/0 -> tcp 443-443', '::/0 -> tcp 80-80'];

describe('who may reach the box', () => {
  test('users, over IPv4 and IPv6, on 80 and 443; nobody on 22', () => {
    expect(open(template)).toEqual(USERS);
  });

  test('listed addresses on 22', () => {
    const listed = box({ context: { 'box.sshFrom': '203.0.113.0/24,198.51.100.7/32' } });
    expect(open(listed)).toEqual([...USERS, '203.0.113.0/24 -> tcp 22-22', '198.51.100.7/32 -> tcp 22-22'].sort());
  });
});

describe('a fleet of exactly one', () => {
  const { properties, resource } = one(template, 'AWS::AutoScaling::AutoScalingGroup');

  test('in the first public subnet, where the data volume is', () => {
    expect(properties).toMatchObject({
      MinSize: '1',
      MaxSize: '1',
      VPCZoneIdentifier: subnetIds('public').slice(0, 1),
    });
  });

  test('that goes before the next one comes: two would fight for the volume', () => {
    expect(resource['UpdatePolicy']).toMatchObject({
      AutoScalingRollingUpdate: { MinInstancesInService: 0, MaxBatchSize: 1 },
    });
  });

  test('whose life no load balancer decides over, and which has nobody to drain to', () => {
    expect(properties['HealthCheckType']).toBe('EC2');
    expect(all(template, 'AWS::AutoScaling::LifecycleHook')).toEqual([]);
  });

  test('with a public address from the start, before it claims the Elastic IP', () => {
    expect(textOf(one(template, 'AWS::EC2::LaunchTemplate').properties)).toContain('"AssociatePublicIpAddress":true');
  });
});

describe('claims', () => {
  const statements = permissions(template);
  const { id: address } = one(template, 'AWS::EC2::EIP');

  test('the own Elastic IP, published so that the box finds it', () => {
    const allocation = { 'Fn::GetAtt': [address, 'AllocationId'] };
    expect(one(template, 'AWS::SSM::Parameter').properties).toMatchObject({
      Name: '/beamstalk/dev/box/address',
      Value: allocation,
    });
    const resources = allowing(statements, 'ec2:AssociateAddress').flatMap(({ Resource }) => [Resource].flat());
    const addresses = resources.map(textOf).filter((arn) => arn.includes(':elastic-ip/'));
    expect(addresses).toEqual([expect.stringContaining(textOf(allocation))]);
  });

  test('instances of the own fleet only', () => {
    const own = { StringEquals: { 'aws:ResourceTag/beamstalk:fleet': 'dev-box' } };
    const claims = statements.filter(({ Action }) => textOf(Action).includes('"ec2:'));
    const about = claims.filter(({ Resource }) => textOf(Resource).includes(':instance/*'));
    expect(about.length).toBeGreaterThan(0);
    for (const { Condition } of about) expect(Condition).toEqual(own);
  });

  test('only the volume that bears the tag of the environment', () => {
    const volumes = allowing(statements, 'ec2:AttachVolume').filter(({ Resource }) =>
      textOf(Resource).includes(':volume/'),
    );
    expect(volumes.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'aws:ResourceTag/beamstalk:box-volume': 'dev' } },
    ]);
  });

  test('no volume, once there is no local database', () => {
    const without = permissions(box({ localDatabase: false }));
    expect(without.flatMap(({ Action }) => [Action].flat()).filter((action) => action.includes('Volume'))).toEqual([]);
    expect(allowing(without, 'ec2:AssociateAddress')).not.toEqual([]);
  });

  test('nothing that detaches, deletes or makes', () => {
    const actions = statements.flatMap(({ Action }) => [Action].flat()).filter((action) => !/messages:/.test(action));
    expect(actions.filter((action) => /Detach|Delete|Create|Release|Terminate|Modify|PassRole/.test(action))).toEqual(
      [],
    );
  });
});

describe('the data volume', () => {
  const stack = singleStack();
  new DataVolume(stack, 'BoxData', {
    environment: 'dev',
    plan: { name: 'app', volumeGiB: 40, snapshotDays: 9 },
    availabilityZone: 'us-east-1a',
  });
  const data = templateOf(stack);
  const volume = one(data, 'AWS::EC2::Volume');

  test('is encrypted gp3 of the planned size', () => {
    expect(volume.properties).toMatchObject({ Encrypted: true, VolumeType: 'gp3', Size: 40 });
  });

  test('is kept whatever happens to its stack', () => {
    expect(volume.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('bears the tag by which the box may attach it and snapshots find it', () => {
    const tag = { Key: 'beamstalk:box-volume', Value: 'dev' };
    expect(volume.properties['Tags']).toContainEqual(tag);
    const { properties } = one(data, 'AWS::DLM::LifecyclePolicy');
    expect(properties['PolicyDetails'].TargetTags).toEqual([tag]);
  });

  test('is snapshotted every day, for as many days as planned', () => {
    const { properties } = one(data, 'AWS::DLM::LifecyclePolicy');
    const [schedule, ...more] = properties['PolicyDetails'].Schedules as Record<string, unknown>[];
    expect(more).toEqual([]);
    expect(properties).toMatchObject({ State: 'ENABLED', PolicyDetails: { ResourceTypes: ['VOLUME'] } });
    expect(schedule).toMatchObject({
      CreateRule: { Interval: 24, IntervalUnit: 'HOURS' },
      RetainRule: { Count: 9 },
      CopyTags: true,
    });
  });

  test('stands in the zone of the subnet that the box starts in, read from the subnet itself', () => {
    const templates = synthesise('dev', 0);
    const outputs = Object.values(templates['dev-network']?.['Outputs'] ?? {}) as {
      readonly Value: unknown;
      readonly Export: { readonly Name: string };
    }[];
    const imported = (value: unknown): unknown =>
      outputs.find(({ Export }) => Export.Name === (value as { 'Fn::ImportValue': string })['Fn::ImportValue'])?.Value;
    const { properties: group } = one(templates['dev-app'] ?? EMPTY, 'AWS::AutoScaling::AutoScalingGroup');
    const [subnet, ...others] = (group['VPCZoneIdentifier'] as unknown[]).map(imported) as { Ref: string }[];
    expect(others).toEqual([]);
    const { properties: placed } = one(templates['dev-data'] ?? EMPTY, 'AWS::EC2::Volume');
    expect(imported(placed['AvailabilityZone'])).toEqual({ 'Fn::GetAtt': [subnet?.Ref, 'AvailabilityZone'] });
  });
});
