import { expect, it } from 'vitest';
import { nameOf, statesOf } from '../rehearsal/states';

it('builds the new beside the old where a climb moves something, and goes straight elsewhere', () => {
  expect(statesOf({ from: 0, to: 3 }).map(nameOf)).toEqual(['0', '1-from-0', '1', '2-from-1', '2', '3']);
});

it('begins at its first phase as a new environment does', () => {
  expect(statesOf({ from: 1, to: 2 }).map(nameOf)).toEqual(['1', '2-from-1', '2']);
  expect(statesOf({ from: 2, to: 3 }).map(nameOf)).toEqual(['2', '3']);
});
