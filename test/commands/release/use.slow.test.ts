import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { aws, FAILS, first, refusal, rollOut, said, second, useEnvironment } from './use-bench';

useEnvironment();

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

describe('a restart', () => {
  test('starts anew what runs, on every node, and migrates nothing', async () => {
    const [box, app] = [aws.add('box', first), aws.add('app', first)];
    aws.put('release/current', `${first} none`);
    expect(await rollOut(undefined, { how: 'again' })).toMatchObject({
      release: 'shop-1.0.0',
      nodes: [box.id, app.id],
    });
    expect([box, app].map((node) => aws.calls(node))).toEqual([[`${first} again`], [`${first} again`]]);
    expect(said).toContain(`${app.id} (app): shop-1.0.0 starts anew`);
    expect(aws.parameter('release/current')).toBe(`${first} none`);
  });

  test('ends with the first node that does not come back, and leaves the others alone', async () => {
    const [box, app] = [aws.add('box', first), aws.add('app', first)];
    aws.put('release/current', `${first} none`);
    aws.onScript = (node, script) => {
      if (node === app && script.includes('rollout.sh')) writeFileSync(join(node.folder, 'rollout.sh'), FAILS);
    };
    const reason = await refusal(undefined, { how: 'again' });
    expect(reason).toMatch(new RegExp(`^shop-1\\.0\\.0 is not rolled out: ${app.id} \\(app\\): `));
    expect(aws.calls(box)).toEqual([`${first} again`]);
  });

  test('of what is not there is refused', async () => {
    aws.add('box');
    expect(await refusal(undefined, { how: 'again' })).toBe('prod has no release that could start anew');
  });
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
      'prod has no release to go back to: nothing ran before shop-1.0.0; `beamstalk release list --env prod` shows what may be used',
    );
  });

  test('is not possible before any', async () => {
    aws.add('box', 'none');
    expect(await refusal(undefined)).toBe(
      'prod has no release to go back to: none was rolled out yet; `beamstalk release list --env prod` shows what may be used',
    );
  });
});
