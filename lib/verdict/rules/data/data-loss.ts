import { isGivenUp, isRetired } from '../../../climb/climb';
import { holds, isKept } from '../../../template/stateful';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';
import { expiring } from './expiration-rule';
import { guardsOf, weakened } from './guards';
import { offeredAcceptance } from './offered-acceptance';

export const DATA_LOSS: Check = {
  rules: [
    {
      id: 'data-removed',
      severity: 'refused',
      summary: 'A resource that holds data leaves its stack.',
      why: 'Its data are deleted, or stay in the account where nothing uses them.',
    },
    {
      id: 'data-retired',
      severity: 'needs-migration',
      summary: 'The climb retires a resource that holds data.',
      why: 'Data that have not been moved stay behind in the account, and nothing reads them.',
    },
    {
      id: 'expansion-given-up',
      severity: 'needs-migration',
      summary: 'A climb is given up after its new data stores were built.',
      why: 'Whatever has moved to them already is no longer used.',
    },
    {
      id: 'data-replaced',
      severity: 'refused',
      summary: 'A resource that holds data is replaced by an empty one.',
      why: 'CloudFormation creates the new resource without the data of the old.',
      source:
        'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html',
    },
    {
      id: 'unguarded',
      severity: 'note',
      summary: 'A new resource holds data and nothing keeps it.',
      why: 'A later removal, by mistake or not, deletes the data at once.',
      source:
        'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html',
    },
    {
      id: 'guard-dropped',
      severity: 'refused',
      summary:
        'A safeguard of data is removed: retention, deletion protection, encryption, backups, versions, access blocks and the like.',
      why: 'The next mistake meets no obstacle.',
    },
    {
      id: 'guard-weaker',
      severity: 'refused',
      summary: 'A safeguard of data becomes weaker: fewer days of backups, shorter retention, fewer copies.',
      why: 'A cut to less than a third, or one that deletes older copies at once, is as good as a removal.',
    },
    {
      id: 'data-expires',
      severity: 'refused',
      summary: 'A resource begins to delete data by age that it kept before.',
      why: 'Expiration applies to existing data at once, because their age counts from when they were written.',
      source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html',
    },
  ],
  find: dataLosses,
};

/** Everything that happens to what holds data: removed, replaced, left with fewer guards. */
function dataLosses(step: Step): Finding[] {
  const { changes } = step;
  const offer = offeredAcceptance(step);
  return [...changes.values()].flatMap((change) => {
    const { stack, id, was, is } = change;
    const place = { stack, id };
    if (was === undefined) return is === undefined ? [] : unguarded(change).map((note) => ({ ...note, ...place }));
    const data = holds(was);
    if (is === undefined)
      return data === undefined ? [] : [{ ...removal(change, data, step, offer(change)), ...place }];
    const lost = data !== undefined && change.change === 'replaces' ? [replacement(change, data)] : [];
    return [...lost, ...weakened(was, is), ...expiring(was, is)].map((finding) => ({ ...finding, ...place }));
  });
}

type Loss = Omit<Finding, 'stack' | 'id'>;

function removal(
  { stack, id, type, was }: ResourceChange,
  data: string,
  { changes, moves, climb }: Step,
  offer: string,
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
  const to = moves.find(({ from }) => from.stack === stack && from.id === id)?.to;
  if (to !== undefined) {
    return {
      severity: 'refused',
      rule: 'data-removed',
      message: `holds ${data}, and only its place changes: ${to.id} in ${to.stack} is the same and would come empty`,
      remedy:
        'move it with `cdk refactor` (preview), in a step that changes nothing else, by the mapping file that the diff prints; or keep its logical id, in its stack',
      source: 'https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-refactor.html',
    };
  }
  const renamed = [...changes.values()].find((other) => other.change === 'adds' && other.type === type);
  const hint = renamed === undefined ? '' : `; ${renamed.id} in ${renamed.stack} would be another, empty one`;
  return {
    severity: 'refused',
    rule: 'data-removed',
    message: `holds ${data} and is removed from ${stack}${kept ? ' (it stays in the account, unused)' : ''}${hint}`,
    remedy: `keep it under its logical id, in its stack${offer}`,
  };
}

function replacement({ effects, was, is }: ResourceChange, data: string): Loss {
  const because = effects
    .filter(({ effect }) => effect === 'replaces')
    .map(({ property, why }) => (why ? `${property} (${why})` : property));
  return {
    severity: 'refused',
    rule: 'data-replaced',
    message: `holds ${data} and is replaced by an empty one because of ${because.length > 0 ? because.join(', ') : `its type, which was ${was?.Type} and is ${is?.Type}`}`,
    remedy: 'leave it as it is, or build the new one beside it under another id and move the data',
  };
}

/** New data stores without any guard. */
function unguarded({ is }: ResourceChange): Loss[] {
  if (is === undefined || holds(is) === undefined || guardsOf(is).length > 0) return [];
  return [{ severity: 'note', rule: 'unguarded', message: `nothing keeps this ${nameOf(is)} when it is removed` }];
}
