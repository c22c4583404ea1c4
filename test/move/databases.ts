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

/** Makes the databases. A clause such as `locale 'C' template template0` makes the target's another one. */
export async function makeDatabases(source: Server, target: Server, otherwise = ''): Promise<Databases> {
  const names = [`source_${++made}`, `target_${made}`] as const;
  const sides: Side[] = [];
  for (const [server, name, clause] of [
    [source, names[0], ''],
    [target, names[1], otherwise],
  ] as const) {
    await server.sql(`create database ${name} owner beamstalk ${clause}`, 'postgres');
    await server.sql(
      `grant connect, create, temporary on database ${name} to app_owner; alter schema public owner to app_owner`,
      name,
    );
    const { side } = server;
    sides.push({
      ...side,
      administrator: { ...side.administrator, database: name },
      owner: { ...side.owner, database: name },
    });
  }
  const [from, to] = sides as [Side, Side];
  return {
    source: from,
    target: to,
    onSource: (statements) => source.sql(statements, names[0]),
    onTarget: (statements) => target.sql(statements, names[1]),
    make: (statements) => source.sql(`set role app_owner; ${statements}`, names[0]),
    move: ({ id = 'trial', tables, accepted = [] } = {}) => ({
      id,
      tables: tables?.map(nameOf) ?? 'all',
      ...{ source: from, target: to, programs: programs(), limits: DEFAULT_LIMITS, accepted },
      announce: async () => undefined,
      report: () => undefined,
    }),
  };
}

function nameOf(text: string): QualifiedName {
  const [schema = '', ...name] = text.split('.');
  return { schema, name: name.join('.') };
}
