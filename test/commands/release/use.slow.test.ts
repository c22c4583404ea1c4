import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type UseProps, use } from '../../../lib/commands/release/use';
import { CONFIGURATION_DIRECTORY } from '../../../lib/config/directory';
import { DeployedEnvironment } from '../../peers/deployed-environment';

let aws: DeployedEnvironment;
let said: string[];
let first: string;
let second: string;

beforeEach(async () => {
  aws = await DeployedEnvironment.start();
  aws.deploy();
  first = aws.release('1.0.0');
  second = aws.release('1.1.0');
  said = [];
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
});

function rollOut(version: string | undefined, props: Partial<UseProps> = {}) {
  const { signal = new AbortController().signal } = props;
  return use({
    environment: 'prod',
    directory: CONFIGURATION_DIRECTORY,
    pathStyle: true,
    ...(version !== undefined && { version }),
    migrate: true,
    takeOver: false,
    say: (line) => said.push(line),
    onWait: () => undefined,
    pause: () => setTimeout(5, undefined, { signal }),
    ...props,
    signal,
  });
}

async function refusal(version: string | undefined, props: Partial<UseProps> = {}): Promise<string> {
  return rollOut(version, props).then(
    () => 'rolled out',
    (error: Error) => error.message,
  );
}

describe('a rollout', () => {
  test('goes from node to node, migrates on the first alone, and decides what boots', async () => {
    const [app, worker, box] = [aws.add('app', first), aws.add('worker', first), aws.add('box', first)];
    aws.add('web');
    const used = await rollOut('1.1.0');
    expect(used).toEqual({ release: 'shop-1.1.0', uri: second, nodes: [box.id, app.id, worker.id] });
    expect(aws.calls(box)).toEqual([`${second} migrate`]);
    expect(aws.calls(app)).toEqual([second]);
    expect(aws.calls(worker)).toEqual([second]);
    expect(aws.parameter('release/current')).toBe(`${second} none`);
    expect(aws.parameter('delivery/rollout')).toBeUndefined();
    expect(said).toContain(`${box.id} (box): shop-1.0.0 -> shop-1.1.0, with the migration`);
    expect(said).toContain(`${app.id}: runs shop-1.1.0`);
  });

  test('migrates nothing when it is told so', async () => {
    const box = aws.add('box', first);
    await rollOut('1.1.0', { migrate: false });
    expect(aws.calls(box)).toEqual([second]);
  });

  test('passes by who runs the release already', async () => {
    const [done, due] = [aws.add('app', second), aws.add('app', first)];
    await rollOut('1.1.0');
    expect(aws.calls(done)).toEqual([]);
    expect(aws.calls(due)).toEqual([`${second} migrate`]);
  });

  test('rolls a node that runs the release and is not well', async () => {
    const ill = aws.add('app', second);
    writeFileSync(join(ill.folder, 'ill'), '');
    await rollOut('1.1.0');
    expect(aws.calls(ill)).toEqual([`${second} migrate`]);
  });

  test('finds a node that has come meanwhile, and waits for one that boots', async () => {
    aws.add('app', first);
    let late: ReturnType<typeof aws.add> | undefined;
    const comes = vi.fn();
    aws.onScript = (_, script) => {
      if (!script.includes('rollout.sh') || late !== undefined) return;
      late = aws.add('app', first, 'Pending:Wait');
      aws.add('app', first);
      comes();
    };
    const rolling = rollOut('1.1.0');
    await vi.waitFor(() => expect(said.some((line) => line.startsWith('waits for'))).toBe(true), 15_000);
    expect(aws.parameter('release/current')).toBe(`${second} none`);
    if (late) late.lifecycle = 'InService';
    await rolling;
    expect(comes).toHaveBeenCalledTimes(1);
    expect(Object.values(aws.running)).toEqual([second, second, second]);
  });

  test('goes on without a node that ends while it is rolled', async () => {
    const [leaves, stays] = [aws.add('app', first), aws.add('app', first)];
    aws.onScript = (node, script) => {
      if (node === leaves && script.includes('rollout.sh')) aws.remove(leaves.id);
    };
    const used = await rollOut('1.1.0');
    expect(used.nodes).toEqual([stays.id]);
    expect(said).toContain(`${leaves.id} (app) has left the fleet meanwhile`);
    // Nobody knows how far the migration came.
    expect(aws.calls(stays)).toEqual([`${second} migrate`]);
  });

  test('goes on without a node that is to end, and says so itself', async () => {
    const [leaves, stays] = [aws.add('app', first), aws.add('app', first)];
    aws.onScript = (node, script) => {
      if (node !== leaves || !script.includes('rollout.sh')) return;
      leaves.lifecycle = 'Terminating:Wait';
      writeFileSync(
        join(node.folder, 'rollout.sh'),
        '#!/bin/bash\necho "beamstalk: the node is not in service (Terminated)"\nexit 1\n',
      );
    };
    expect((await rollOut('1.1.0')).nodes).toEqual([stays.id]);
  });

  test('ends when a second node leaves while it is rolled', async () => {
    const nodes = [aws.add('app', first), aws.add('app', first), aws.add('app', first)];
    aws.onScript = (node, script) => {
      if (script.includes('rollout.sh') && node !== nodes[0]) aws.remove(node.id);
    };
    expect(await refusal('1.1.0')).toMatch(
      /^shop-1\.1\.0 is not rolled out: 2 nodes have left the fleet while they were rolled;/,
    );
    expect(Object.values(aws.running)).toEqual([first]);
  });

  test('waits for a node that is in service and boots still: without a launch hook the group counts it at once', async () => {
    const node = aws.add('box', first);
    const script = join(node.folder, 'node-status.sh');
    const text = readFileSync(script);
    rmSync(script);
    const rolling = rollOut('1.1.0');
    await vi.waitFor(() => expect(said.some((line) => line.includes('does not tell its state yet'))).toBe(true));
    writeFileSync(script, text);
    await rolling;
    expect(aws.running[node.id]).toBe(second);
  });

  test('waits for a node that an earlier rollout is at work on', async () => {
    const node = aws.add('box', first);
    const mark = join(node.folder, 'rolling');
    writeFileSync(mark, '');
    const rolling = rollOut('1.1.0');
    await vi.waitFor(() =>
      expect(said).toContain(`${node.id} (box) boots, or is at work with an earlier rollout: waits for it`),
    );
    rmSync(mark);
    await rolling;
    expect(aws.running[node.id]).toBe(second);
  });
});

describe('a release that does not become healthy', () => {
  test('is nowhere in the end: those before go back, the reason is the message, what boots stays', async () => {
    aws.put('release/current', `${first} none`);
    const [one, two, three] = [aws.add('app', first), aws.add('app', first), aws.add('app', first)];
    aws.onScript = (node, script) => {
      if (node === two && script.includes('rollout.sh')) writeFileSync(join(node.folder, 'rollout.sh'), FAILS);
    };
    const message = await refusal('1.1.0');
    expect(message).toBe(`shop-1.1.0 is not rolled out: ${two.id} (app): the release does not answer after 480 s`);
    expect(aws.calls(one)).toEqual([`${second} migrate`, first]);
    expect(aws.calls(three)).toEqual([]);
    expect(Object.values(aws.running)).toEqual([first, first, first]);
    expect(aws.parameter('release/current')).toBe(`${first} none`);
    expect(aws.parameter('delivery/rollout')).toBeUndefined();
  });

  test('says its reason without what would move a terminal', async () => {
    aws.release('2.0.0-broken');
    const box = aws.add('box', first);
    const message = await refusal('2.0.0-broken');
    expect(message).toBe(
      `shop-2.0.0-broken is not rolled out: ${box.id} (box): the release does not answer after 480 s: ** (Mix) ?[31mno`,
    );
    expect(aws.running[box.id]).toBe(first);
  });

  test('leaves a node that had no release with the one it has', async () => {
    const [fresh, other] = [aws.add('app', 'none'), aws.add('app', first)];
    aws.onScript = (node, script) => {
      if (node === other && script.includes('rollout.sh')) writeFileSync(join(node.folder, 'rollout.sh'), FAILS);
    };
    await refusal('1.1.0');
    expect(said).toContain(`${fresh.id} had no release before: it goes on with the new one`);
  });
});

test('a node that comes late and fails: what boots is again what it was, before the others go back', async () => {
  aws.put('release/current', `${first} none`);
  const early = aws.add('app', first);
  let late: ReturnType<typeof aws.add> | undefined;
  let bootedAtTheWayBack: string | undefined;
  aws.onScript = (node, script) => {
    if (!script.includes('rollout.sh')) return;
    if (late === undefined) {
      late = aws.add('app', first, 'Pending:Wait');
      writeFileSync(join(late.folder, 'rollout.sh'), FAILS);
    } else if (node === early) bootedAtTheWayBack = aws.parameter('release/current');
  };
  const rolling = refusal('1.1.0');
  await vi.waitFor(() => expect(aws.parameter('release/current')).toBe(`${second} none`), 15_000);
  if (late) late.lifecycle = 'InService';
  expect(await rolling).toContain('shop-1.1.0 is not rolled out');
  expect(aws.running[early.id]).toBe(first);
  expect(bootedAtTheWayBack).toBe(`${first} none`);
  expect(aws.parameter('release/current')).toBe(`${first} none`);
});

test('a deployment of the pipeline that begins meanwhile ends the rollout, which undoes nothing', async () => {
  aws.put('climb/state', JSON.stringify({ phase: 4 }));
  const [one, two] = [aws.add('app', first), aws.add('app', first)];
  aws.onScript = (_, script) => {
    if (script.includes('rollout.sh')) aws.deployments.push('d-ABCDEF');
  };
  expect(await refusal('1.1.0')).toContain(
    'deployment d-ABCDEF of the pipeline has begun meanwhile, and brings its own release to every node: the rollout of shop-1.1.0 ends here',
  );
  expect(aws.calls(one)).toEqual([`${second} migrate`]);
  expect(aws.calls(two)).toEqual([]);
  expect(aws.parameter('release/current')).toBeUndefined();
  expect(aws.parameter('delivery/rollout')).toBeUndefined();
});

const FAILS = '#!/bin/bash\necho "beamstalk: the release does not answer after 480 s"\nexit 1\n';

test('a rollout whose end cannot be written says what runs, and what boots', async () => {
  aws.put('release/current', `${first} none`);
  const box = aws.add('box', first);
  aws.onScript = (_, script) => {
    if (script.includes('rollout.sh')) aws.refused['PutParameter'] = 'AccessDeniedException';
  };
  expect(await refusal('1.1.0')).toContain(
    'every node runs shop-1.1.0, and a node that boots takes the release of before: AWS does not write /beamstalk/prod/release/current: AccessDeniedException',
  );
  expect(aws.running[box.id]).toBe(second);
  expect(aws.parameter('delivery/rollout')).toBeUndefined();
});

describe('going back', () => {
  test('rolls to what ran before, without a migration, and twice there and back', async () => {
    const box = aws.add('box', first);
    aws.put('release/current', `${first} none`);
    await rollOut('1.1.0');
    await rollOut(undefined, { migrate: false });
    expect(aws.calls(box)).toEqual([`${second} migrate`, first]);
    expect(aws.parameter('release/current')).toBe(`${first} none`);
    await rollOut(undefined, { migrate: false });
    expect(aws.running[box.id]).toBe(second);
  });

  test('is not possible from the first release', async () => {
    aws.add('box', first);
    aws.put('release/current', `${first} none`);
    expect(await refusal(undefined)).toBe(
      'nothing ran before shop-1.0.0 in prod: `beamstalk release list --env prod` shows what may be used',
    );
  });
});

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
