import { expect, test } from 'vitest';
import { goesOnFrom } from '../../lib/resharding/sequences';

const OWN = { increment: '1', least: '1', greatest: '9223372036854775807' };

test.each([
  ['goes as far as that of the source', '900', { ...OWN, last: '10' }, 900n],
  ['never goes back', '10', { ...OWN, last: '900' }, undefined],
  ['stays where it is as far', '900', { ...OWN, last: '900' }, undefined],
  ['keeps its own steps', '900', { ...OWN, last: '3', increment: '256' }, 1027n],
  ['goes down where it counts down', '-900', { last: '-10', increment: '-1', least: '-1000', greatest: '-1' }, -900n],
  ['leaves numbers alone that are not of its range', '900', { ...OWN, last: '5000', least: '5000' }, undefined],
  ['does not pass its end', '99', { ...OWN, last: '3', increment: '50', greatest: '100' }, undefined],
  ['is exact for all of bigint', '9223372036854775806', { ...OWN, last: '1' }, 9223372036854775806n],
])('a sequence of the target %s', (_, last, target, next) => {
  expect(goesOnFrom({ last }, target)).toBe(next);
});
