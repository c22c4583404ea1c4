import { parseCidr } from '../facts/cidr';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Check, Violation } from './check';
import { leastMaximum } from './least-maximum';
import type { Settings } from './schema';
import { subnetPlan } from './subnet-plan';

type Function = Settings['data']['functions'][string];

/** With this many functions and replicas the stack stays below 80 % of what CloudFormation takes (a test counts). */
export const MOST_FUNCTIONS = 16;
export const MOST_REPLICAS = 80;

/**
 * While functions take over from the single database, both are watched: with this many functions and read replicas of
 * that one together, the alarms stay below 80 % of what CloudFormation takes (a test counts).
 */
export const MOST_WATCHED = 18;

/**
 * Words that cannot name a database without quotes, and databases that every instance has.
 * Source: https://www.postgresql.org/docs/17/sql-keywords-appendix.html, reserved words (2026-11-21)
 */
const RESERVED: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
  from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with
  postgres rdsadmin template0 template1`.split(/\s+/),
);

/**
 * Free addresses that a workgroup wants in each subnet, by the base capacity from which it wants them.
 * Source: https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html (2026-11-21)
 */
const ADDRESSES = [
  [4, 9],
  [16, 13],
  [64, 21],
  [128, 37],
  [256, 69],
  [512, 133],
  [1024, 261],
] as const;

/**
 * Least minor version for zero-ETL, by major version.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/zero-etl.html#zero-etl.reqs-lims (2026-11-21)
 */
const LEAST_MINOR: Readonly<Record<string, number>> = { '16': 3, '17': 1 };

function functions({ data }: Settings): [string, Function][] {
  return Object.entries(data.functions);
}

function first(
  settings: Settings,
  wrong: (name: string, one: Function) => Violation | undefined,
): Violation | undefined {
  return functions(settings)
    .map(([name, one]) => wrong(name, one))
    .find((violation) => violation !== undefined);
}

/** Rules over the databases by function, the warehouse and the graph of phase 6. */
export const EXTREME_CHECKS: readonly Check[] = [
  {
    keys: ['data.functions'],
    violated: (settings) => {
      const count = functions(settings).length;
      return count >= 1 && count <= MOST_FUNCTIONS ? undefined : `1 to ${MOST_FUNCTIONS} functions; these are ${count}`;
    },
  },
  {
    keys: ['data.functions'],
    violated: (settings) => {
      const count = functions(settings).reduce((sum, [, { replicas }]) => sum + replicas, 0);
      return count <= MOST_REPLICAS
        ? undefined
        : `functions with at most ${MOST_REPLICAS} replicas together; these have ${count}`;
    },
  },
  {
    keys: ['data.functions'],
    violated: (settings) =>
      first(settings, (name) =>
        RESERVED.has(name.replaceAll('-', '_'))
          ? {
              key: `data.functions.${name}`,
              allowed: 'a name that PostgreSQL does not reserve, because it names the database, with _ for -',
            }
          : undefined,
      ),
  },
  {
    keys: ['data.functions'],
    violated: (settings) =>
      first(settings, (name, { storageGiB, maxStorageGiB }) => {
        const key = `data.functions.${name}`;
        return maxStorageGiB >= leastMaximum(storageGiB)
          ? undefined
          : {
              key: `${key}.maxStorageGiB`,
              allowed: `at least ${leastMaximum(storageGiB)}, a tenth more than ${key}.storageGiB`,
            };
      }),
  },
  {
    keys: ['data.warehouse.baseRpu'],
    violated: ({ data: { warehouse } }) =>
      warehouse.baseRpu === 4 || warehouse.baseRpu % 8 === 0 ? undefined : '4, or a multiple of 8',
  },
  {
    keys: ['data.warehouse.baseRpu', 'data.warehouse.enabled', 'network.cidr'],
    violated: ({ data: { warehouse }, network }) => {
      const cidr = parseCidr(network.cidr);
      if (!warehouse.enabled || cidr === undefined) return undefined;
      const { dataMask } = subnetPlan(cidr);
      // AWS keeps five addresses of every subnet for itself.
      const room = 2 ** (32 - dataMask) - 5;
      const [most] = ADDRESSES.filter(([, addresses]) => addresses <= room).at(-1) ?? [0];
      const next = ADDRESSES.find(([rpu]) => rpu > most)?.[0];
      return next === undefined || warehouse.baseRpu < next
        ? undefined
        : `less than ${next}, because a data subnet of network.cidr ${network.cidr} has ${room} addresses`;
    },
  },
  {
    keys: ['database.engineVersion', 'data.warehouse.enabled', 'phase'],
    violated: ({ database, data, phase }) => {
      const [major = '', minor = ''] = database.engineVersion.split('.');
      const least = LEAST_MINOR[major];
      return phase < FIRST_PHASE_OF.extremeData ||
        !data.warehouse.enabled ||
        least === undefined ||
        Number(minor) >= least
        ? undefined
        : `at least ${major}.${least}, because data.warehouse.enabled is true`;
    },
  },
  {
    keys: ['database.replicas', 'data.functions', 'phase'],
    violated: ({ database, data, phase }) => {
      const count = Object.keys(data.functions).length;
      return phase < FIRST_PHASE_OF.extremeData || count + database.replicas <= MOST_WATCHED
        ? undefined
        : `at most ${MOST_WATCHED - count} at phase 6, because the ${count} functions of data.functions are watched beside them`;
    },
  },
  {
    keys: ['data.graph.maxCapacity', 'data.graph.minCapacity'],
    violated: ({ data: { graph } }) =>
      graph.maxCapacity >= graph.minCapacity
        ? undefined
        : `at least data.graph.minCapacity, which is ${graph.minCapacity}`,
  },
];
