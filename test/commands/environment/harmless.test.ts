import { expect, test } from 'vitest';
import { harmless } from '../../../lib/commands/environment/harmless';
import { json } from '../../../lib/commands/environment/json';

test('what a terminal would obey is a question mark, and all else stays', () => {
  expect(harmless('\u001b[2J\u001b]0;title\u0007 \u009b31m\r\u0000\u007f')).toBe('?[2J?]0;title? ?31m???');
  expect(harmless('one\ttwo\nthree\r\nfour')).toBe('one\ttwo\nthree\nfour');
  expect(harmless('schön 日本語 🎉')).toBe('schön 日本語 🎉');
  expect(harmless('user\u202etxt.exe\u2066')).toBe('user?txt.exe?');
});

test('JSON keeps it all, and shows none of it to a terminal', () => {
  const value = { message: '\u001b[2J \u009b31m \u007f \u202e \u2028 "quoted" ö' };
  const text = json(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(harmless(text)).toBe(text);
});
