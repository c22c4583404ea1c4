import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../../config/configuration-error';
import { integer, text } from '../../config/fields';
import type { Side } from '../../move/side';
import { DEFAULT_RESHARDING_LIMITS, type Resharding } from '../../resharding/resharding';
import type { ClusterRecord } from '../../sharding/shard-map';
import {
  login,
  mustBePrivate,
  parsedJson,
  port,
  problemOf,
  sideOf,
  TABLE,
  TABLE_ALLOWED,
  tableOf,
  words,
} from '../move/description';

const PAGE = 'docs/moving-shards.md';

const cluster = z.strictObject(
  {
    administrator: login.describe('Makes roles and subscriptions; no superuser.'),
    owner: login.describe('Acts as the owner of the tables.'),
    host: words('Name or address; as the shard map says.').optional(),
    port: port.optional(),
    database: words('Database; as the shard map says.').optional(),
    authority: words('PEM file, where it is another one.').optional(),
    reachedAt: z.strictObject({ host: words('Name or address.'), port }, 'an object with host and port').optional(),
  },
  'an object with administrator and owner',
);

const limits = DEFAULT_RESHARDING_LIMITS;
const description = z.strictObject({
  map: z
    .strictObject(
      { table: words('Name of the DynamoDB table.'), region: words('Its region.') },
      'an object with table and region',
    )
    .optional()
    .describe('The shard map, for move.cjs, which knows no environment; `beamstalk` looks where it is deployed.'),
  authority: words('PEM file of the authorities that vouch for the clusters.'),
  tables: z.record(
    text(TABLE, TABLE_ALLOWED, 'A table.'),
    z.union(
      [words('Column of its sharding key.'), z.null()],
      'a column, or null where every cluster has the same rows',
    ),
    'an object: each table with the column of its sharding key, or null',
  ),
  clusters: z.record(
    text(/^(0|[1-9]\d{0,2})$/, 'the number of a cluster', 'A cluster.'),
    cluster,
    'an object: clusters by their number',
  ),
  accepted: z.array(words('Id of a finding.'), 'a list of ids of findings that may be accepted').default([]),
  limits: z
    .strictObject(
      {
        lockMilliseconds: integer(10, 10_000, 'Longest wait for writes under way.').default(limits.lockMilliseconds),
        freezeMilliseconds: integer(50, 30_000, 'Longest wait for the last rows.').default(limits.freezeMilliseconds),
        patienceSeconds: integer(1, 86_400, 'Time after which it gives up trying.').default(limits.patienceSeconds),
        shardsAtOnce: integer(1, 1024, 'Logical shards that go together.').default(limits.shardsAtOnce),
      },
      'an object of limits',
    )
    .default(limits),
});

/** Contents of a file that describes clusters and their tables. */
export interface RowsFile extends Pick<Resharding, 'tables' | 'accepted' | 'limits'> {
  readonly map?: { readonly table: string; readonly region: string };
  /** Ways to the clusters that it names; the map knows their addresses. */
  readonly clustersOf: (known: ReadonlyMap<number, ClusterRecord>) => ReadonlyMap<number, Side>;
}

/**
 * Reads the file that says what the tables of a sharded store are, and how to come to its clusters. Paths in it are relative to its
 * folder.
 *
 * @throws ConfigurationError when it is not sound, or when others may read the passwords that it holds.
 */
export function readRowsFile(file: string): RowsFile {
  const folder = dirname(resolve(file));
  const parsed = description.safeParse(parsedJson(file), { reportInput: true });
  if (!parsed.success) {
    throw new ConfigurationError(
      file,
      parsed.error.issues.map((issue) => problemOf(issue, file, PAGE)),
    );
  }
  const { map, tables, clusters, authority, ...rest } = parsed.data;
  const logins = Object.values(clusters).flatMap(({ administrator, owner }) => [administrator, owner]);
  if (logins.some(({ password }) => password !== undefined)) mustBePrivate(file);
  return {
    ...rest,
    ...(map && { map }),
    tables: Object.entries(tables).map(([name, key]) => ({ ...tableOf(name), key: key ?? undefined })),
    clustersOf: (known) =>
      new Map(
        Object.entries(clusters).map(([number, said]) => {
          const record = known.get(Number(number));
          if (record === undefined) {
            const problem = {
              key: `clusters.${number}`,
              allowed: `a cluster of the map: ${[...known.keys()].join(', ')}`,
              where: file,
            };
            throw new ConfigurationError(file, [problem]);
          }
          const described = {
            ...{
              title: `cluster ${number}`,
              host: record.endpoint,
              port: record.port,
              database: record.database,
              authority,
            },
            ...definedOf(said),
          };
          return [Number(number), sideOf(described, `clusters.${number}`, folder, file)];
        }),
      ),
  };
}

/** Table of the shard map. @throws ConfigurationError where the file names none. */
export function mapOfFile(file: string): NonNullable<RowsFile['map']> {
  const { map } = readRowsFile(file);
  if (map !== undefined) return map;
  const allowed = 'the DynamoDB table of the shard map, as {"table": "...", "region": "..."}';
  throw new ConfigurationError(file, [{ key: 'map', allowed, where: file }]);
}

type Cluster = z.infer<typeof cluster>;
type Said = { readonly [Key in keyof Cluster]: Exclude<Cluster[Key], undefined> };

/** Keys that were given: one that was left out must not take the place of what the map says. */
function definedOf(said: Cluster): Said {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Said;
}
