import { OperatorError } from '../environment/operator-error';
import { type Met, missed, type Objective } from './load';
import type { Bring, Targets } from './locust';
import { boundary } from './search';

/** Users of the first step: who fails with these already has no boundary to be found. */
export const FIRST = 16;

/** Share of the answer within which it is told: connections to the number up to 1,000, attempts as a busy machine allows. */
const WITHIN = { connections: 0.001, attempts: 0.05 } as const;

/** Parts in which the load of both kinds grows to what each carries alone. */
const PARTS = 16;

/** Boundary of one kind of users. */
export interface Most {
  readonly most: number;
  /** Least that was not carried; absent when all that was tried was. */
  readonly least?: number;
  /** Why that was not. */
  readonly why?: string;
  /** True when the load generator had no processor left by then: the boundary is its own, and that of the system lies beyond. */
  readonly breathless: boolean;
}

export interface Found {
  /** N, alone. */
  readonly connections?: Most;
  /** C, alone. */
  readonly attempts?: Most;
  /** Both at once, in the proportion of what each carries alone. */
  readonly together?: { readonly connections: Most; readonly attempts: Most };
  /** All steps, in their order. */
  readonly steps: readonly Met[];
}

export interface FoundProps {
  readonly targets: Targets;
  readonly objective: Objective;
  readonly seconds: number;
  readonly limit: number;
  readonly bring: Bring;
  readonly say: (words: string) => void;
}

/**
 * Searches the boundaries of what is asked for: connections and attempts apart, and both together.
 *
 * @throws OperatorError when the first step fails.
 */
export async function found({ targets, objective, seconds, limit, bring, say }: FoundProps): Promise<Found> {
  const steps: Met[] = [];
  const search = async (
    of: string,
    range: { readonly first: number; readonly limit: number; readonly within: number },
    load: (size: number) => { readonly connections: number; readonly attempts: number },
  ): Promise<Most> => {
    const { most, least, tried } = await boundary({
      ...range,
      trial: async (size) => {
        const result = await bring({ ...load(size), seconds });
        steps.push(result);
        const why = missed(result, objective);
        say(`${stepInWords(result)}: ${why ?? 'carried'}`);
        return { carried: why === undefined, result };
      },
    });
    const refused = tried.findLast(({ size, carried }) => size === least && !carried)?.result;
    const why = refused && missed(refused, objective);
    if (most === 0) {
      throw new OperatorError(`${of}: it fails with ${refused ? stepInWords(refused) : range.first} already: ${why}`);
    }
    return {
      ...{ most, breathless: refused?.breathless ?? false },
      ...(least !== undefined && { least }),
      ...(why !== undefined && { why }),
    };
  };

  const range = { first: FIRST, limit };
  const connections =
    targets.socket === undefined
      ? undefined
      : await search('--socket', { ...range, within: WITHIN.connections }, (size) => ({
          connections: size,
          attempts: 0,
        }));
  const attempts =
    targets.url === undefined
      ? undefined
      : await search('--url', { ...range, within: WITHIN.attempts }, (size) => ({ connections: 0, attempts: size }));
  if (connections === undefined || attempts === undefined) {
    return { ...(connections && { connections }), ...(attempts && { attempts }), steps };
  }

  const part = (most: number, parts: number): number => Math.max(1, Math.floor((most * parts) / PARTS));
  const both = await search('both together', { first: 1, limit: PARTS, within: 0 }, (parts) => ({
    connections: part(connections.most, parts),
    attempts: part(attempts.most, parts),
  }));
  const of = ({ most: alone }: Most): Most => ({
    ...both,
    most: part(alone, both.most),
    ...(both.least !== undefined && { least: part(alone, both.least) }),
  });
  return { connections, attempts, together: { connections: of(connections), attempts: of(attempts) }, steps };
}

function stepInWords({ load: { connections, attempts }, perSecond }: Met): string {
  return [
    ...(connections > 0 ? [`N ${connections}`] : []),
    ...(attempts > 0 ? [`C ${attempts}, ${Math.round(perSecond)} answers a second`] : []),
  ].join(', ');
}
