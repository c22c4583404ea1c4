import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { aws, FAILS, first, refusal, rollOut, said, second, useEnvironment } from './use-bench';

useEnvironment();

describe('Ctrl-C', () => {
  test('says what goes on in the environment, and leaves the lock for --take-over', async () => {
    const slow = aws.release('3.0.0-slow');
    const [one, two] = [aws.add('app', first), aws.add('app', first)];
    const controller = new AbortController();
    aws.onScript = (node, script) => {
      if (node === two && script.includes('rollout.sh')) void setTimeout(100).then(() => controller.abort());
    };
    const error = await rollOut('3.0.0-slow', { signal: controller.signal }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ exitCode: 130 });
    expect(String(error)).toContain(
      `stopped watching: ${two.id} (app) goes on by itself to shop-3.0.0-slow; ${one.id} has been rolled to it; every other node serves what it served; look with \`beamstalk status --env prod\`, go on with \`beamstalk release use 3.0.0-slow --env prod --take-over\``,
    );
    expect(aws.parameter('release/current')).toBeUndefined();
    expect(JSON.parse(aws.parameter('delivery/rollout') ?? '')).toMatchObject({
      release: slow,
      nodes: [one.id, two.id],
    });
    // The rollout at work there has ended by itself.
    await vi.waitFor(() => expect(aws.running[two.id]).toBe(slow), 3000);
    aws.onScript = () => undefined;

    expect(await refusal('3.0.0-slow')).toMatch(
      /^a rollout is under way: s3:\S+ by \S+@\S+ since 20\S+; wait for its end, look with `beamstalk status`; when nobody is at work any more, run this again with --take-over$/,
    );
    await rollOut('3.0.0-slow', { takeOver: true });
    expect(said.some((line) => line.startsWith(`takes over: ${slow} by`))).toBe(true);
    expect(aws.parameter('release/current')).toBe(`${slow} none`);
    expect(aws.parameter('delivery/rollout')).toBeUndefined();
  });

  test('while nodes go back names the release that they go back to', async () => {
    const slow = aws.release('0.9.0-slow');
    const [one, two] = [aws.add('app', slow), aws.add('app', slow)];
    const controller = new AbortController();
    aws.onScript = (node, script) => {
      if (node === two && script.includes('rollout.sh')) writeFileSync(join(node.folder, 'rollout.sh'), FAILS);
      if (node === one && script.includes(slow)) void setTimeout(100).then(() => controller.abort());
    };
    const error = await rollOut('1.1.0', { signal: controller.signal }).catch((caught: unknown) => caught);
    expect(String(error)).toContain(
      `${one.id} (app) goes on by itself back to what it ran; ${one.id} has been rolled to it; every other node serves what it served; look with \`beamstalk status --env prod\`, go on with \`beamstalk release use 0.9.0-slow --env prod --take-over\``,
    );
  });

  test('of a rollout that somebody has taken over: it ends, and undoes nothing', async () => {
    const [one, two] = [aws.add('app', first), aws.add('app', first)];
    aws.onScript = (node, script) => {
      if (node === one && script.includes('rollout.sh'))
        aws.put(
          'delivery/rollout',
          JSON.stringify({ release: first, by: 'eve@desk', since: '2026-11-29T13:00:00Z', nodes: [] }),
        );
    };
    expect(await refusal('1.1.0')).toBe(
      `somebody else has taken over: ${first} by eve@desk since 2026-11-29T13:00:00Z; this rollout ends here`,
    );
    expect(aws.running).toEqual({ [one.id]: second, [two.id]: first });
    expect(aws.parameter('delivery/rollout')).toContain('eve@desk');
  });
});

function atPhase4(arrange: () => void): void {
  aws.put('climb/state', '{"phase":4,"at":"2026-11-29T12:00:00.000Z"}');
  arrange();
}

describe('what cannot begin changes nothing, and says what to do', () => {
  test.each<[string, string, () => void, string]>([
    [
      'a version near a known one',
      '1.1.1',
      () => undefined,
      'there is no version 1.1.1 in prod: did you mean 1.1.0? the newest are 1.0.0, 1.1.0',
    ],
    [
      'an unknown version',
      'nightly-build',
      () => undefined,
      'there is no version nightly-build in prod: the newest are 1.0.0, 1.1.0',
    ],
    [
      'no release at all',
      '1.1.0',
      () => aws.objects.clear(),
      'there is no release in prod yet: push one with `beamstalk release push FILE --env prod`',
    ],
    [
      'a push that did not end',
      '9.0.0',
      () => aws.release('9.0.0', { whole: false }),
      'version 9.0.0 is not whole: its checksum is missing',
    ],
    [
      'two archives in one folder',
      '1.1.0',
      () => aws.release('1.1.0', { name: 'other' }),
      'version 1.1.0 has 2 archives (shop-1.1.0, other-1.1.0)',
    ],
    ['no node in service', '1.1.0', () => aws.nodes.splice(0), 'prod has no node in service that runs releases'],
    [
      'an agent that lost its connection',
      '1.1.0',
      () => void Object.assign(aws.nodes[0] ?? {}, { ping: 'ConnectionLost' }),
      'i-00000001 does not answer Systems Manager (ConnectionLost): a node that boots answers after a minute or two',
    ],
    [
      'an agent that never answered',
      '1.1.0',
      () => void Object.assign(aws.nodes[0] ?? {}, { ping: 'not registered' }),
      'i-00000001 does not answer Systems Manager (not registered)',
    ],
    [
      'no permission to send commands',
      '1.1.0',
      () => void Object.assign(aws.refused, { SendCommand: 'AccessDeniedException' }),
      'AWS does not send a command to i-00000001: AccessDeniedException: not allowed here; docs/operating.md lists what each command asks of AWS',
    ],
    [
      'a deployment of the pipeline',
      '1.1.0',
      () => atPhase4(() => aws.deployments.push('d-ABCDEF')),
      'deployment d-ABCDEF of the pipeline is under way: wait for its end',
    ],
    [
      'a pipeline that cannot be asked',
      '1.1.0',
      () => atPhase4(() => Object.assign(aws.refused, { ListApplications: 'AccessDeniedException' })),
      'AWS does not list the applications of CodeDeploy: AccessDeniedException',
    ],
  ])('%s', async (_, version, arrange, message) => {
    aws.add('box', first);
    arrange();
    expect(await refusal(version)).toContain(message);
    expect(Object.values(aws.running).every((uri) => uri === first)).toBe(true);
    expect(aws.parameter('release/current')).toBeUndefined();
    expect(aws.parameter('delivery/rollout')).toBeUndefined();
  });

  test('an environment that is not deployed', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
    expect(await refusal('1.1.0', { environment: 'staging' })).toContain(
      'staging is not deployed in us-east-1: nothing is below /beamstalk/staging/; deploy it with `npx cdk deploy --all --context env=staging`',
    );
  });

  test('a node of an environment that was deployed before these commands were', async () => {
    const box = aws.add('box', first);
    rmSync(join(box.folder, 'node-status.sh'));
    expect(await refusal('1.1.0', { patience: 3 })).toContain(
      'does not tell its state: its programs are older than this command: run `npx cdk deploy --all`',
    );
  });

  test('a node that tells no state: those before go back', async () => {
    const [one, two] = [aws.add('app', first), aws.add('app', first)];
    writeFileSync(join(two.folder, 'node-status.sh'), '#!/bin/bash\necho no nginx >&2\nexit 1\n');
    expect(await refusal('1.1.0', { patience: 3 })).toBe(
      `${two.id} (app) does not tell its state: node-status.sh ended with Failed: no nginx; nothing was changed there`,
    );
    expect(aws.running[one.id]).toBe(first);
  });
});
