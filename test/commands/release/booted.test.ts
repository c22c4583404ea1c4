import { expect, test } from 'vitest';
import { booted, bootedBefore } from '../../../lib/commands/release/booted';

test.each([
  ['what was rolled out, while the configuration says what it said then', 'b a', 'a', 'b'],
  ['what new nodes bring, and migrate', 'b a migrate', 'a', 'b'],
  ['what the configuration says since', 'b a', 'c', 'c'],
  ['the configuration, when nothing was rolled out', undefined, 'a', 'a'],
  ['the configuration, when the parameter holds something else', 'b', 'a', 'a'],
  ['the configuration, when it holds more than that', 'b a c', 'a', 'a'],
  ['nothing', undefined, 'none', 'none'],
])('nodes boot %s', (_, current, configured, boots) => {
  expect(booted(current, configured)).toBe(boots);
});

test.each<[string, string[], string, string | undefined]>([
  ['the one that was rolled out before', ['c none', 'b none', 'a none'], 'none', 'b'],
  ['another one, whoever wrote it twice', ['c none', 'c none', 'c none', 'a none'], 'none', 'a'],
  ['after a way back, the one that was left', ['a none', 'b none', 'a none'], 'none', 'b'],
  ['the one of the configuration, when that was all', ['b a'], 'a', 'a'],
  ['the one rolled out, when the configuration has named another since', ['b a'], 'c', 'b'],
  ['none, when the first one runs', ['a none'], 'none', undefined],
  ['none, when nothing was ever released', [], 'none', undefined],
  ['none, when the configuration alone has said one', [], 'a', undefined],
])('before it was %s', (_, history, configured, before) => {
  expect(bootedBefore(history, configured)).toBe(before);
});
