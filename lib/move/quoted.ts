import { escapeIdentifier } from 'pg';
import type { QualifiedName } from './side';

/** Name as a statement takes it. */
export function quoted({ schema, name }: QualifiedName): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
