import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LADDERS } from '../../lib/architecture/ladder';
import type { InstanceType } from '../../lib/facts/instance-type';
import { nodeSize } from '../../lib/node/size';
import { vmArgs } from '../../lib/node/vm-args';
import { inBeam } from './beam';

const folder = mkdtempSync(join(tmpdir(), 'beamstalk-sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Arguments of a node without their comments, one of which names its type. */
const argumentsOf = (type: InstanceType): string => vmArgs(type).replace(/^#.*\n/gm, '');

/** Rungs of all ladders, those together whose arguments are the same: one start shows them for all, on the most processors. */
const ALIKE = new Map<string, InstanceType[]>();
for (const rung of new Set(LADDERS.flatMap(({ rungs }) => rungs))) {
  const text = argumentsOf(rung);
  ALIKE.set(text, [...(ALIKE.get(text) ?? []), rung]);
}
const SIZES = [...ALIKE.values()].map((types) => ({
  types,
  names: types.map(({ name }) => name).join(', '),
  vcpu: Math.max(...types.map(({ vcpu }) => vcpu)),
}));

/** Asks a BEAM what it was told, as terms in the order of `told`. */
const ASK = `io:format("~0p~n", [[
  erlang:system_info(process_limit), erlang:system_info(port_limit),
  erlang:system_info(schedulers), erlang:system_info(schedulers_online),
  erlang:system_info(dist_buf_busy_limit),
  init:get_argument(mode), init:get_argument(start_epmd), init:get_argument(erl_epmd_port),
  [element(2, application:get_env(kernel, K)) || K <- [inet_dist_listen_min, inet_dist_listen_max, net_ticktime, prevent_overlapping_partitions]]
]]), halt().`;

describe('the arguments of every rung start a BEAM that shows them', () => {
  test('those of 192 and 384 processors among them', () => {
    expect(SIZES.map(({ vcpu }) => vcpu)).toEqual(expect.arrayContaining([192, 384]));
  });

  test.each(SIZES)('$names', { timeout: 120_000 }, ({ types: [type], vcpu }) => {
    if (type === undefined) throw new Error('no type');
    const { processes, openFiles } = nodeSize(type);
    // What the BEAM finds itself on as many processors.
    const schedulers = ['+S', `${vcpu}:${vcpu}`];
    const bufferKiB = vmArgs(type).includes('+stbt') ? 131_072 : 32_768;
    expect(inBeam(folder, vmArgs(type), schedulers, ASK).trim()).toBe(
      `[${processes},${openFiles},${vcpu},${vcpu},${bufferKiB * 1024},` +
        '{ok,[["embedded"]]},{ok,[["false"]]},{ok,[["4370"]]},[4370,4370,16,true]]',
    );
  });
});

test('what a BEAM does not take is no size that passes', () => {
  expect(() => inBeam(folder, '+P 134217728\n', [], 'halt().')).toThrow(/bad number of processes/);
});
