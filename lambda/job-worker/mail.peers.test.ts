import { CreateEmailIdentityCommand, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BundledFunction } from '../../test/peers/bundled-function';
import { type ReadMail, readMails } from '../../test/peers/mail-receiver';
import { job, WorkerBench } from '../../test/peers/worker-bench';
import type { QueueAnswer } from './handler';

// Mails of the worker as bundled: through an engine that speaks SES and makes messages of what it is given, by SMTP to a
// receiver, and read there by a parser of mail. What counts is where a mail goes and what its reader sees.

const FROM = 'shop@example.com';
const EVIL = 'evil@example.net';
const LETTER = { from: FROM, to: ['ada@example.com'], subject: 'Your order', text: 'is on its way' };

let bench: WorkerBench;
let worker: BundledFunction;

beforeAll(async () => {
  bench = await WorkerBench.start();
  await bench.ses.send(new CreateEmailIdentityCommand({ EmailIdentity: FROM }));
});

afterAll(() => bench.stop());

beforeEach(() => {
  bench.begin();
  bench.mailbox.mails.length = 0;
  worker = bench.newWorker();
});

afterEach(() => worker.end());

interface Letter {
  readonly text: string;
  readonly [key: string]: unknown;
}

/** A mail that came, with its envelope. */
interface Arrived extends ReadMail {
  readonly recipients: readonly string[];
}

/** Hands each letter over as a job of its own, ten in a batch; says of each what came of it, or that it failed. */
async function sendAll(letters: readonly Letter[]): Promise<readonly (Arrived | 'failed')[]> {
  // They come in any order.
  const mark = (at: number): string => `[letter ${at}]`;
  const Records = letters.map((letter, at) => ({
    messageId: mark(at),
    body: job('mail.send', `mail-${at}`, { ...letter, text: `${letter.text}\n${mark(at)}` }),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:mail',
    attributes: { ApproximateReceiveCount: '1' },
  }));
  const failed = new Set<string>();
  for (let at = 0; at < Records.length; at += 10) {
    const answer = await worker.invoke<QueueAnswer>({ Records: Records.slice(at, at + 10) });
    for (const { itemIdentifier } of answer.batchItemFailures) failed.add(itemIdentifier);
  }
  const { mails } = bench.mailbox;
  await expect.poll(() => mails.length, { timeout: 10_000 }).toBe(letters.length - failed.size);
  const read = readMails(mails).map((mail, at) => ({ ...mail, recipients: mails[at]?.recipients ?? [] }));
  return letters.map((_, at) => {
    if (failed.has(mark(at))) return 'failed';
    const mail = read.find(({ bodies: [text = ''] }) => text.trimEnd().endsWith(mark(at)));
    if (mail === undefined) throw new Error(`letter ${at} has not come`);
    return mail;
  });
}

const HEADERS = new Set([
  'message-id',
  'subject',
  'from',
  'to',
  'cc',
  'content-type',
  'mime-version',
  'content-transfer-encoding',
]);

test('the receiver sees what text becomes structure: one recipient that is two', async () => {
  await bench.ses.send(
    new SendEmailCommand({
      FromEmailAddress: FROM,
      Destination: { ToAddresses: [`ada@example.com, ${EVIL}`] },
      Content: { Simple: { Subject: { Data: 'x' }, Body: { Text: { Data: 'x' } } } },
    }),
  );
  await expect.poll(() => bench.mailbox.mails.length, { timeout: 10_000 }).toBe(1);
  expect(readMails(bench.mailbox.mails)[0]?.addresses.to).toEqual(['ada@example.com', EVIL]);
});

function arrived(mail: Arrived | 'failed' | undefined): Arrived {
  if (mail === undefined || mail === 'failed') throw new Error('the mail did not come');
  return mail;
}

test('a mail arrives as its job says, whatever letters and signs are in it', async () => {
  const subject = `Grüße: "1 < 2", \\o/ a=b? ${'long '.repeat(60)}日本 🎉`;
  const text = 'line one\n.\n..\nBcc: nobody@example.com\n\nFrom the end é';
  const mails = await sendAll([
    {
      ...LETTER,
      to: ['"Ada, Countess" <ada@example.com>', "o'hara+tag@sub.example.com"],
      cc: ['Bob <bob@example.com>'],
    },
    { ...LETTER, subject, text },
    { ...LETTER, bcc: ['hidden@example.com'] },
  ]);
  const [named, odd, hidden] = mails.map(arrived);
  expect(named?.addresses.to).toEqual(['ada@example.com', "o'hara+tag@sub.example.com"]);
  expect(named?.recipients).toEqual(['ada@example.com', "o'hara+tag@sub.example.com", 'bob@example.com']);
  expect(odd?.subject).toBe(subject);
  expect(odd?.bodies.map((body) => body.replaceAll('\r\n', '\n').trimEnd())).toEqual([`${text}\n[letter 1]`]);
  expect(odd?.recipients).toEqual(['ada@example.com']);
  expect(hidden?.names).not.toContain('bcc');
  expect(hidden?.recipients).toEqual(['ada@example.com', 'hidden@example.com']);
  expect(worker.output).not.toContain('hidden@example.com');
});

/** Text that would become another header, recipient or message, put into a value or in its place. */
const HOSTILE = [
  ...['\r\n', '\n', '\r', '\u0085', '\u2028', '\v', '\f', '\0'].map((end) => `${end}Bcc: ${EVIL}`),
  ...[`\r\n\r\n.\r\nMAIL FROM:<${EVIL}>`, `\r\n <${EVIL}>`],
  ...[`, ${EVIL}`, `; ${EVIL}`, ` ${EVIL}`, `,<${EVIL}>`, ` <${EVIL}>`, `> <${EVIL}>`, `"<${EVIL}>`, ` (${EVIL})`],
  ...[
    `=?utf-8?q?=0ABcc:=20${EVIL}?=`,
    `=?x?q?=40example.net,?= ${EVIL}`,
    `=?utf-8?b?${Buffer.from(`\nBcc: ${EVIL}`).toString('base64')}?=`,
  ],
  ...[`:${EVIL};`, `\\", ${EVIL}`, `＠example.net, ${EVIL}`, '\uD800', 'x'.repeat(400)],
];

describe.each(['to', 'cc', 'bcc', 'replyTo', 'from', 'subject', 'configurationSet'])('hostile text in %s', (key) => {
  const plain = key === 'subject' ? 'Your order' : key === 'from' ? FROM : 'bob@example.com';
  const letters = HOSTILE.flatMap((text) =>
    [`${plain}${text}`, `${text}${plain}`, `Bob${text} <${plain}>`].map((value) => ({
      ...LETTER,
      [key]: ['to', 'cc', 'bcc', 'replyTo'].includes(key) ? [value] : value,
    })),
  );

  test('is refused, or stays text: nobody gets a mail that its job does not name, and none has a header more', async () => {
    const mails = await sendAll(letters);
    const came = mails.filter((mail) => mail !== 'failed');
    for (const mail of came) {
      expect(mail.names.filter((name) => !HEADERS.has(name))).toEqual([]);
      expect(new Set(mail.names).size).toBe(mail.names.length);
      expect([...mail.recipients, ...Object.values(mail.addresses).flat()]).not.toContain(EVIL);
      expect(mail.addresses.from).toEqual([FROM]);
    }
    // A subject may be any line, an address is one or none.
    const subjects = mails.map((mail, at) => (mail === 'failed' ? mail : [mail.subject, letters[at]?.subject.trim()]));
    for (const subject of subjects) if (subject !== 'failed') expect(subject[0]).toBe(subject[1]);
    expect(came.length > 10).toBe(key === 'subject');
    if (key !== 'subject') expect(came).toEqual([]);
    expect(worker.output).not.toContain(EVIL);
  });
});

test('a mail to more than SES takes, in one list or in all, is not sent in part', async () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `a${at}@example.com`);
  const mails = await sendAll([
    { ...LETTER, to: many(51) },
    { ...LETTER, to: many(30), cc: many(20), bcc: ['one@example.com'] },
    { ...LETTER, to: many(30), cc: many(20) },
    { ...LETTER, to: [] },
  ]);
  expect(mails.map((mail) => (mail === 'failed' ? mail : mail.recipients.length))).toEqual([
    'failed',
    'failed',
    50,
    'failed',
  ]);
});
