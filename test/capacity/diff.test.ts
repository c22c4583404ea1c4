import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { diff } from '../../lib/commands/diff';
import { diffSchema } from '../../lib/verdict/verdict-schema';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with a fleet of so many nodes that may enter a database. */
function folderWith(nodes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'beamstalk-fleet-'));
  folders.push(folder);
  const launch = { LaunchTemplateData: { SecurityGroupIds: [{ Ref: 'NodesGroup' }] } };
  const Resources = {
    Nodes: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: { MaxSize: nodes, LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } } },
    },
    Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: launch },
    NodesGroup: { Type: 'AWS::EC2::SecurityGroup', Properties: {} },
    Database: {
      Type: 'AWS::RDS::DBInstance',
      Properties: {
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        VPCSecurityGroups: [{ Ref: 'DatabaseGroup' }],
      },
    },
    DatabaseGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        SecurityGroupIngress: [
          { SourceSecurityGroupId: { Ref: 'NodesGroup' }, IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432 },
        ],
      },
    },
  };
  writeFileSync(join(folder, 'one.template.json'), JSON.stringify({ Resources }));
  return folder;
}

async function outputOf(before: number, after: number, format: 'text' | 'markdown' | 'json'): Promise<string> {
  const side = (nodes: number) => ({ kind: 'directory', path: folderWith(nodes) }) as const;
  const root = join(import.meta.dirname, '..', '..');
  const { output } = await diff({
    before: side(before),
    after: side(after),
    setBefore: {},
    setAfter: {},
    format,
    colour: false,
    all: false,
    today: '2026-11-30',
    failOn: [],
    directory: join(root, 'config'),
    cdkJson: join(root, 'cdk.json'),
  });
  return output;
}

test('a diff says when a step lets a fleet outgrow its database', async () => {
  const output = await outputOf(5, 20, 'text');
  expect(output).toContain(
    'What may outgrow what it depends on\n  one Database: up to 200 connections, of which it takes about 94\n      Nodes 20 x 10 (MaxSize 20) against db.t4g.micro by its memory\n',
  );
  expect(await outputOf(5, 20, 'markdown')).toContain(
    '- one Database: up to 200 connections, of which it takes about 94: ',
  );
});

test('the same and the bill are there for machines, in the published form', async () => {
  const { outgrown, bill } = diffSchema.parse(JSON.parse(await outputOf(5, 20, 'json')));
  expect(outgrown).toMatchObject([{ provider: { stack: 'one', id: 'Database' }, wanted: 200, most: 94 }]);
  expect(bill).toMatchObject({ region: 'us-east-1', change: 0, notPriced: { before: 2, after: 2 } });
});

test.each([
  [5, 9],
  [20, 20],
  [20, 5],
])('and says nothing from %i nodes to %i', async (before, after) => {
  expect(await outputOf(before, after, 'text')).not.toContain('outgrow');
});
