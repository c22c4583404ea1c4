import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { diff } from '../../lib/commands/diff';
import { asCloudFormationReturns } from '../../lib/commands/diff/deployed';
import { contextOf, parseSide, readDirectory, stateIn } from '../../lib/commands/diff/side';
import { ConfigurationError } from '../../lib/config/configuration-error';
import type { Template } from '../../lib/template/template';
import { synthesise } from '../cdk-context';
import { ASKED, folderSide } from '../commands/diff-folders';

const PROD = { ...ASKED, environment: 'prod' };

describe('the two sides', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'diff-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('are phases, climbs, folders, or words', () => {
    expect(parseSide('3')).toEqual({ kind: 'phase', phase: 3 });
    expect(parseSide('2+1')).toEqual({ kind: 'phase', phase: 2, from: 1 });
    expect(parseSide('deployed')).toEqual({ kind: 'deployed' });
    expect(parseSide('configured')).toEqual({ kind: 'configured' });
    expect(parseSide(folder)).toEqual({ kind: 'directory', path: folder });
    for (const wrong of ['2+', '33', 'prod', '', './nowhere', '2-1']) expect(parseSide(wrong)).toBeUndefined();
  });

  test('a phase stands over the settings of its side', () => {
    expect(contextOf({ kind: 'phase', phase: 2, from: 1 }, 'prod', { 'app.minNodes': '4' })).toMatchObject({
      env: 'prod',
      'app.minNodes': '4',
      phase: 2,
      from: 1,
    });
    expect(contextOf({ kind: 'configured' }, 'dev', {})).not.toHaveProperty('phase');
  });

  test('a folder is read by its manifest, or file by file', () => {
    const template = { Resources: { G: { Type: 'Custom::PhaseGate', Properties: { Phase: '2', From: '1' } } } };
    writeFileSync(join(folder, 'a.template.json'), JSON.stringify(template));
    writeFileSync(join(folder, 'b.template.json'), JSON.stringify({ Resources: {} }));
    expect(Object.keys(readDirectory(folder).templates)).toEqual(['a', 'b']);
    expect(readDirectory(folder).state).toEqual({ phase: 2, from: 1 });
    const stack = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: 'a.template.json', stackName: 'prod-a' },
    };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: { a: stack, t: { type: 'cdk:tree' } } }));
    expect(Object.keys(readDirectory(folder).templates)).toEqual(['prod-a']);
  });

  test('a folder without templates, or with broken ones, is bad configuration', () => {
    expect(() => readDirectory(folder)).toThrow('allowed: a folder with a manifest.json or *.template.json files');
    writeFileSync(join(folder, 'a.template.json'), '{');
    expect(() => readDirectory(folder)).toThrow('allowed: JSON');
  });

  test.each<[string, unknown, string]>([
    ['a template that is null', null, ': received null; allowed: a template: an object with Resources'],
    ['a template that is a list', [], ': received []; allowed: a template'],
    ['a list of resources', { Resources: [] }, ' Resources: received []; allowed: an object of resources by their ids'],
    ['a resource that is null', { Resources: { A: null } }, ' Resources.A: received null; allowed: a resource'],
    ['a resource without a type', { Resources: { A: {} } }, ' Resources.A.Type: allowed: a type such as AWS::S3::'],
    ['a type that is a number', { Resources: { A: { Type: 5 } } }, ' Resources.A.Type: received 5; allowed: a type'],
    [
      'a type that is none',
      { Resources: { A: { Type: 'constructor' } } },
      ' Resources.A.Type: received "constructor"; ',
    ],
    [
      'an id that is none',
      JSON.parse('{"Resources":{"__proto__":{"Type":"AWS::S3::Bucket"}}}'),
      ' Resources.__proto__: received "__proto__"; allowed: a logical id of letters and digits',
    ],
    [
      'properties that are null',
      { Resources: { A: { Type: 'AWS::S3::Bucket', Properties: null } } },
      ' Resources.A.Properties: received null; allowed: an object of properties',
    ],
    [
      'a null deep inside',
      { Resources: { A: { Type: 'AWS::S3::Bucket', Properties: { Tags: [{ Key: 'a', Value: null }] } } } },
      ' Resources.A.Properties.Tags.0.Value: received null; allowed: a value; CloudFormation takes no null',
    ],
  ])('%s is bad configuration', (_, template, says) => {
    writeFileSync(join(folder, 'a.template.json'), JSON.stringify(template));
    expect(() => readDirectory(folder)).toThrow(ConfigurationError);
    expect(() => readDirectory(folder)).toThrow(
      `1 error in reading templates\n  ${join(folder, 'a.template.json')}${says}`,
    );
  });

  test.each<[string, unknown, string]>([
    ['a list', [1], ': received [1]; allowed: a manifest: an object with artifacts'],
    ['null', null, ': received null; allowed: a manifest'],
    ['a list of artifacts', { artifacts: [] }, ': received []; allowed: a manifest'],
    [
      'a stack without its file',
      { artifacts: { x: { type: 'aws:cloudformation:stack' } } },
      ' artifacts.x.properties.templateFile: allowed: the name of a file in this folder',
    ],
    [
      'a stack whose name is a number',
      { artifacts: { x: { type: 'aws:cloudformation:stack', properties: { templateFile: 'x', stackName: 1 } } } },
      ' artifacts.x.properties.stackName: received 1; allowed: the name of a stack',
    ],
  ])('a manifest that is or has %s is bad configuration', (_, manifest, says) => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    expect(() => readDirectory(folder)).toThrow(ConfigurationError);
    expect(() => readDirectory(folder)).toThrow(
      `1 error in reading templates\n  ${join(folder, 'manifest.json')}${says}`,
    );
  });

  test('all that is wrong with a folder is said at once', () => {
    const missing = { type: 'aws:cloudformation:stack', properties: { templateFile: 'nope.json' } };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: { odd: null, x: missing } }));
    expect(() => readDirectory(folder)).toThrow('nope.json: allowed: JSON (ENOENT');
    writeFileSync(join(folder, 'nope.json'), JSON.stringify({ Resources: { A: null, B: { Type: 5 } } }));
    expect(() => readDirectory(folder)).toThrow('2 errors in reading templates');
  });

  test('a template without resources is one of a stack that holds nothing yet', () => {
    writeFileSync(join(folder, 'a.template.json'), '{}');
    expect(readDirectory(folder).templates).toEqual({ a: { Resources: {} } });
  });

  test('a macro that stands beside resources is read as a loop is', () => {
    const template = { Resources: { 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://a/b' } } } };
    writeFileSync(join(folder, 'a.template.json'), JSON.stringify(template));
    expect(readDirectory(folder).templates).toEqual({ a: template });
  });

  test('a template says by its gate how far it is', () => {
    expect(stateIn(synthesise('prod', 2, { from: 1 }))).toEqual({ phase: 2, from: 1 });
    expect(stateIn({})).toBeUndefined();
  });

  test.each([
    ['before', {}, { Resources: { A: { Type: 'AWS::SNS::Topic' } } }],
    ['after', { Resources: { A: { Type: 'AWS::SNS::Topic' } } }, {}],
  ])('a stack without resources %s is compared as an empty one', async (name, was, is) => {
    const before = folderSide(folder, 'before', { a: was as Template });
    const after = folderSide(folder, 'after', { a: is as Template });
    expect((await diff({ ...ASKED, before, after })).output).toContain(name === 'before' ? 'added' : 'removed');
  });

  test('two folders are compared without the constructs library, climb included', async () => {
    const before = folderSide(folder, 'before', synthesise('prod', 3));
    const after = folderSide(folder, 'after', synthesise('prod', 2));
    const result = await diff({ ...PROD, before, after, format: 'json' });
    expect(result.exitCode).toBe(4);
    expect(JSON.parse(result.output)).toMatchObject({
      verdict: 'refused',
      climb: { before: { phase: 3 }, after: { phase: 2 } },
    });

    // Whose they are, the folders say themselves.
    const other = { ...PROD, environment: 'dev', before };
    const { output } = await diff({ ...other, after });
    expect(output).toContain(`prod: ${join(folder, 'before')} ->`);
    await expect(diff({ ...other, after: { kind: 'phase', phase: 3 } })).rejects.toThrow(
      'env: received "dev"; allowed: prod, of which the other side is',
    );
  });
});

describe('the command', () => {
  test.each([
    [{ phase: 2 }, { phase: 3 }, 0],
    [{ phase: 1 }, { phase: 2 }, 3],
  ] as const)('from %o to %o exits with %i', async (a, b, exitCode) => {
    const sides = { before: { kind: 'phase', ...a }, after: { kind: 'phase', ...b } } as const;
    expect((await diff({ ...PROD, ...sides })).exitCode).toBe(exitCode);
  });

  test.each([
    // Replicas come with permissions of their own, and the fleet rolls without an interruption.
    [2, 3, ['exposure'], 5],
    [2, 3, ['downtime', 'replacement'], 0],
    [3, 3, ['downtime', 'replacement', 'exposure'], 0],
    [1, 2, ['exposure'], 3],
  ] as const)('from %i to %i with --fail-on %j exits with %i', async (a, b, failOn, exitCode) => {
    const sides = { before: { kind: 'phase', phase: a }, after: { kind: 'phase', phase: b } } as const;
    expect((await diff({ ...PROD, ...sides, failOn })).exitCode).toBe(exitCode);
  });

  test('a setting of one side only', async () => {
    const phase = { kind: 'phase', phase: 2 } as const;
    const { output, verdict } = await diff({
      ...PROD,
      before: phase,
      after: phase,
      setAfter: { 'app.instanceType': 'c7i.4xlarge' },
    });
    expect(output.split('\n')[0]).toBe('prod: phase 2 -> phase 2, app.instanceType=c7i.4xlarge');
    expect(verdict.summary).toMatchObject({ restarts: 1, removes: 0 });
  });

  test('copies of backups do not move to another region', async () => {
    const phase = { kind: 'phase', phase: 4 } as const;
    const [setBefore, setAfter] = ['eu-west-2', 'eu-west-1'].map((region) => ({ 'operations.copyRegion': region }));
    const { exitCode, verdict } = await diff({
      ...PROD,
      before: phase,
      after: phase,
      setBefore: { ...setBefore },
      setAfter: { ...setAfter },
    });
    expect(exitCode).toBe(4);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({ rule: 'stack-moved', stack: 'prod-backup-copy' }),
    );
    expect(verdict.changes).toContainEqual(
      expect.objectContaining({ type: 'AWS::Backup::BackupPlan', change: 'updates' }),
    );
  });

  test('without credentials it says so once', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_SESSION_TOKEN'])
      vi.stubEnv(name, '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    const sides = { before: { kind: 'deployed' }, after: { kind: 'phase', phase: 2 } } as const;
    await expect(diff({ ...PROD, ...sides })).rejects.toThrow(
      'only with AWS credentials that may read CloudFormation stacks',
    );
    vi.unstubAllEnvs();
  });

  test('what CloudFormation mangles is mangled on both sides', () => {
    const templates = { s: { Resources: {}, Description: 'größer' } };
    expect(asCloudFormationReturns(templates)).toEqual({ s: { Resources: {}, Description: 'gr??er' } });
  });

  test('its name for the phases in the documentation is one that it reads', () => {
    const guide = readFileSync('docs/ci-for-users.md', 'utf8');
    const calls = [...guide.matchAll(/beamstalk -- diff (\S+) (\S+)/g)];
    expect(calls.length).toBeGreaterThan(0);
    for (const side of calls.flatMap(([, a = '', b = '']) => [a, b]).filter((one) => !one.startsWith('./'))) {
      expect([side, parseSide(side)]).not.toContain(undefined);
    }
  });
});
