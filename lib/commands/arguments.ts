import { InvalidArgumentError } from 'commander';
import { parseSide, type SideName, whyNoSide } from './diff/side';

/** Settings by their dotted path, as `--set` collects them. */
export type Settings = Readonly<Record<string, string>>;

/** An architecture, as an argument names it. */
export function sideOf(text: string): SideName {
  const side = parseSide(text);
  if (side === undefined) throw new InvalidArgumentError(whyNoSide(text));
  return side;
}

/** One more `key=value` of an option that may be repeated. */
export function collect(text: string, known: Settings): Settings {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Write it as key=value.');
  // The command line says these in its own way, and would otherwise lose to itself.
  if (['env', 'phase', 'from', 'force'].includes(key))
    throw new InvalidArgumentError(`Say ${key} with --env or as an argument.`);
  if (Object.hasOwn(known, key)) throw new InvalidArgumentError(`${key} is set twice; say it once.`);
  return { ...known, [key]: value };
}

/** True for what is read as it was recorded, and not made from a configuration. */
export function isRecorded({ kind }: SideName): boolean {
  return kind === 'directory' || kind === 'deployed';
}
