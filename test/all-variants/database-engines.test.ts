import { describe, expect, test } from 'vitest';
import { databaseClasses, engineVersions } from '../../lib/facts/database-engines';
import facts from '../../lib/facts/database-engines.json';
import { REGIONS } from '../../lib/facts/regions';
import { cacheCluster, cluster, document, instance, refusals, version } from '../../scripts/database-validator';

// The same sample in every run, so that a failure comes again: one of the constants of Numerical Recipes.
let state = 20261129;
function among<Item>(items: readonly Item[]): Item {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  const item = items[state % items.length];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}

/** Classes of any region, and some that PostgreSQL 16 to 18 does not have or nobody has. */
const OF_POSTGRESQL = [
  ...new Set(REGIONS.flatMap((region) => databaseClasses('postgresql', region) ?? [])),
  ...['db.m4.large', 'db.r4.xlarge', 'db.t2.micro', 'db.t2.small', 'db.m3.medium', 'db.z9g.large', 'db.t4g.nano'],
];
const OF_DOCUMENTS = [...OF_POSTGRESQL, 'db.r4.large'];
const OF_THE_CACHE = [
  ...new Set(REGIONS.flatMap((region) => databaseClasses('cache', region) ?? [])),
  ...[
    'cache.t4g.large',
    'cache.m3.medium',
    'cache.r6gd.large',
    'cache.r9g.large',
    'cache.c8g.large',
    'cache.m7i.large',
  ],
];

/** Those of some resources that the validator refuses, by logical id. */
function refused(resources: object, region: string): ReadonlySet<string | undefined> {
  return new Set(refusals(resources, region).map(({ entity }) => entity?.logicalId));
}

const sample = <Item>(count: number, items: readonly Item[]): Item[] =>
  Array.from({ length: count }, () => among(items));

describe('the validator of cdk synth takes what the facts hold, and nothing else', () => {
  test.each(sample(12, REGIONS))('of classes in %s', (region) => {
    for (const [service, make, all] of [
      ['postgresql', instance, OF_POSTGRESQL],
      ['documents', document, OF_DOCUMENTS],
      ['cache', cacheCluster, OF_THE_CACHE],
    ] as const) {
      const names = [
        ...sample(12, all),
        ...sample(2, databaseClasses(service, region) ?? all),
        service === 'cache' ? 'cache.z9g.large' : 'db.z9g.large',
      ];
      // A version with fewer classes is among them.
      const pairs = names.map(
        (name, at) => [name, at % 3 === 0 ? '17.4' : among(engineVersions('postgresql'))] as const,
      );
      const resources = Object.fromEntries(pairs.map((pair, at) => [`R${at}`, make(...pair)]));
      const wrong = refused(resources, region);
      const expected = pairs.filter(([name, one]) => databaseClasses(service, region, one)?.includes(name) === false);
      expect([service, pairs.filter((_, at) => wrong.has(`R${at}`))]).toEqual([service, expected]);
    }
  });

  test('of versions', () => {
    const possible = [16, 17, 18].flatMap((major) => Array.from({ length: 20 }, (_, minor) => `${major}.${minor}`));
    const versions = sample(16, possible);
    for (const [engine, make] of [
      ['postgresql', (one: string) => instance('db.r7g.large', one)],
      ['auroraPostgresql', cluster],
    ] as const) {
      const wrong = refused(Object.fromEntries(versions.map((one, at) => [`R${at}`, make(one)])), 'us-east-1');
      const expected = versions.filter((one) => !engineVersions(engine).includes(one));
      expect([engine, versions.filter((_, at) => wrong.has(`R${at}`))]).toEqual([engine, expected]);
      expect(expected.length).toBeGreaterThan(0);
      expect(expected.length).toBeLessThan(versions.length);
    }
  });

  test('of the release of the CDK in use (npm run facts writes them anew)', () => {
    expect(facts.source).toContain(`aws-cdk-lib ${version},`);
  });
});
