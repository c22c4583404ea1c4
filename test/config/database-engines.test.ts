import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../lib/config/checks';
import { readConfiguration } from '../../lib/config/configuration';
import { DATABASE_ENGINE_CHECKS } from '../../lib/config/database-engine-checks';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { databaseClasses, engineVersions } from '../../lib/facts/database-engines';
import facts from '../../lib/facts/database-engines.json';
import { PHASE_NUMBERS } from '../../lib/facts/phase-numbers';
import { REGIONS } from '../../lib/facts/regions';
import { ENVIRONMENTS } from '../variants';
import { problem, read } from './configuration-folder';

const CLASS = 'db.z9g.large';

describe('what cdk synth would refuse of a database is refused by its key', () => {
  test.each([
    [
      { phase: '2', 'database.engineVersion': '17.99' },
      'database.engineVersion: received "17.99"',
      '17.11, 17.10, 17.9, 17.8 (nearest 4 of 31)',
    ],
    [{ phase: '2', 'database.engineVersion': '18.5' }, 'database.engineVersion: received "18.5"', '18.4'],
    [
      { phase: '3', 'database.replicaEngineVersion': '17.99' },
      'database.replicaEngineVersion: received "17.99"',
      '17.11, 17.10',
    ],
    [{ phase: '2', 'database.class': CLASS }, 'database.class: received "db.z9g.large"', 'db.m9g.large'],
    [
      { phase: '2', 'database.engineVersion': '17.4', 'database.class': 'db.t4g.small' },
      'database.class: received "db.t4g.small"',
      'RDS for PostgreSQL 17.4 has in us-east-1',
    ],
    [{ phase: '2', 'database.class': 'db.r4.large' }, 'database.class: received "db.r4.large"', 'db.r5.large'],
    [{ phase: '3', 'database.replicaClass': CLASS }, 'database.replicaClass: received "db.z9g.large"', 'db.m9g.large'],
    [
      { phase: '6', 'data.functions.users.class': CLASS },
      'data.functions.users.class: received "db.z9g.large"',
      'db.m9g.large',
    ],
    [{ phase: '6', 'data.sharding.engineVersion': '17.8' }, 'data.sharding.engineVersion: received "17.8"', '17.9'],
    [
      { phase: '6', 'data.documents.enabled': 'true', 'data.documents.class': 'db.t4g.small' },
      'data.documents.class: received "db.t4g.small"',
      'db.t4g.medium',
    ],
  ])('%o', (context, received, near) => {
    const line = problem(context);
    const key = received.slice(0, received.indexOf(':'));
    expect(line).toContain(`${received}; allowed: `);
    expect(line.slice(line.indexOf('allowed: '))).toContain(near);
    expect(line).toContain(`set it in --context ${key}=...`);
    expect(line.length).toBeLessThan(300);
  });

  test('names the region whose classes a default is not among', () => {
    const line = problem({ phase: '2', region: 'ca-west-1', 'edge.originPrefixList': 'pl-0123456789' });
    expect(line).toContain(
      'database.class: received "db.t4g.medium", the default; allowed: an instance class that RDS for PostgreSQL 17.9 has in ca-west-1: ',
    );
  });
});

describe('a node type that ElastiCache does not have', () => {
  test('is refused with the nearest few, at each phase that builds a cache', () => {
    for (const phase of ['3', '6']) {
      expect(problem({ phase, 'cache.class': 'cache.t4g.large' })).toMatch(
        /^.*cache\.class: received "cache\.t4g\.large".* a node type that ElastiCache has in us-east-1: cache\.[a-z0-9.]+(, cache\.[a-z0-9.]+){3} \(nearest 4 of \d+\)/s,
      );
    }
  });

  test('is one that it has elsewhere, and is taken where nothing is known of the region', () => {
    const there = (region: string) => databaseClasses('cache', region);
    expect(there('us-east-1')).toContain('cache.r4.large');
    expect(there('mx-central-1')).not.toContain('cache.r4.large');
    expect(there('me-west-1')).toBeUndefined();
  });
});

describe('nothing is refused of what is not built', () => {
  test.each([
    { phase: '0', 'database.engineVersion': '17.99', 'database.class': CLASS },
    { phase: '2', 'database.replicaClass': CLASS, 'database.replicaEngineVersion': '17.99' },
    { phase: '3', 'database.replicas': '0', 'database.replicaClass': CLASS },
    { phase: '5', 'data.functions.users.class': CLASS, 'data.sharding.engineVersion': '17.8' },
    { phase: '6', 'database.class': CLASS, 'database.replicaClass': CLASS },
    { phase: '6', 'data.sharding.engine': 'none', 'data.sharding.engineVersion': '17.8' },
    { phase: '6', 'data.documents.class': 'db.t4g.small' },
    { phase: '2', 'cache.class': 'cache.z9g.large' },
  ])('%o', (context) => {
    expect(read({}, context).phase).toBe(Number(context.phase));
  });

  test('but the single database is there while a climb to phase 6 expands', () => {
    expect(problem({ phase: '6', from: '5', 'database.class': CLASS })).toContain('database.class: received');
  });

  test('nor of a region of which no classes are known', () => {
    const [unknown] = REGIONS.filter((region) => databaseClasses('postgresql', region) === undefined);
    expect(unknown).toBeDefined();
    const context = { phase: '2', region: unknown, 'edge.originPrefixList': 'pl-0123456789', 'database.class': CLASS };
    expect(read({}, context).database.class).toBe(CLASS);
  });
});

describe('the facts', () => {
  test('hold what every environment builds at every phase', () => {
    for (const env of ENVIRONMENTS) {
      for (const phase of PHASE_NUMBERS) {
        const { environment } = readConfiguration({ context: { env, phase }, directory: CONFIGURATION_DIRECTORY });
        expect(environment).toBe(env);
      }
    }
  });

  test.each(['postgresql', 'documents', 'cache'] as const)(
    'have well-formed classes of %s for most regions',
    (service) => {
      const { regions, sizes } = facts.classes[service];
      expect(Object.keys(regions).filter((region) => !REGIONS.includes(region))).toEqual([]);
      expect(Object.keys(regions).length).toBeGreaterThan(30);
      for (const region of Object.keys(regions)) {
        const classes = databaseClasses(service, region) ?? [];
        expect(classes.length).toBeGreaterThan(new Set(classes.map((name) => name.split('.')[1])).size);
        expect(new Set(classes).size).toBe(classes.length);
        expect(
          classes.filter((name) => !/^(db|cache)\.[a-z0-9]+\.(micro|small|medium|large|\d{0,2}xlarge)$/.test(name)),
        ).toEqual([]);
        expect(classes.filter((name) => !Object.hasOwn(sizes, name.split('.')[1] ?? ''))).toEqual([]);
      }
    },
  );

  test('take every class and version that they hold, at every phase that builds it', () => {
    const settings = read({}, { phase: '3' });
    const refused = (database: Partial<typeof settings.database>) =>
      DATABASE_ENGINE_CHECKS.flatMap(
        ({ violated }) => violated({ ...settings, database: { ...settings.database, ...database } }, 3) ?? [],
      );
    const classes = databaseClasses('postgresql', settings.region) ?? [];
    expect(classes.length).toBeGreaterThan(100);
    expect(classes.flatMap((name) => refused({ class: name, replicaClass: name }))).toEqual([]);
    expect(
      engineVersions('postgresql').flatMap((engineVersion) => refused({ engineVersion, class: 'db.r7g.large' })),
    ).toEqual([]);
    expect(refused({ engineVersion: '17.0' })).toHaveLength(1);
    expect(CHECKS).toEqual(expect.arrayContaining([...DATABASE_ENGINE_CHECKS]));
  });
});
