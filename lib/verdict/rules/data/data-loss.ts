import { type Climb, isGivenUp, isRetired } from '../../../climb/climb';
import { holds, isKept } from '../../../template/stateful';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import { expiring } from './expiration-rule';
import { guardsOf, weakened } from './guards';

/** Everything that happens to what holds data: removed, replaced, left with fewer guards. */
export function dataLosses(changes: ReadonlyMap<string, ResourceChange>, climb?: Climb): Finding[] {
  return [...changes.values()].flatMap((change) => {
    const { stack, id, was, is } = change;
    const place = { stack, id };
    if (was === undefined) return is === undefined ? [] : unguarded(change).map((note) => ({ ...note, ...place }));
    const data = holds(was);
    if (is === undefined) return data === undefined ? [] : [{ ...removal(change, data, changes, climb), ...place }];
    const lost = data !== undefined && change.change === 'replaces' ? [replacement(change, data)] : [];
    return [...lost, ...weakened(was, is), ...expiring(was, is)].map((finding) => ({ ...finding, ...place }));
  });
}

type Loss = Omit<Finding, 'stack' | 'id'>;

function removal(
  { stack, id, type, was }: ResourceChange,
  data: string,
  changes: ReadonlyMap<string, ResourceChange>,
  climb?: Climb,
): Loss {
  const kept = was !== undefined && isKept(was);
  if (kept && climb !== undefined && isRetired(id, climb)) {
    return {
      severity: 'needs-migration',
      rule: 'data-retired',
      message: `holds ${data}; this climb retires it, and it stays in the account`,
      remedy: 'move the data first: expand with --context from=..., run the runbook of the climb, then contract',
    };
  }
  if (kept && climb !== undefined && isGivenUp(climb)) {
    return {
      severity: 'needs-migration',
      rule: 'expansion-given-up',
      message: `holds ${data}; giving the climb up takes it out, and it stays in the account`,
      remedy: 'only while nothing has moved; otherwise take the way back of the runbook first',
    };
  }
  const renamed = [...changes.values()].find((other) => other.change === 'adds' && other.type === type);
  const hint = renamed === undefined ? '' : `; ${renamed.id} in ${renamed.stack} would be another, empty one`;
  return {
    severity: 'refused',
    rule: 'data-removed',
    message: `holds ${data} and is removed from ${stack}${kept ? ' (it stays in the account, unused)' : ''}${hint}`,
    remedy: 'keep it under its logical id, in its stack',
  };
}

function replacement({ effects }: ResourceChange, data: string): Loss {
  const because = effects
    .filter(({ effect }) => effect === 'replaces')
    .map(({ property, why }) => (why ? `${property} (${why})` : property));
  return {
    severity: 'refused',
    rule: 'data-replaced',
    message: `holds ${data} and is replaced by an empty one because of ${because.join(', ')}`,
    remedy: 'leave it as it is, or build the new one beside it under another id and move the data',
  };
}

/** What comes new and holds data, with nothing to keep it. */
function unguarded({ is }: ResourceChange): Loss[] {
  if (is === undefined || holds(is) === undefined || guardsOf(is).length > 0) return [];
  return [{ severity: 'note', rule: 'unguarded', message: `nothing keeps this ${nameOf(is)} when it is removed` }];
}
