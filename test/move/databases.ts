import { DEFAULT_LIMITS, type Move } from '../../lib/move/move';
import type { QualifiedName, Side } from '../../lib/move/side';
import { programs } from './machine';
import type { Server } from './servers';

/** Two empty databases, as the phases make them, on two servers or one. */
export interface Databases {
  readonly source: Side;
  readonly target: Side;
  /** Runs statements as superuser; rows of the last one. */
  readonly onSource: (statements: string) => Promise<Record<string, unknown>[]>;
  readonly onTarget: (statements: string) => Promise<Record<string, unknown>[]>;
  /** Makes things as the application does. */
  readonly make: (statements: string) => Promise<unknown>;
  readonly move: (options?: MoveOptions) => Move;
}

export interface MoveOptions {
  readonly id?: string;
  /** Such as `public.orders`; left out, all move. */
  readonly tables?: readonly string[];
  readonly accepted?: readonly string[];
}

let made = 0;

/** Makes the databases; a clause such as `locale 'C' template template0` makes the target's another one. */
export async function makeDatabases(source: Server, target: Server, clause = ''): Promise<Databases> {
  return await besides(source, target, await makeDatabase(target, `target_${made}`, clause));
}

/** Makes a source beside a target that is there already, and that nothing is made in. */
export async function besides(source: Server, target: Server, to: Side): Promise<Databases> {
  const from = await makeDatabase(source, `source_${++made}`);
  const onSource = (statements: string) => source.sql(statements, from.owner.database);
  return {
    ...{ source: from, target: to, onSource },
    onTarget: (statements) => target.sql(statements, to.owner.database),
    make: (statements) => onSource(`set role app_owner; ${statements}`),
    move: ({ id = 'trial', tables, accepted = [] } = {}) => ({
      id,
      tables: tables?.map(nameOf) ?? 'all',
      ...{ source: from, target: to, programs: programs(), limits: DEFAULT_LIMITS, accepted },
      announce: async () => undefined,
      report: () => undefined,
    }),
  };
}

async function makeDatabase({ sql, side }: Server, name: string, clause = ''): Promise<Side> {
  await sql(`create database ${name} owner beamstalk ${clause}`, 'postgres');
  await sql(
    `grant connect, create, temporary on database ${name} to app_owner; alter schema public owner to app_owner`,
    name,
  );
  return {
    ...side,
    administrator: { ...side.administrator, database: name },
    owner: { ...side.owner, database: name },
  };
}

function nameOf(text: string): QualifiedName {
  const [schema = '', ...name] = text.split('.');
  return { schema, name: name.join('.') };
}
