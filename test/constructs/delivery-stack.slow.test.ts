import { describe, expect, test } from 'vitest';
import { deliveryStackName } from '../../lib/constructs/delivery/artifacts';
import { synthesise } from '../cdk-context';
import { all, allowing, EMPTY, one, permissions, policies, textOf } from './single-stack';

const CONNECTION = 'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef';
const GIT = {
  'delivery.source': 'git',
  'delivery.connectionArn': CONNECTION,
  'delivery.repository': 'example/app',
} as const;

const stack = (part: string, overrides: Readonly<Record<string, string>> = {}, phase: 0 | 3 | 4 | 5 = 4) =>
  synthesise('staging', phase, overrides)[`staging-${part}`] ?? EMPTY;
const delivery = (overrides: Readonly<Record<string, string>> = {}) => stack('delivery', overrides);

interface Action {
  readonly Name: string;
  readonly ActionTypeId: { readonly Provider: string };
  readonly Configuration: Readonly<Record<string, unknown>>;
  readonly OutputArtifacts?: readonly { readonly Name: string }[];
}

const stages = (overrides: Readonly<Record<string, string>> = {}): Action[][] =>
  one(delivery(overrides), 'AWS::CodePipeline::Pipeline').properties['Stages'].map(
    ({ Actions }: { Actions: Action[] }) => Actions,
  );

describe('the pipeline', () => {
  test('starts on a new object and polls for none', () => {
    const [[source] = []] = stages();
    expect(source?.Configuration).toMatchObject({ S3ObjectKey: 'source/release.zip', PollForSourceChanges: 'false' });
    const { properties } = one(delivery(), 'AWS::Events::Rule', 'PipelineNewSource');
    expect(properties['EventPattern']).toMatchObject({
      source: ['aws.s3'],
      detail: { object: { key: ['source/release.zip'] } },
    });
    const { id, properties: bucket } = one(stack('data'), 'AWS::S3::Bucket', 'BucketsReleases');
    expect(textOf(properties['EventPattern'].detail.bucket)).toContain(id);
    expect(bucket['NotificationConfiguration']).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });

  test('takes a Git source by the connection, and uses no other', () => {
    const [[source] = []] = stages(GIT);
    expect(source?.Configuration).toMatchObject({ FullRepositoryId: 'example/app', BranchName: 'main' });
    const [use] = allowing(permissions(delivery(GIT)), 'codeconnections:UseConnection');
    expect(use?.Resource).toBe(CONNECTION);
    expect(all(delivery(GIT), 'AWS::Events::Rule').filter(({ id }) => id.includes('NewSource'))).toEqual([]);
  });

  test('is not there without a source, but deployments by hand are', () => {
    const template = delivery({ 'delivery.source': 'none' });
    expect(all(template, 'AWS::CodePipeline::Pipeline')).toEqual([]);
    expect(all(template, 'AWS::CodeDeploy::DeploymentGroup')).toHaveLength(1);
  });

  test('deploys to one fleet after the other', () => {
    const template = stack('delivery', {}, 5);
    const [, , deploy] = one(template, 'AWS::CodePipeline::Pipeline').properties['Stages'];
    expect(deploy.Actions.map(({ Name, RunOrder }: { Name: string; RunOrder: number }) => [Name, RunOrder])).toEqual([
      ['App', 1],
      ['Worker', 2],
    ]);
  });

  test('builds on the CPU and the operating system of the nodes', () => {
    const machine = (overrides: Readonly<Record<string, string>>) =>
      one(delivery(overrides), 'AWS::CodeBuild::Project', 'ReleaseBuild').properties['Environment'];
    expect(machine({})).toMatchObject({
      Type: 'LINUX_CONTAINER',
      Image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0',
    });
    const arm = { 'release.architecture': 'arm64', 'app.instanceType': 'c7g.large', 'box.instanceType': 'c7g.large' };
    expect(machine(arm)).toMatchObject({
      Type: 'ARM_CONTAINER',
      Image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
    });
  });
});

describe('who may write what', () => {
  /** Statements on the bucket for releases that let something be written, by the role that has them. */
  function writers(overrides: Readonly<Record<string, string>>, phase: 4 | 5): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const part of ['delivery', 'app', 'async']) {
      for (const { id, properties } of policies(stack(part, overrides, phase))) {
        for (const { Action, Resource } of properties['PolicyDocument'].Statement) {
          if (![Action].flat().some((action) => /^s3:(Put|Delete|\*)/.test(action))) continue;
          const keys = [Resource].flat().map((one) => /BucketsReleases.*"(\/[^"]*|)"\]+\}$/.exec(textOf(one))?.[1]);
          found.set(id, [...(found.get(id) ?? []), ...keys.filter((key) => key !== undefined)]);
        }
      }
    }
    return found;
  }

  test.each([
    ['rolling', {}, 5],
    ['hot', { 'delivery.mode': 'hot' }, 4],
    ['blue-green', { 'delivery.mode': 'blue-green' }, 4],
    ['of a Git source', GIT, 4],
  ] as const)(
    '%s: each part of the bucket has one writer, and none of them runs the source',
    (_case, overrides, phase) => {
      const rights = writers(overrides, phase);
      const by = (key: string): string[] =>
        [...rights].filter(([, keys]) => keys.includes(key)).map(([id]) => id.replace(/RoleDefaultPolicy.*/, ''));
      expect([...new Set([...rights.values()].flat())].sort()).toEqual([
        '/releases/*',
        '/staging-delivery-*/Built/*',
        '/staging-delivery-*/Bundle/*',
        '/staging-delivery-*/Source/*',
        '/toolchains/*',
      ]);
      expect(by('/releases/*')).toEqual(['ReleasePublish']);
      expect(by('/staging-delivery-*/Bundle/*')).toEqual(['ReleasePublish']);
      expect(by('/toolchains/*')).toEqual(['ReleaseToolchain']);
      expect(by('/staging-delivery-*/Source/*')).toEqual(['Pipeline']);
      expect(by('/staging-delivery-*/Built/*')).toEqual(['ReleaseBuild']);
    },
  );

  test('the bucket refuses a release and a toolchain that somebody writes without looking', () => {
    const { properties } = one(stack('data'), 'AWS::S3::BucketPolicy', 'BucketsReleases');
    const [deny] = properties['PolicyDocument'].Statement.filter(
      ({ Effect, Action }: { Effect: string; Action: string }) => Effect === 'Deny' && Action === 's3:PutObject',
    );
    expect(deny).toMatchObject({
      Principal: { AWS: '*' },
      Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    });
    expect(textOf(deny.Resource)).toMatch(/\/releases\/\*.*\/toolchains\/\*/);
  });

  test('the build keeps no cache that it would trust the next time', () => {
    for (const { properties } of all(delivery(), 'AWS::CodeBuild::Project'))
      expect(properties).not.toHaveProperty('Cache');
  });

  test('the toolchain is made before the build, and reaches it with its checksum', () => {
    const [, build = []] = stages();
    expect(build.map(({ Name }) => Name)).toEqual(['Toolchain', 'Build', 'Publish']);
    expect(textOf(build[1]?.Configuration['EnvironmentVariables'])).toContain('#{Toolchain.TOOLCHAIN_SHA256}');
    const debian = { 'node.image': 'debian-13', 'delivery.mode': 'blue-green', 'operations.goldenImages': 'none' };
    expect(stages(debian)[1]?.map(({ Name }) => Name)).toEqual(['Build', 'Publish']);
  });

  test('artifacts lie under the name of the stack that has the pipeline', () => {
    expect(Object.keys(synthesise('staging', 4))).toContain(deliveryStackName('staging'));
    // What CodePipeline leaves of the name of a pipeline, and of an artifact.
    expect(`${deliveryStackName('staging')}-`.length).toBeLessThanOrEqual(20);
    for (const { OutputArtifacts = [] } of stages().flat()) {
      for (const { Name } of OutputArtifacts) expect(Name.length).toBeLessThanOrEqual(10);
    }
  });
});

describe('deployments into running nodes', () => {
  const group = (overrides: Readonly<Record<string, string>> = {}) =>
    one(delivery(overrides), 'AWS::CodeDeploy::DeploymentGroup').properties;

  test('find nodes in service by their tags, and leave the Auto Scaling group alone', () => {
    // One of each group: nodes of the fleet that are in service.
    expect(group()['Ec2TagSet'].Ec2TagSetList).toEqual([
      { Ec2TagGroup: [{ Key: 'beamstalk:fleet', Value: 'staging-app', Type: 'KEY_AND_VALUE' }] },
      { Ec2TagGroup: [{ Key: 'beamstalk:in-service', Value: 'yes', Type: 'KEY_AND_VALUE' }] },
    ]);
    expect(group()).not.toHaveProperty('Ec2TagFilters');
    expect(group()).not.toHaveProperty('AutoScalingGroups');
    // The tag is one that the nodes bear.
    const { properties } = one(stack('app'), 'AWS::AutoScaling::AutoScalingGroup', 'TiersApp');
    expect(properties['Tags']).toContainEqual({
      Key: 'beamstalk:fleet',
      Value: 'staging-app',
      PropagateAtLaunch: true,
    });
  });

  test.each([4, 5] as const)('let a node of phase %i say that it serves: that one tag, on itself', (phase) => {
    for (const part of phase === 4 ? ['app'] : ['app', 'workers']) {
      const [tag, ...more] = allowing(permissions(stack(part, {}, phase)), 'ec2:CreateTags');
      expect(more).toEqual([]);
      const own = 'instance/${ec2:InstanceID}';
      expect(textOf(tag)).toContain(own);
      expect(tag).toMatchObject({
        Condition: {
          ArnLike: { 'ec2:SourceInstanceARN': expect.anything() },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['beamstalk:in-service'] },
          StringEquals: { 'aws:RequestTag/beamstalk:in-service': ['yes', 'no'] },
        },
      });
    }
    expect(allowing(permissions(stack('app', { 'delivery.mode': 'blue-green' })), 'ec2:CreateTags')).toEqual([]);
  });

  test('hold their fleets, and nobody has to be alive to let them go', () => {
    for (const mode of ['rolling', 'hot']) {
      const template = stack('delivery', { 'delivery.mode': mode }, 5);
      const [changes] = all(template, 'AWS::Events::Rule').filter(({ id }) => id.startsWith('HoldChanges'));
      // Whatever becomes of a deployment.
      expect(changes?.properties['EventPattern'].detail).toEqual({ application: [{ Ref: expect.any(String) }] });
      const [anyway] = all(template, 'AWS::Events::Rule').filter(({ id }) => id.startsWith('HoldAnyway'));
      expect(anyway?.properties['ScheduleExpression']).toBe('rate(5 minutes)');
      const { properties } = one(template, 'AWS::Lambda::Function', 'Hold');
      const fleets = textOf(properties['Environment'].Variables.FLEETS);
      for (const { id } of all(template, 'AWS::CodeDeploy::DeploymentGroup')) expect(fleets).toContain(id);
      for (const fleet of ['app', 'worker']) expect(fleets).toContain(`/beamstalk/staging/held/staging-${fleet}`);
    }
    expect(all(delivery({ 'delivery.mode': 'blue-green' }), 'AWS::Lambda::Function')).toEqual([]);
  });

  test.each([
    ['one', 'CodeDeployDefault.OneAtATime'],
    ['half', 'CodeDeployDefault.HalfAtATime'],
    ['all', 'CodeDeployDefault.AllAtOnce'],
  ])('take %s at a time', (rollout, configuration) => {
    expect(group({ 'delivery.rollout': rollout })['DeploymentConfigName']).toBe(configuration);
  });

  test.each(['rolling', 'hot'])('leave the load balancer to the node when it is %s', (mode) => {
    const properties = group({ 'delivery.mode': mode });
    expect(properties['DeploymentStyle']).toEqual({
      DeploymentType: 'IN_PLACE',
      DeploymentOption: 'WITHOUT_TRAFFIC_CONTROL',
    });
    expect(properties).not.toHaveProperty('LoadBalancerInfo');
  });

  test('are taken back when they fail, and when nodes or users suffer', () => {
    const properties = group();
    expect(properties['AutoRollbackConfiguration']).toMatchObject({
      Enabled: true,
      Events: expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
    });
    const alarms = all(delivery(), 'AWS::CloudWatch::Alarm')
      .filter(({ id }) => id.startsWith('Deployments'))
      .map(({ id }) => ({ Name: { Ref: id } }));
    expect(alarms).toHaveLength(2);
    expect(properties['AlarmConfiguration']).toEqual({ Enabled: true, Alarms: expect.arrayContaining(alarms) });
  });

  test('say, once they have succeeded, what nodes boot: whoever started them', () => {
    const { properties } = one(delivery(), 'AWS::Events::Rule', 'Promotion');
    expect(properties['EventPattern'].detail.state).toEqual(['SUCCESS']);
    const [target] = properties['Targets'];
    const { InputTemplate, InputPathsMap } = target.InputTransformer;
    expect(InputPathsMap).toEqual({ deployment: '$.detail.deploymentId' });
    expect(textOf(InputTemplate)).toContain('DEPLOYMENT_ID');
    const writes = allowing(permissions(delivery()), 'ssm:PutParameter').map(({ Resource }) => textOf(Resource));
    expect(writes.filter((resource) => /parameter\/beamstalk\/staging\/release\/current"/.test(resource))).toHaveLength(
      1,
    );
  });

  test('may change nothing but the registration of nodes in their own target groups', () => {
    const [change, ...more] = allowing(permissions(delivery()), 'elasticloadbalancing:DeregisterTargets');
    expect(more).toEqual([]);
    expect([change?.Resource].flat()).not.toContain('*');
  });
});

describe('blue-green', () => {
  const mode = { 'delivery.mode': 'blue-green' };

  test('has the group replace its own nodes, and no CodeDeploy copy it', () => {
    const template = delivery(mode);
    expect(all(template, 'AWS::CodeDeploy::DeploymentGroup')).toEqual([]);
    const [, , [replace] = []] = stages(mode);
    expect(replace?.ActionTypeId.Provider).toBe('CodeBuild');
    expect(textOf(replace?.Configuration['EnvironmentVariables'])).toContain('#{Publish.RELEASE_URI}');
    const [start] = allowing(permissions(template), 'autoscaling:StartInstanceRefresh');
    expect([start?.Resource].flat()).not.toContain('*');
  });

  test.each([
    ['one', '110'],
    ['half', '150'],
    ['all', '200'],
  ])('with %s at a time has at most %s per cent of the fleet at once', (rollout, percent) => {
    const { properties } = one(
      delivery({ ...mode, 'delivery.rollout': rollout }),
      'AWS::CodeBuild::Project',
      'Replacement',
    );
    expect(properties['Environment'].EnvironmentVariables).toContainEqual({ Name: 'MAX_HEALTHY', Value: percent });
  });

  test('puts no agent on nodes', () => {
    const agent = (overrides: Readonly<Record<string, string>>) =>
      textOf(permissions(stack('app', overrides))).includes('aws-codedeploy-');
    expect([agent({}), agent(mode)]).toEqual([true, false]);
  });
});

describe('nodes', () => {
  test('boot what was released, and leave their load balancer by themselves, in every phase and mode', () => {
    const releases = (phase: 0 | 3 | 4) => textOf(permissions(stack('app', {}, phase))).includes('/releases/*');
    expect([releases(0), releases(3), releases(4)]).toEqual([true, true, true]);
    const leaving = (mode: string) =>
      allowing(permissions(stack('app', { 'delivery.mode': mode })), 'elasticloadbalancing:DeregisterTargets').length;
    expect([leaving('rolling'), leaving('hot'), leaving('blue-green')]).toEqual([1, 1, 1]);
    const groups = (mode: string) =>
      all(stack('app', { 'delivery.mode': mode }), 'AWS::SSM::Parameter').filter(({ properties }) =>
        String(properties['Name']).endsWith('/delivery/target-groups'),
      ).length;
    expect([groups('rolling'), groups('hot')]).toEqual([1, 1]);
  });

  test('may not write what decides their boot', () => {
    const template = stack('app');
    const ofNodes = policies(template).filter(({ properties }) => /"Tiers\w*Role/.test(textOf(properties['Roles'])));
    expect(ofNodes.length).toBeGreaterThan(1);
    const statements = ofNodes.flatMap(({ properties }) => properties['PolicyDocument'].Statement);
    expect(allowing(statements, 'ssm:PutParameter')).toEqual([]);
    expect(allowing(permissions(template), 'ssm:PutParameter')).toEqual([]);
  });
});

test('nothing here holds data: releases lie with the data, kept and versioned', () => {
  const { resource, properties } = one(stack('data'), 'AWS::S3::Bucket', 'BucketsReleases');
  expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
  // The same from phase 0 on, so that releases stay where they are in every climb.
  expect(one(stack('data', {}, 0), 'AWS::S3::Bucket', 'BucketsReleases').id).toBe(
    one(stack('data'), 'AWS::S3::Bucket', 'BucketsReleases').id,
  );
  expect(all(delivery(), 'AWS::Logs::LogGroup').map(({ properties: log }) => log['RetentionInDays'])).toEqual([
    30, 30, 30, 30, 30,
  ]);
});
