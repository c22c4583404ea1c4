import { describe, expect, test } from 'vitest';
import { architectureOf } from '../../lib/architecture/phases';
import { problem, read } from './configuration-folder';

/** What phase 5 builds over an empty file. */
function asyncOf(content: unknown, context: Readonly<Record<string, unknown>> = {}) {
  const { async, storage } = architectureOf(read(content, { phase: 5, ...context }));
  return { ...async, storage };
}

describe('queues', () => {
  test('for Lambda have jobs that Lambda can do', () => {
    const line = problem({}, { queues: { mail: { worker: 'lambda', jobSeconds: 901 } } });
    expect(line).toContain('queues.mail.jobSeconds: received 901; allowed: an integer from 1 to 900');
    expect(read({ queues: { mail: { worker: 'lambda', jobSeconds: 900 } } }).queues['mail']?.jobSeconds).toBe(900);
    expect(read({ queues: { mail: { worker: 'fleet', jobSeconds: 901 } } }).queues['mail']?.jobSeconds).toBe(901);
  });

  test('are as many as one alarm can read for the fleet, and sixteen with those for Lambda', () => {
    const many = (worker: string, letters: string) =>
      Object.fromEntries([...letters].map((letter) => [`queue-${letter}`, { worker }]));
    expect(problem({}, { queues: many('fleet', 'abcdefgh') })).toMatch(/queues: .*at most 8 queues .*; there are 10;/);
    expect(problem({}, { queues: many('lambda', 'abcdefghijklmn') })).toContain('at most 16 queues; these are 17;');
    expect(Object.keys(read({ queues: many('lambda', 'abcdefghijklm') }).queues)).toHaveLength(16);
  });

  test('get the defaults of a queue where a file leaves them out', () => {
    const { queues } = asyncOf({ queues: { reports: {} } });
    expect(queues?.find(({ name }) => name === 'reports')).toMatchObject({ worker: 'fleet', fifo: false });
  });
});

describe('uploads', () => {
  test('enter media when there is such a queue, and S3 tells of them', () => {
    expect(asyncOf({})).toMatchObject({ uploadsQueue: 'media', storage: { uploadEvents: true } });
  });

  test.each([
    ['media is taken away', { queues: { media: null } }],
    ['nobody wants them', { uploadsQueue: 'none' }],
  ])('enter no queue when %s, and S3 tells nobody', (_, content) => {
    const { uploadsQueue, storage } = asyncOf(content);
    expect(uploadsQueue).toBeUndefined();
    expect(storage).not.toHaveProperty('uploadEvents');
  });

  test('enter the queue that is named, which has to be there', () => {
    expect(asyncOf({}, { uploadsQueue: 'jobs' }).uploadsQueue).toBe('jobs');
    expect(problem({ uploadsQueue: 'films' })).toContain(
      'uploadsQueue: received "films"; allowed: none, or one of jobs, mail, media;',
    );
  });
});

describe('a schedule', () => {
  const nightly = (changes: object, queues = {}) => ({
    queues,
    schedules: { nightly: { expression: 'cron(0 3 * * ? *)', queue: 'jobs', ...changes } },
  });

  test('names a queue that there is', () => {
    expect(problem({}, nightly({ queue: 'films' }))).toContain(
      'schedules.nightly.queue: received "films"; allowed: one of jobs, mail, media; set it in config/test.json',
    );
  });

  test('into a FIFO queue sends something else each time, or the queue would drop it', () => {
    const fifo = { jobs: { fifo: true } };
    expect(problem({}, nightly({ message: '{"kind":"report"}' }, fifo))).toContain(
      'schedules.nightly.message: received "{\\"kind\\":\\"report\\"}"; allowed: a text that holds <aws.scheduler.scheduled-time>',
    );
    expect(asyncOf(nightly({}, fifo)).schedules).toMatchObject([
      { name: 'nightly', message: '{"kind":"nightly","id":"<aws.scheduler.scheduled-time>","payload":{}}' },
    ]);
    expect(read(nightly({ message: '{"at":"<aws.scheduler.scheduled-time>"}' }, fifo)).schedules).toHaveProperty(
      'nightly',
    );
    expect(read(nightly({ message: '{"kind":"report"}' })).schedules).toHaveProperty('nightly');
  });

  test('into a queue of a function has another id each time, or the function would take it for done', () => {
    const lambda = { jobs: { worker: 'lambda', jobSeconds: 60 } };
    for (const message of ['{"kind":"report"}', '{"kind":"report","id":"1"}', 'report <aws.scheduler.execution-id>']) {
      expect(problem({}, nightly({ message }, lambda))).toContain('allowed: a job in JSON whose id holds');
    }
    expect(asyncOf(nightly({}, lambda)).schedules).toHaveLength(1);
    const message = '{"kind":"report","id":"<aws.scheduler.execution-id>"}';
    expect(read(nightly({ message }, lambda)).schedules).toHaveProperty('nightly');
  });

  test.each(['rate(0 hours)', 'rate(1 week)', 'every hour', 'cron()'])('does not come at %s', (expression) => {
    expect(problem({}, nightly({ expression }))).toContain('allowed: rate(1 hour) or cron(0 3 * * ? *);');
  });

  test.each([
    ['0 3 * * *', 'it has 6 fields (minute, hour, day of month, month, day of week, year), and this has 5;'],
    ['hello world', 'and this has 2;'],
    ['0 3 * * * *', 'one of day of month and day of week has to be ?, and the other not;'],
    ['0 3 ? * ? *', 'one of day of month and day of week has to be ?'],
    ['60 3 * * ? *', 'minute goes from 0 to 59, and this is 60;'],
    ['0 3-24 * * ? *', 'hour goes from 0 to 23, and this is 3-24;'],
    ['0/0 3 * * ? *', 'minute goes'],
    ['0/99 3 * * ? *', 'minute goes'],
    ['0 3 0 * ? *', 'day of month goes'],
    ['0 3 ? JANUARY 2 *', 'month goes'],
    ['0 3 ? * 0 *', 'day of week goes from 1 to 7, and this is 0;'],
    ['0 3 ? * MON#6 *', 'day of week goes'],
    ['0 3 * * ? 26', 'year goes'],
  ])('does not come at cron(%s)', (fields, why) => {
    const line = problem({}, nightly({ expression: `cron(${fields})` }));
    expect(line).toContain('allowed: rate(1 hour) or cron(0 3 * * ? *): ');
    expect(line).toContain(why);
  });

  test.each(['0/5 8-17 ? * MON-FRI *', '0 3 L * ? 2026-2030', '15 10 ? * 6L *', '0 3 15W 1,jul ? *', '0 3 ? * 2#1 *'])(
    'comes at cron(%s)',
    (fields) => {
      expect(read(nightly({ expression: `cron(${fields})` })).schedules).toHaveProperty('nightly');
    },
  );

  test.each([
    ['Europe/Berln', ' (did you mean Europe/Berlin?);'],
    ['Mars', 'such as Europe/Berlin;'],
    ['europe/berlin', ' (did you mean Europe/Berlin?);'],
    ['+01:00', 'such as Europe/Berlin;'],
    ['etc/utc', 'such as Europe/Berlin'],
    ['EUROPE/KYIV', 'such as Europe/Berlin'],
  ])('has no zone %s', (timeZone, ending) => {
    expect(problem({}, nightly({ timeZone }))).toContain(
      `schedules.nightly.timeZone: received "${timeZone}"; allowed: an IANA time zone such as Europe/Berlin`,
    );
    expect(problem({}, nightly({ timeZone }))).toContain(ending);
  });

  test.each([
    'UTC',
    'GB-Eire',
    'EST5EDT',
    'Etc/UTC',
    'Etc/GMT+9',
    'Asia/Calcutta',
    'Asia/Kolkata',
    'America/Argentina/Buenos_Aires',
  ])('has the zone %s', (timeZone) => {
    expect(read(nightly({ timeZone })).schedules['nightly']?.timeZone).toBe(timeZone);
  });

  test('is one of a hundred at most', () => {
    const many = (count: number) => ({
      schedules: Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`job-${at}`, { expression: 'rate(1 hour)', queue: 'jobs' }]),
      ),
    });
    expect(problem({}, many(101))).toContain('at most 100 schedules; these are 101;');
    expect(Object.keys(read(many(100)).schedules)).toHaveLength(100);
  });
});

describe('workers', () => {
  test('are at least as many as the least number', () => {
    expect(problem({ 'workers.minNodes': 9, 'workers.maxNodes': 3 })).toContain(
      'workers.maxNodes: received 3; allowed: at least workers.minNodes, which is 9',
    );
    expect(read({}, { 'workers.minNodes': 0 }).workers.minNodes).toBe(0);
  });

  const graviton = {
    'release.architecture': 'arm64',
    'app.instanceType': 'c7g.large',
    'box.instanceType': 'c7g.large',
  };
  test('run what the release was built for, from the phase that has workers', () => {
    expect(problem({ ...graviton, phase: 5 })).toContain(
      'workers.instanceType: received "t3.medium", the default; allowed: an arm64 instance type',
    );
    expect(read({}, { ...graviton, phase: 4 }).phase).toBe(4);
    expect(read({}, { ...graviton, phase: 5, 'workers.instanceType': 'c7g.large' }).phase).toBe(5);
  });

  test('run what the app fleet says where nothing else is said', () => {
    const app = { app: { instanceType: 'c7g.large' } };
    expect(problem({ phase: 5 }, app)).toContain(
      'workers.instanceType: received "t3.medium", the default; allowed: an arm64 instance type, because release.architecture is left out, app.instanceType is c7g.large and t3.medium is amd64',
    );
    expect(read(app, { phase: 5, 'workers.instanceType': 'c7g.large' }).release.architecture).toBe('arm64');
  });

  test('are not there when Lambda does it all', () => {
    const lambda = { queues: { jobs: null, media: null } };
    expect(asyncOf(lambda, graviton).workers).not.toHaveProperty('fleet');
  });

  test('have as much backlog each as they can do in the time that a job may wait', () => {
    const { workers } = asyncOf({
      workers: { jobsAtOnce: 10, averageJobSeconds: 4, waitSeconds: 60, minNodes: 1, maxNodes: 2 },
    });
    expect(workers?.backlogPerNode).toBe(150);
  });
});

describe('back pressure', () => {
  test('ends below where it begins', () => {
    expect(problem({ 'pressure.shedAfterSeconds': 60 })).toContain(
      'pressure.admitBelowSeconds: received 60, the default; allowed: an integer below pressure.shedAfterSeconds, which is 60;',
    );
  });

  test.each([
    ['everything', ['/']],
    ['the same twice', ['/batch/', '/batch/']],
    ['what nginx would not take for a path', ['/a b']],
    ['what nginx would take for an order', ['/a;deny']],
  ])('does not turn away %s', (_, lowPriorityPaths) => {
    expect(problem({}, { pressure: { lowPriorityPaths } })).toContain('pressure.lowPriorityPaths');
  });
});
