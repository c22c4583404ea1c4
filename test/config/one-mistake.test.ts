import { describe, expect, test } from 'vitest';
import type { Check } from '../../lib/config/check';
import { CHECKS } from '../../lib/config/checks';
import type { Settings } from '../../lib/config/schema';
import { isWithin } from '../../lib/config/tree';
import { problem, read } from './configuration-folder';

const KEYED = { partitionKey: 'kind:S', sortKey: 'id:S' };

describe('one mistake is one message', () => {
  test.each([
    ['data.tables.events.partitionKey: received 5', { data: { tables: { events: { partitionKey: 5 } } } }],
    ['data.tables.events.sortKey: received null', { data: { tables: { events: { sortKey: null } } } }],
    [
      'data.readModels.x.partitionKey: ',
      { data: { readModels: { x: { ...KEYED, from: 'events', partitionKey: [] } } } },
    ],
    ['data.readModels.x.from: allowed: the name of a table', { data: { readModels: { x: KEYED } } }],
    ['data.functions.users.replicas: received {}', { data: { functions: { users: { replicas: {} } } } }],
    ['data.functions.users.storageGiB: received "x"', { data: { functions: { users: { storageGiB: 'x' } } } }],
    ['schedules.a: received 1; allowed: an object;', { schedules: { a: 1 } }],
    ['domain.foo: received 1', { domain: { foo: 1 } }],
    ['(did you mean domain.name?)', { domain: { nmae: 'app.example.com' } }],
    ['(did you mean schedules.a.expression?)', { schedules: { a: { expresion: 'rate(1 day)', queue: 'jobs' } } }],
    ['(did you mean delivery.repository?)', { delivery: { ...git(), repositry: 'example/app' } }],
    ['network.availabilityZones.0: received "x"', { network: { availabilityZones: ['x'] } }],
    ['web.enabled: received "no"', { phase: 4, web: { enabled: 'no', maxNodes: 2 } }],
  ])('%s', (expected, content) => {
    expect(problem({}, content)).toContain(expected);
  });

  test('of the command line too, under a key that holds no others', () => {
    expect(problem({ 'data.tables.events.partitionKey.x': 'null' })).toContain(
      'data.tables.events.partitionKey: received {"x":"null"}; allowed: an attribute with its type',
    );
  });

  test('a key that is missing beside an unknown one unlike it is missing all the same', () => {
    expect(() => problem({}, { delivery: { ...git(), zzzzzzzz: 1 } })).toThrow(
      /delivery\.repository: allowed: .*delivery\.zzzzzzzz: received 1/,
    );
  });
});

function git(): object {
  const arn = 'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef';
  return { source: 'git', connectionArn: arn };
}

/** What a rule reads of settings: dotted keys, down to single values. */
function keysRead({ violated }: Check, settings: Settings): string[] {
  const keys = new Set<string>();
  const watched = <T extends object>(value: T, path: string): T =>
    new Proxy(value, {
      get(target, part, receiver) {
        const inner: unknown = Reflect.get(target, part, receiver);
        if (typeof part !== 'string' || !Object.hasOwn(target, part)) return inner;
        const key = path === '' ? part : `${path}.${part}`;
        keys.add(key);
        return typeof inner === 'object' && inner !== null ? watched(inner, key) : inner;
      },
    });
  violated(watched(settings, ''), settings.phase);
  return [...keys];
}

describe('a rule over several keys names all that it reads', () => {
  const various = (): readonly Settings[] => {
    const plain = read({});
    return [
      plain,
      read({ phase: 6, schedules: { nightly: { expression: 'rate(1 day)', queue: 'jobs', message: 'x' } } }),
      read({
        phase: 4,
        delivery: { ...git(), repository: 'a/b' },
        operations: { copyRegion: 'eu-west-1' },
        scaling: { schedule: [{ name: 'evening', cron: '0 18 * * *', minNodes: 2, maxNodes: 4 }] },
      }),
      { ...plain, domain: { email: 'ops@example.com' }, region: 'eu-wset-1', phase: 6 },
    ];
  };

  test.each(CHECKS.map((check, index) => [`${index}: ${check.keys.join(', ')}`, check] as const))('%s', (_, check) => {
    const foreign = various()
      .flatMap((one) => keysRead(check, one))
      .filter((key) => !check.keys.some((named) => isWithin(key, named) || isWithin(named, key)));
    expect(foreign).toEqual([]);
  });
});
