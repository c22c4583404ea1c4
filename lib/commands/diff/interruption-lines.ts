import type { Verdict } from '../../verdict/verdict-schema';
import { countByName } from './count-by-name';
import { grouped } from './grouped';

/** Interruptions that read the same, together: `2 read replicas: connections to it end`. */
export function interruptionLines(interruptions: Verdict['interruptions'], all: boolean): Verdict['interruptions'] {
  if (all) return interruptions;
  return grouped(interruptions, ({ stack, name, what, because }) => JSON.stringify([stack, name, what, because])).map(
    ([first, ...others]) =>
      others.length === 0 ? first : { ...first, name: countByName([first, ...others].map(({ name }) => name)), id: '' },
  );
}
