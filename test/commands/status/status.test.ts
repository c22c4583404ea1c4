import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toldBy } from '../../../lib/commands/environment/node-status';
import { status } from '../../../lib/commands/status';
import { complaints } from '../../../lib/commands/status/report';
import { text } from '../../../lib/commands/status/text';
import { CONFIGURATION_DIRECTORY } from '../../../lib/config/directory';
import { DeployedEnvironment } from '../../peers/deployed-environment';

let aws: DeployedEnvironment;
beforeEach(async () => {
  aws = await DeployedEnvironment.start();
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
});

function told(limitMs = 15_000) {
  return status({
    environment: 'prod',
    directory: CONFIGURATION_DIRECTORY,
    limitMs,
    pause: (signal) => () => setTimeout(5, undefined, { signal }),
  });
}

test('an environment in which all is well says so', async () => {
  aws.deploy();
  const release = aws.release('1.0.0');
  aws.put('release/current', `${release} none`);
  const box = aws.add('box', release);
  const report = await told();
  expect(complaints(report)).toEqual([]);
  const words = text(report);
  expect(words).toContain(`prod in us-east-1: phase 0\nnodes boot: ${release}\n`);
  expect(words).toMatch(
    new RegExp(`${box.id} +box +InService +shop-1\\.0\\.0 +yes +- +3 +2026-11-29T12:00:00Z +Online\n`),
  );
  expect(words).toContain('nothing is being deployed\nall is well\n');
});

test('a node that runs something else than what boots is no secret', async () => {
  aws.deploy();
  const [first, second] = [aws.release('1.0.0'), aws.release('1.1.0')];
  aws.put('release/current', `${second} none`);
  const [behind, rolls] = [aws.add('app', first), aws.add('app', first)];
  writeFileSync(join(rolls.folder, 'rolling'), '');
  expect(complaints(await told())).toEqual([`${behind.id} (app) runs shop-1.0.0, and nodes boot ${second}`]);
});

test('a node whose release cannot be told of a switch is not well, until it starts anew', async () => {
  aws.deploy();
  const release = aws.release('1.0.0');
  aws.put('release/current', `${release} none`);
  const [untold, rolls] = [aws.add('app', release), aws.add('app', release)];
  for (const { folder } of [untold, rolls]) writeFileSync(join(folder, 'untold'), '');
  writeFileSync(join(rolls.folder, 'rolling'), '');
  expect(complaints(await told())).toEqual([
    `${untold.id} (app) runs a release that cannot be told where its data are: run beamstalk release restart`,
  ]);
});

test('what does not answer in its time is not known, and not waited for', async () => {
  aws.deploy();
  aws.add('box');
  aws.silent.add('GetCommandInvocation');
  const began = Date.now();
  const report = await told(1500);
  expect(Date.now() - began).toBeLessThan(8000);
  expect(complaints(report)).toEqual(['i-00000001 (box): not known (no answer within 1.5 s)']);
  expect(text(report)).toMatch(/i-00000001 +box +InService +not known +not known/);
});

test('what AWS refuses is not known, and says why', async () => {
  aws.deploy();
  aws.refused['DescribeAutoScalingGroups'] = 'AccessDenied';
  const [complaint = '', ...others] = complaints(await told());
  expect(others).toEqual([]);
  expect(complaint).toMatch(
    /^nodes: not known \(AWS does not list the fleets: AccessDenied: not allowed here; docs\/operating\.md/,
  );
});

test('no node in service is not well', async () => {
  aws.deploy();
  aws.add('box', 'none', 'Pending');
  expect(complaints(await told())).toEqual(['no node is in service']);
});

test('an environment that is not deployed has no status', async () => {
  await expect(told()).rejects.toThrow('prod is not deployed in us-east-1: nothing is below /beamstalk/prod/');
});

test.each([
  ['', '', 'node-status.sh ended with Success'],
  ['{"role":"box"}', '', 'node-status.sh said "{\\"role\\":\\"box\\"}"'],
  ['{', '', 'node-status.sh said "{"'],
])('a node that says %j is not understood', (output, errors, unknown) => {
  expect(toldBy({ ok: true, exitCode: 0, output, errors, details: 'Success' })).toEqual({ unknown });
});
