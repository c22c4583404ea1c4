import { z } from 'zod';
import type { Limits } from '../../move/move';
import { OperatorError } from '../environment/operator-error';

/** Tables of a move: all of the database, those named with their schema, or none, which moves nothing. */
export type MovedTables = 'all' | 'none' | readonly string[];

/** Choices of the operator, as far as they are made. */
export interface Choices {
  readonly tables?: MovedTables;
  /** Ids of findings of `check` that may be accepted. */
  readonly accepted?: readonly string[];
  readonly limits?: Partial<Limits>;
}

const settings = z.object({
  tables: z.union([z.literal(['all', 'none']), z.array(z.string())]),
  accepted: z.array(z.string()).optional(),
  limits: z.record(z.string(), z.number()).optional(),
  /** Start of the copy: from then on the tables stay. */
  started: z.string().optional(),
  /** Address and certificate of the box, while its database is open to the move. */
  address: z.string().optional(),
  certificate: z.string().optional(),
});

/** Settings of a move under way: the parameter `moves/<name>`, which the mover reads (move.sh). */
export type MoveSettings = Readonly<z.infer<typeof settings>>;

/** Characters that a parameter may hold. Source: API reference of PutParameter, the standard tier (2026-11-30) */
const MOST_CHARACTERS = 4096;

/** @throws OperatorError when the parameter holds something else. */
export function settingsIn(text: string | undefined, name: string): MoveSettings | undefined {
  if (text === undefined) return undefined;
  try {
    return settings.parse(JSON.parse(text));
  } catch {
    throw new OperatorError(
      `the parameter moves/${name} holds no settings of a move: delete it, and run check with the tables that move, which writes it anew`,
    );
  }
}

/** @throws OperatorError when they are too long for a parameter. */
export function settingsText(chosen: MoveSettings, name: string): string {
  const text = JSON.stringify(chosen);
  if (text.length <= MOST_CHARACTERS) return text;
  throw new OperatorError(
    `the settings of ${name} have ${text.length} characters, and ${MOST_CHARACTERS} are taken: move fewer tables, or all`,
  );
}

/**
 * Settings that `check` and `start` go by: what is chosen now before what was chosen earlier.
 *
 * @param all True when the move takes all tables unless it is told otherwise.
 * @throws OperatorError when it is not known which tables move, or other ones move already.
 */
export function merged(known: MoveSettings | undefined, chosen: Choices, name: string, all: boolean): MoveSettings {
  const tables = chosen.tables ?? known?.tables ?? (all ? 'all' : undefined);
  if (tables === undefined) {
    throw new OperatorError(`say which tables move to ${name}: --tables public.users,public.sessions`);
  }
  if (tables === 'none') throw new OperatorError(`a move of no tables has nothing to start: finish --tables none`);
  if (known?.started !== undefined && JSON.stringify(tables) !== JSON.stringify(known.tables)) {
    throw new OperatorError(
      `the move ${name} was started with --tables ${tablesInWords(known.tables)}: leave --tables out, or abandon it first`,
    );
  }
  const limits = { ...known?.limits, ...chosen.limits };
  const accepted = chosen.accepted ?? known?.accepted;
  return {
    ...known,
    tables: typeof tables === 'string' ? tables : [...tables],
    ...(accepted && { accepted: [...accepted] }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

export function tablesInWords(tables: MovedTables): string {
  return typeof tables === 'string' ? tables : tables.join(',');
}
