import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REGIONS } from '../lib/facts/regions';
import { cacheCluster, cluster, document, instance, refusals, version } from './database-validator';

/*
 * Writes lib/facts/database-engines.json: what the validator of `cdk synth` takes of database classes and versions,
 * found by asking it. It costs two seconds to load, so that the command line keeps the answers instead.
 */

/** Major versions that a configuration may name. */
const VERSION = /^1[678]\.\d+$/;
/** A version of each major on which classes are tried. */
const MAJORS = ['16.9', '17.9', '18.3'];
const NO_CLASS = 'db.z9g.large';
/** Resources that one template may have, less one. */
const AT_ONCE = 499;

const quoted = (message: string): string[] => [...message.matchAll(/'([^']*)'/g)].flatMap(([, word = '']) => word);

/** Those of some classes that are taken; undefined when the validator takes any in this region. */
function taken(names: readonly string[], make: (name: string) => object, region: string): string[] | undefined {
  if (names.length > AT_ONCE) {
    const [first, others] = [names.slice(0, AT_ONCE), names.slice(AT_ONCE)].map((some) => taken(some, make, region));
    return first === undefined || others === undefined ? undefined : [...first, ...others];
  }
  const resources = Object.fromEntries([NO_CLASS, ...names].map((name, at) => [`R${at}`, make(name)]));
  const refused = new Set(refusals(resources, region).map(({ entity }) => entity?.logicalId));
  return refused.has('R0') ? names.filter((_, at) => !refused.has(`R${at + 1}`)) : undefined;
}

/** Classes for PostgreSQL that the validator lists in a region, the old ones among them. */
function listed(region: string): string[] {
  const refusal = refusals({ R: instance(NO_CLASS, '17.9') }, region).find(({ ruleId }) => ruleId === 'E3025');
  return refusal === undefined ? [] : quoted(refusal.message.slice(refusal.message.indexOf('[')));
}

/** Names that a family of node types of ElastiCache could have; the validator has no list of them. */
const CACHE_FAMILIES = [...'cmrt'].flatMap((letter) =>
  [2, 3, 4, 5, 6, 7, 8, 9].flatMap((generation) =>
    ['', 'g', 'gd', 'gn', 'i'].map((more) => `cache.${letter}${generation}${more}`),
  ),
);
const CACHE_SIZES = ['micro', 'small', 'medium', 'large', 'xlarge'].concat(
  [2, 4, 8, 10, 12, 16, 24, 32, 48].map((times) => `${times}xlarge`),
);

/** Node types of ElastiCache in a region: families by a size that each has, then all their sizes. */
function nodeTypes(region: string): string[] | undefined {
  const some = CACHE_FAMILIES.map((family) => `${family}.${/^cache\.t/.test(family) ? 'medium' : 'xlarge'}`);
  const families = taken(some, cacheCluster, region)?.map((name) => name.slice(0, name.lastIndexOf('.')));
  return (
    families &&
    taken(
      families.flatMap((family) => CACHE_SIZES.map((size) => `${family}.${size}`)),
      cacheCluster,
      region,
    )
  );
}

const SIZES = ['micro', 'small', 'medium', 'large', 'xlarge'];
const rank = (size: string): number =>
  SIZES.includes(size) ? SIZES.indexOf(size) : SIZES.length + Number.parseInt(size, 10);

/** Families by region, each with its sizes where they are not all that the family has anywhere. */
function compact(
  classes: Readonly<Record<string, readonly string[]>>,
  kept: readonly string[] = Object.keys(classes),
): { readonly sizes: Readonly<Record<string, string>>; readonly regions: Readonly<Record<string, string>> } {
  const families = (names: readonly string[]): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const name of names) {
      const [, family = '', size = ''] = name.split('.');
      found.set(
        family,
        [...(found.get(family) ?? []), size].sort((a, b) => rank(a) - rank(b)),
      );
    }
    return new Map([...found].sort(([a], [b]) => a.localeCompare(b)));
  };
  const all = families([...new Set(Object.values(classes).flat())]);
  const regions = kept.map((region) => [
    region,
    [...families(classes[region] ?? [])]
      .map(([family, sizes]) => (sizes.length === all.get(family)?.length ? family : `${family}:${sizes.join(',')}`))
      .join(' '),
  ]);
  return {
    sizes: Object.fromEntries([...all].map(([family, sizes]) => [family, sizes.join(' ')])),
    regions: Object.fromEntries(regions),
  };
}

function versionsOf(resource: object): string {
  const [refusal] = refusals({ R: resource }, 'us-east-1').filter(({ ruleId }) => ruleId === 'E9006');
  if (refusal === undefined) throw new Error('the validator lists no versions');
  const versions = quoted(refusal.message).filter((word) => VERSION.test(word) && !word.endsWith('.99'));
  return versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(' ');
}

const postgresql: Record<string, string[]> = {};
const documents: Record<string, string[]> = {};
const cache: Record<string, string[]> = {};
const everyClass = [...new Set(REGIONS.flatMap(listed))];
for (const region of REGIONS) {
  const names = listed(region);
  const each = MAJORS.map((major) => taken(names, (name) => instance(name, major), region));
  const [first] = each;
  if (names.length > 0 && first !== undefined) {
    if (each.some((other) => other?.join() !== first.join())) throw new Error(`classes of ${region} differ by version`);
    postgresql[region] = first;
  }
  const ofDocuments = taken(everyClass, document, region);
  if (ofDocuments !== undefined && ofDocuments.length > 0) documents[region] = ofDocuments;
  const ofCache = nodeTypes(region);
  if (ofCache !== undefined && ofCache.length > 0) cache[region] = ofCache;
}

/** Versions for which PostgreSQL has fewer classes than in general, and the classes that are missing then. */
function missingByVersion(versions: string): Readonly<Record<string, string>> {
  // Every family is there, and what is missing is the same everywhere (a test asks in other regions).
  const region = 'us-east-1';
  const names = postgresql[region] ?? [];
  const missing = versions.split(' ').map((one): [string, string[]] => {
    const there = taken(names, (name) => instance(name, one), region) ?? [];
    return [one, names.filter((name) => !there.includes(name))];
  });
  const all = Object.fromEntries(missing.filter(([, some]) => some.length > 0));
  return compact({ ...all, [region]: names }, Object.keys(all)).regions;
}

const versions = {
  postgresql: versionsOf(instance('db.m7g.large', '17.99')),
  auroraPostgresql: versionsOf(cluster('17.99')),
};
const facts = {
  source: `@aws/cloudformation-validate of aws-cdk-lib ${version}, written by \`npm run facts\``,
  date: new Date().toISOString().slice(0, 10),
  versions,
  classes: { postgresql: compact(postgresql), documents: compact(documents), cache: compact(cache) },
  missing: missingByVersion(versions.postgresql),
};
const file = join(import.meta.dirname, '..', 'lib', 'facts', 'database-engines.json');
writeFileSync(file, `${JSON.stringify(facts, undefined, 2)}\n`);
