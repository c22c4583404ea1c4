import { describe, expect, test } from 'vitest';
import { Reading } from '../../lib/template/reading';

describe('what is read of plain data', () => {
  const data = Object.freeze({
    a: Object.freeze({ b: 1, c: 2 }),
    list: Object.freeze([{ d: 3, e: 4 }, { d: 5 }]),
    f: 6,
  });

  test('is kept, and the rest is left out', () => {
    const reading = new Reading();
    const view = reading.view(data);
    expect(view.a.b + (view.list[0]?.d ?? 0)).toBe(4);
    expect(reading.kept(data)).toEqual({ a: { b: 1 }, list: [{ d: 3 }, null] });
  });

  test('is all of it for who goes through all of it', () => {
    const reading = new Reading();
    expect(JSON.stringify(reading.view(data))).toBe(JSON.stringify(data));
    expect(reading.kept(data)).toEqual(data);
  });

  test('is seen as one object each time', () => {
    const view = new Reading().view(data);
    expect(view.a).toBe(view.a);
  });

  test('is nothing of what nobody read', () => {
    expect(new Reading().kept(data)).toEqual({});
  });
});
