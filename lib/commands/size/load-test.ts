import { readFileSync } from 'node:fs';
import type { LoadTest } from '../../capacity/measured';
import { fitted, LEAST_STEPS, type LoadStep } from '../../capacity/models/scalability';
import { ConfigurationError, type Problem } from '../../config/configuration-error';
import { findInstanceType } from '../../facts/instance-type';
import { isTree } from '../../template/values';

/**
 * Reads a load test of one node: `{"instanceType": "c7i.xlarge", "steps": [{"concurrency": 16, "perSecond": 1800}, ...]}`.
 *
 * @throws ConfigurationError when it is none, or no law of load fits it.
 */
export function readLoadTest(file: string): LoadTest {
  const value = parsed(file);
  const { instanceType, steps } = isTree(value) ? value : {};
  const type = typeof instanceType === 'string' ? findInstanceType(instanceType) : undefined;
  const read = (Array.isArray(steps) ? steps : []).map(stepOf);
  const wrong: Problem[] = [];
  if (type === undefined) wrong.push(problem('instanceType', instanceType, 'a type of lib/facts/instances.json', file));
  const bad = read.indexOf(undefined);
  if (bad >= 0) {
    const received: unknown = Array.isArray(steps) ? steps[bad] : undefined;
    wrong.push(problem(`steps.${bad}`, received, 'an object with concurrency and perSecond, numbers above zero', file));
  }
  const levels = new Set(read.map((step) => step?.concurrency)).size;
  if (bad < 0 && levels < LEAST_STEPS) {
    wrong.push(problem('steps', read.length, `at least ${LEAST_STEPS} steps of different concurrency`, file));
  }
  const sound = read.filter((step) => step !== undefined);
  const fit = wrong.length > 0 ? undefined : fitted(sound);
  if (wrong.length === 0 && fit === undefined) wrong.push(problem('steps', throughputs(sound), FITTING, file));
  if (type === undefined || fit === undefined) throw new ConfigurationError('the load test', wrong);
  return { type, steps: sound, fit };
}

/** Steps that a law fits: those of a program that gives up under load leave less than nothing for one alone. */
const FITTING =
  'steps by which one alone comes to a throughput above zero (these fall faster than load grows: measure lower ones)';

function throughputs(steps: readonly LoadStep[]): number[] {
  return steps.map(({ perSecond }) => perSecond);
}

function stepOf(step: unknown): LoadStep | undefined {
  const { concurrency, perSecond } = isTree(step) ? step : {};
  const isAmount = (value: unknown): value is number =>
    typeof value === 'number' && Number.isFinite(value) && value > 0;
  return isAmount(concurrency) && concurrency >= 1 && isAmount(perSecond) ? { concurrency, perSecond } : undefined;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const allowed = `a file of JSON (${error instanceof Error ? error.message : error})`;
    throw new ConfigurationError('the load test', [{ key: file, allowed, where: '--steps ...' }]);
  }
}

function problem(key: string, received: unknown, allowed: string, where: string): Problem {
  return { key, ...(received !== undefined && { received }), allowed, where };
}
