import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frozen } from '../../lib/move/results';
import { type Scene, startScene } from './scene';
import type { Measures } from './writers';

/** Rows of the data set; fewer where some tables move, by the same code as all. */
const ROWS = { all: rowsOr(300_000), some: rowsOr(100_000) };
function rowsOr(usual: number): number {
  return Number(process.env['MOVES_ROWS'] ?? usual);
}
/**
 * Longest time for which tables may be locked, and for which a client may not commit beyond what the same client waits
 * without a move, milliseconds.
 */
const [LOCKED, WAITED] = [200, 1000];
/** Time in which the waits without a move are seen, before each action, milliseconds. */
const UNDISTURBED = 2000;
/** Figures are printed, whether or not they are within the bounds. */
const figures: string[] = [];
afterAll(() => console.log(figures.join('\n')));

function print(
  what: string,
  { worstWriter, worstReader, usual, commits, seconds, turnedAway }: Measures,
  without: Measures,
  frozen?: Frozen,
): void {
  const lock =
    frozen === undefined
      ? ''
      : `lock held ${Math.round(frozen.lockedMilliseconds)} ms after ${Math.round(frozen.lockingMilliseconds)} ms (${frozen.triesBefore} tries before), `;
  const worst = `worst writer ${Math.round(worstWriter)} ms (without a move ${Math.round(without.worstWriter)}), worst reader ${Math.round(worstReader)} ms (${Math.round(without.worstReader)})`;
  figures.push(
    `${what.padEnd(24)} ${lock}${worst}, 99 of 100 commits within ${Math.round(usual)} ms, ${Math.round(commits / seconds)} commits/s, ${turnedAway} turned away`,
  );
}

/** What clients see while nothing is done: what a machine that is busy beside has them wait is no fault of a move. */
async function withoutMove({ crowd }: Scene): Promise<Measures> {
  await crowd.measure();
  await pause(UNDISTURBED);
  return await crowd.measure();
}

describe.each([
  ['all tables', 'all'],
  ['some tables', 'some'],
] as const)('%s', (title, scope) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await startScene({ rows: ROWS[scope], scope, report: (line) => figures.push(`  ${line}`) });
    return () => scene.end();
  });

  test('start copies while users write', async () => {
    const without = await withoutMove(scene);
    const began = performance.now();
    await scene.act('start');
    const seen = await scene.crowd.measure();
    print(`${title}: start`, seen, without);
    figures.push(`  ${ROWS[scope]} rows copied in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    expect(seen).toMatchObject({ errors: {}, broken: [], turnedAway: 0 });
    expect(seen.worstWriter - without.worstWriter).toBeLessThanOrEqual(WAITED);
    expect(await scene.act('status')).toMatchObject({ step: 'ready', serving: 'source', problems: [] });
  });

  test('rehearse costs no client an error', async () => {
    const without = await withoutMove(scene);
    const frozen = await scene.act('rehearse');
    const seen = await scene.crowd.measure();
    print(`${title}: rehearse`, seen, without, frozen);
    expect(seen).toMatchObject({ errors: {}, broken: [], turnedAway: 0 });
    expect(frozen.verification).toMatchObject({ equal: true, differences: [] });
    expect(frozen.lockedMilliseconds).toBeLessThanOrEqual(LOCKED);
    expect(seen.worstWriter - without.worstWriter).toBeLessThanOrEqual(WAITED);
  });

  test.each([
    ['switch', 'target'],
    ['back', 'source'],
    ['switch', 'target'],
  ] as const)('%s: users write at the %s', async (action, place) => {
    const without = await withoutMove(scene);
    const frozen = await scene.act(action);
    await pause(1000);
    const seen = await scene.crowd.measure();
    print(`${title}: ${action}`, seen, without, frozen);
    expect(seen).toMatchObject({ errors: {}, broken: [] });
    // Half of the writers stay until they are turned away: that they were shows that the guard was there.
    expect(seen.turnedAway).toBeGreaterThan(0);
    expect(frozen.verification).toMatchObject({ equal: true, differences: [] });
    expect(frozen.lockedMilliseconds).toBeLessThanOrEqual(LOCKED);
    expect(seen.worstWriter - without.worstWriter).toBeLessThanOrEqual(WAITED);
    expect(seen.worstReader - without.worstReader).toBeLessThanOrEqual(WAITED);
    expect(await scene.act('status')).toMatchObject({ step: 'ready', serving: place, verified: true, problems: [] });
  });

  test('finish leaves the target to itself, and the ledger is right', async () => {
    const evidence = await scene.act('finish');
    expect(evidence).toMatchObject({ move: 'gate', epoch: 3 });
    expect(evidence.rows).toBeGreaterThan(ROWS[scope] * 0.9);
    const seen = await scene.crowd.stop();
    expect(seen).toMatchObject({ errors: {}, broken: [] });
    const found = await scene.crowd.audit();
    figures.push(
      `${title}: ${found.commits} commits, ${found.rows} rows; lost ${found.lost.length}, doubled ${found.doubled.length}, stale ${found.stale.length}`,
    );
    expect(found).toMatchObject({ lost: [], doubled: [], stale: [] });
    expect(await scene.act('status')).toMatchObject({ step: 'finished', serving: 'target' });
    for (const server of Object.values(scene.servers)) {
      const left = `select slot_name::text from pg_replication_slots union all select subname::text from pg_subscription
        union all select pubname::text from pg_publication`;
      expect(await server.sql(left)).toEqual([]);
    }
  });
});
