import type { Client } from 'pg';
import type { Context, PreflightCheck } from '../check';

const LOCALE = `select pg_catalog.pg_encoding_to_char(d.encoding)::text as encoding, d.datcollate as collate, d.datctype as ctype,
  case d.datlocprovider when 'c' then 'libc' when 'i' then 'icu' else 'builtin' end as provider,
  coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale', '') as locale
from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()`;

type Locale = Readonly<Record<string, string>>;

async function differences({ source, target }: Context, facets: readonly string[]): Promise<string[]> {
  const read = async (client: Client): Promise<Locale> => (await client.query<Locale>(LOCALE)).rows[0] ?? {};
  const [from, to] = [await read(source.owner), await read(target.owner)];
  return facets.filter((facet) => from[facet] !== to[facet]).map((facet) => `${facet} ${from[facet]} and ${to[facet]}`);
}

export const COLLATION_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'collation',
    level: 'accept',
    find: (context) => differences(context, ['provider', 'locale', 'collate', 'ctype']),
    what: (names) => `the databases order or fold text differently: ${names}`,
    remedy:
      'make the target with the locale of the source, or accept it: users see another order, ranges of text hold others',
  },
  {
    id: 'encoding',
    level: 'accept',
    find: (context) => differences(context, ['encoding']),
    what: (names) => `the databases have different encodings: ${names}`,
    remedy:
      'make the target with the encoding of the source, or accept it: text that has no form in the other ends replication',
  },
];
