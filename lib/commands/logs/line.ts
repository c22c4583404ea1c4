import { harmless } from '../environment/harmless';
import { json } from '../environment/json';
import type { LogEvent } from './log-events';

/** An event in one line: when, which node, what it says. */
export function line({ at, role, stream, message }: LogEvent): string {
  const words = harmless(ofJournal(message).trimEnd()).replaceAll('\n', ' | ');
  return `${new Date(at).toISOString()} ${harmless(stream).replaceAll('\n', ' ')} ${role} ${words}\n`;
}

/** The same for machines. */
export function jsonLine({ at, role, stream, message }: LogEvent): string {
  const [node = '', part] = stream.split('/');
  const source = part === undefined ? {} : { part };
  return json({ at: new Date(at).toISOString(), node, ...source, role, message: ofJournal(message) });
}

/** Text of an entry that was sent with its fields, as the journal has them; other text is taken as it is. */
function ofJournal(message: string): string {
  if (!message.startsWith('{')) return message;
  try {
    const { MESSAGE } = Object(JSON.parse(message)) as { readonly MESSAGE?: unknown };
    return typeof MESSAGE === 'string' ? MESSAGE : message;
  } catch {
    return message;
  }
}
