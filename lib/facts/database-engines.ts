import facts from './database-engines.json';

/** Engines of which versions are known. */
export type VersionedEngine = keyof typeof facts.versions;

/** Services of which instance classes are known: RDS for PostgreSQL, DocumentDB, and ElastiCache by its node types. */
export type ClassedService = keyof typeof facts.classes;

/** Versions of an engine, from 16 to 18, such as `17.9`, that `cdk synth` takes: oldest first. */
export function engineVersions(engine: VersionedEngine): readonly string[] {
  return facts.versions[engine].split(' ');
}

/**
 * Instance classes, such as `db.t4g.medium` or `cache.t4g.small`, that its validator takes in a region, of a version when one is named; or
 * undefined where it knows none of the region and takes them all.
 */
export function databaseClasses(
  service: ClassedService,
  region: string,
  version?: string,
): readonly string[] | undefined {
  const regions: Readonly<Record<string, string>> = facts.classes[service].regions;
  const missing: Readonly<Record<string, string>> = service === 'postgresql' ? facts.missing : {};
  const lacked = classesIn(missing[version ?? ''], service);
  const families = regions[region];
  return families === undefined ? undefined : classesIn(families, service).filter((name) => !lacked.includes(name));
}

/** Families in a row, each with its sizes when those are not all that it has. */
function classesIn(families = '', service: ClassedService): string[] {
  const sizes: Readonly<Record<string, string>> = facts.classes[service].sizes;
  const prefix = service === 'cache' ? 'cache' : 'db';
  return families.split(' ').flatMap((entry) => {
    const [family = '', some] = entry.split(':');
    const known = some?.split(',') ?? sizes[family]?.split(' ') ?? [];
    return known.map((size) => `${prefix}.${family}.${size}`);
  });
}
