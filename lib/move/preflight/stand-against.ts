import type { Finding } from '../finding';
import { MoveError } from '../move-error';

/** @throws MoveError that names what is refused, and what the operator has not accepted. */
export function mustNotStandAgainst(title: string, findings: readonly Finding[], accepted: readonly string[]): void {
  const against = findings.filter(
    ({ level, id }) => level === 'refuse' || (level === 'accept' && !accepted.includes(id)),
  );
  if (against.length === 0) return;
  const lines = against.map(({ id, level, what, remedy }) => {
    const how = [remedy, ...(level === 'accept' ? [`or add "${id}" to accepted`] : [])].filter((one) => one !== '');
    return `\n  ${id}: ${[what, ...how].join('; ')}`;
  });
  throw new MoveError(`${title}:${lines.join('')}`);
}
