import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { GOLDEN_PACKAGES, goldenImageParameter } from '../../lib/node/golden-image';
import { synthesise } from '../cdk-context';
import { all, allowing, EMPTY, one, permissions, required, textOf } from './single-stack';

type Context = Readonly<Record<string, string>>;

const stack = (part: string, context: Context = {}) => synthesise('prod', 4, context)[`prod-${part}`] ?? EMPTY;
const operations = (context: Context = {}) => stack('operations', context);
const template = operations();
/** Golden images in use and a playbook. */
const USED = { 'operations.goldenImages': 'use', 'operations.playbook': 's3://books.example/site.zip' } as const;

describe('golden images', () => {
  test('are baked from the maker’s newest, updated before and tested after', () => {
    const recipe = one(template, 'AWS::ImageBuilder::ImageRecipe').properties;
    expect(recipe['ParentImage']).toMatch(/^ssm:\/aws\/service\/ami-amazon-linux-latest\/.*x86_64$/);
    const [updates, , bootTest] = recipe['Components'].map(textOf);
    expect(updates).toContain('update-linux');
    expect(bootTest).toContain('simple-boot-test-linux');
  });

  test('have what a boot would install, by the names that it installs it by', () => {
    const os = readFileSync(join(BOOT_DIRECTORY, 'os.sh'), 'utf8');
    const packages = Object.values(GOLDEN_PACKAGES).flat();
    expect(packages.length).toBeGreaterThan(0);
    const data = String(one(template, 'AWS::ImageBuilder::Component').properties['Data']);
    for (const name of packages) {
      expect(os).toMatch(new RegExp(`PACKAGES=\\(${name}\\)`));
      expect(data).toMatch(new RegExp(`dnf install -y [a-z -]*\\b${name}\\b`));
    }
  });

  test('have another name when they have other content, because a version never changes', () => {
    const component = one(template, 'AWS::ImageBuilder::Component').properties;
    expect(component['Name']).toMatch(/-packages-[0-9a-f]{8}$/);
    expect(one(template, 'AWS::ImageBuilder::ImageRecipe').properties['Name']).toMatch(/^prod-node-amd64-[0-9a-f]{8}$/);
  });

  test('are baked where nobody comes in, on an instance that asks for session tokens', () => {
    const { properties } = one(template, 'AWS::ImageBuilder::InfrastructureConfiguration');
    expect(properties['InstanceMetadataOptions']).toMatchObject({ HttpTokens: 'required' });
    const group = one(template, 'AWS::EC2::SecurityGroup', 'Imageamd64');
    expect(properties['SecurityGroupIds']).toEqual([{ 'Fn::GetAtt': [group.id, 'GroupId'] }]);
    expect(group.properties).not.toHaveProperty('SecurityGroupIngress');
  });

  test('are published where nodes look for them, and nodes look only when the configuration says so', () => {
    const parameter = goldenImageParameter('prod', 'amd64');
    expect(textOf(one(template, 'AWS::ImageBuilder::DistributionConfiguration').properties)).toContain(parameter);
    const images = (context: Context) =>
      all(stack('app', context), 'AWS::EC2::LaunchTemplate').map(
        ({ properties }) => properties['LaunchTemplateData'].ImageId,
      );
    for (const image of images({})) expect(image).toContain('/aws/service/');
    expect(new Set(images(USED))).toEqual(new Set([`resolve:ssm:${parameter}`]));
  });

  test('are baked for each architecture that there are nodes of', () => {
    const context = {
      'release.architecture': 'arm64',
      'app.instanceType': 'c7g.xlarge',
      'box.instanceType': 'c7g.large',
    };
    const both = operations({ ...context, 'workers.instanceType': 'c7g.large' });
    expect(all(both, 'AWS::ImageBuilder::ImagePipeline')).toHaveLength(2);
    expect(all(template, 'AWS::ImageBuilder::ImagePipeline')).toHaveLength(1);
  });
});

describe('running nodes', () => {
  const associations = (context: Context = {}) =>
    new Map(
      all(operations(context), 'AWS::SSM::Association').map(({ properties }) => [properties['Name'], properties]),
    );

  test('are the fleets’ alone: what else Systems Manager knows in the account is let be', () => {
    for (const { Targets } of associations().values()) {
      expect(Targets).toEqual([{ Key: 'tag:beamstalk:fleet', Values: ['prod-app', 'prod-web'] }]);
    }
  });

  test('are workers too, from the phase that brings them', () => {
    const template = required(synthesise('prod', 5)['prod-operations']);
    for (const { properties } of all(template, 'AWS::SSM::Association')) {
      expect(properties['Targets'][0].Values).toEqual(['prod-app', 'prod-web', 'prod-worker']);
    }
    const [workers] = all(required(synthesise('prod', 5)['prod-workers']), 'AWS::AutoScaling::AutoScalingGroup');
    expect(workers?.properties['Tags']).toContainEqual({ Key: 'PatchGroup', PropagateAtLaunch: true, Value: 'prod' });
  });

  test('are looked at for missing updates, and nothing is installed on them', () => {
    expect(associations().get('AWS-RunPatchBaseline')?.['Parameters']).toEqual({
      Operation: ['Scan'],
      RebootOption: ['NoReboot'],
    });
  });

  test('find the baseline by the tag that they bear', () => {
    const [group] = one(template, 'AWS::SSM::PatchBaseline').properties['PatchGroups'];
    for (const { properties } of all(stack('app'), 'AWS::AutoScaling::AutoScalingGroup')) {
      expect(properties['Tags']).toContainEqual({ Key: 'PatchGroup', Value: group, PropagateAtLaunch: true });
    }
  });

  test('get the playbook that is configured, one after the other, and may read it and no other object', () => {
    expect(associations().has('AWS-ApplyAnsiblePlaybooks')).toBe(false);
    const playbook = associations(USED).get('AWS-ApplyAnsiblePlaybooks');
    expect(playbook).toMatchObject({ MaxConcurrency: '1', MaxErrors: '0' });
    expect(JSON.parse(playbook?.['Parameters'].SourceInfo[0])).toEqual({
      path: 'https://books.example.s3.us-east-1.amazonaws.com/site.zip',
    });
    const reading = allowing(permissions(stack('app', USED)), 's3:GetObject').map(({ Resource }) => textOf(Resource));
    expect(reading.filter((resource) => resource.includes('books.example'))).toHaveLength(2);
    for (const resource of reading) expect(resource).not.toMatch(/books\.example\/\*/);
  });
});
