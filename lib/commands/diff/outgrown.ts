import type { Asymmetry } from '../../capacity/asymmetry/asymmetries';
import { shortId } from '../../template/type-names';
import { wrap } from './wrap';

/** Section of a diff that says what a step lets grow past what it depends on; empty when it lets nothing. */
export function outgrownAsText(found: readonly Asymmetry[]): string {
  const lines = found.flatMap((one) => [...wrap(inOneLine(one), 2), ...wrap(one.why, 6)]);
  return found.length === 0 ? '' : `\nWhat may outgrow what it depends on\n${lines.join('\n')}\n`;
}

/** The same for a comment on a pull request. */
export function outgrownAsMarkdown(found: readonly Asymmetry[]): string {
  const lines = found.map((one) => `- ${inOneLine(one)}: ${one.why}\n`);
  return found.length === 0 ? '' : `\n**What may outgrow what it depends on**\n\n${lines.join('')}`;
}

/** `prod-data DatabaseInstance: up to 4120 connections, of which it takes about 1581`. */
export function inOneLine({ kind, provider, wanted, most, assumed }: Asymmetry): string {
  const { stack, id } = provider;
  return `${stack} ${shortId(id)}: up to ${wanted} ${UNITS[kind]}, of which it takes ${assumed ? 'about ' : ''}${most}`;
}

const UNITS = {
  'database connections': 'connections',
  'function concurrency': 'jobs at once',
  addresses: 'addresses',
} as const satisfies Readonly<Record<Asymmetry['kind'], string>>;
