import { describe, expect, test } from 'vitest';
import { type AlarmState, decide, type QueuePressure } from './decision';

const HIGH: Marks = ['ALARM', 'OK'];
const BETWEEN: Marks = ['OK', 'OK'];
const LOW: Marks = ['OK', 'ALARM'];
const UNKNOWN: Marks = ['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'];

describe('work is turned away', () => {
  test('from the first queue above its high mark, whatever the others say', () => {
    expect(decide(false, queues(LOW, HIGH, UNKNOWN))).toEqual({ shedding: true, because: ['q1'] });
  });

  test('until every queue is below its low mark', () => {
    expect(decide(true, queues(LOW, BETWEEN, LOW))).toEqual({ shedding: true, because: ['q1'] });
    expect(decide(true, queues(LOW, LOW, LOW))).toEqual({ shedding: false, because: [] });
  });

  test('when the alarms contradict each other', () => {
    expect(decide(true, queues(['ALARM', 'ALARM'])).shedding).toBe(true);
    expect(decide(false, queues(['ALARM', 'ALARM'])).shedding).toBe(true);
  });
});

test('between the marks all stays as it is', () => {
  expect(decide(false, queues(BETWEEN)).shedding).toBe(false);
  expect(decide(true, queues(BETWEEN)).shedding).toBe(true);
});

test('alarms without data neither begin nor end it', () => {
  expect(decide(false, queues(UNKNOWN)).shedding).toBe(false);
  expect(decide(true, queues(UNKNOWN, LOW))).toEqual({ shedding: true, because: ['q0'] });
});

test('without queues nothing is turned away', () => {
  expect(decide(true, [])).toEqual({ shedding: false, because: [] });
});

test('an age that swings between the marks changes nothing, one that swings across both changes each time', () => {
  const story = (ages: readonly number[]): string => {
    let shedding = false;
    return ages
      .map((age) => {
        shedding = decide(shedding, queues([age > 600 ? 'ALARM' : 'OK', age < 120 ? 'ALARM' : 'OK'])).shedding;
        return shedding ? 'x' : '.';
      })
      .join('');
  };
  expect(story([50, 300, 590, 300, 590])).toBe('.....');
  expect(story([50, 700, 300, 590, 130, 119, 300, 700])).toBe('.xxxx..x');
});

type Marks = readonly [AlarmState, AlarmState];

function queues(...marks: readonly Marks[]): QueuePressure[] {
  return marks.map(([shed, admit], index) => ({ name: `q${index}`, shed, admit }));
}
