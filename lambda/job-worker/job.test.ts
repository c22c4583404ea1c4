import { expect, test } from 'vitest';
import { failureOf } from './failure';
import { JobError, parseJob } from './job';

test('a job is read', () => {
  const job = { kind: 'mail.send', id: 'welcome-17', payload: { to: ['ada@example.com'] } };
  expect(parseJob(JSON.stringify({ ...job, more: 'is left out' }))).toEqual(job);
});

test.each([
  ['nothing', ''],
  ['no JSON', 'secret-token'],
  ['a list', '["secret-token"]'],
  ['null', 'null'],
  ['no kind', '{"id":"1","payload":{"secret":"secret-token"}}'],
  ['a kind of another type', '{"kind":7,"id":"1","payload":{}}'],
  ['no id', '{"kind":"a","payload":{}}'],
  ['an id that is too long', JSON.stringify({ kind: 'a', id: 'secret-token'.repeat(30), payload: {} })],
  ['no payload', '{"kind":"a","id":"1"}'],
  ['a payload that is a list', '{"kind":"a","id":"1","payload":["secret-token"]}'],
])('%s is no job, and its text is not repeated', (_, body) => {
  const failure = thrownBy(() => parseJob(body));
  expect(failure).toBeInstanceOf(JobError);
  expect(JSON.stringify(failureOf(failure))).not.toContain('secret-token');
});

test('of a foreign error, the log gets what identifies it, not what it says', () => {
  const error = Object.assign(new Error('Email address ada@example.com is not verified'), {
    name: 'MessageRejected',
    $metadata: { httpStatusCode: 400, requestId: 'r-1' },
  });
  expect(failureOf(new Error('wrapped ada@example.com', { cause: error }))).toEqual({
    error: 'Error',
    cause: { error: 'MessageRejected', status: 400, awsRequestId: 'r-1' },
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
