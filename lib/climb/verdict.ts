import type { Templates } from '../facts/template';
import { type Change, compare, type ResourceChange } from './comparison';
import { dataLosses } from './data-loss';
import { type Finding, gravest } from './finding';
import { guardsOf } from './guards';
import { type BrokenReference, brokenReferences, followed } from './indirect';
import { interruptions } from './interruptions';
import { deploymentOrder } from './order';
import { otherSections } from './other-sections';
import { keyOf } from './references';
import { majorUpgrades, refusals } from './refusals';
import { type Climb, judgeSteps } from './retired';
import { exposures, securityChanges } from './security';
import { holds } from './stateful';
import { subnetConflicts } from './subnets';
import type { Verdict } from './verdict-schema';
import { nameOf } from './words';

export type { Verdict } from './verdict-schema';

/**
 * Judges what it means to deploy one set of templates over another, without asking the account: an upper bound, of
 * which the change set is the truth. Nothing is read but the arguments.
 *
 * @param before What is deployed: stack name -> template. Empty for a new environment.
 * @param after What would be deployed.
 * @param climb How far both sides are, when that is known: what a climb retires is then not taken for a loss.
 */
export function verdictOf(before: Templates, after: Templates, climb?: Climb): Verdict {
  const comparisons = compare(before, after);
  const changes = followed(comparisons, after);
  const findings = sorted([
    ...(climb === undefined || Object.keys(before).length === 0 ? [] : steps(climb)),
    ...dataLosses(changes, climb),
    ...refusals(changes, after),
    ...otherSections(before, after),
    ...majorUpgrades(changes),
    ...broken(brokenReferences(before, after, changes), after),
    ...subnetConflicts(before, after, changes),
    ...exposures(comparisons, after),
    ...readAtBoot(changes, before, after),
  ]);
  return {
    version: 1,
    verdict: gravest(findings),
    ...(climb && { climb: { before: { ...climb.before }, after: { ...climb.after } } }),
    summary: count([...changes.values()]),
    changes: [...changes.values()].map((one) => described(one, findings)),
    findings,
    data: dataOn(before, after, changes),
    security: securityChanges(comparisons),
    interruptions: interruptions(changes),
    order: deploymentOrder(before, after, new Set([...changes.values()].map(({ stack }) => stack))),
  };
}

function steps(climb: Climb): Finding[] {
  const verdict = judgeSteps(climb);
  if (verdict.severity === 'safe') return [];
  const { severity, message, remedy } = verdict;
  return [{ severity, rule: 'climb', message, remedy }];
}

const BROKEN: Readonly<Record<BrokenReference['kind'], Pick<Finding, 'severity' | 'rule' | 'message' | 'remedy'>>> = {
  weak: {
    severity: 'refused',
    rule: 'stale-reference',
    message: 'is replaced, and who refers to it across stacks would keep the old value: weak references do not follow',
    remedy: 'give the new thing a new id, so that those who refer to it are updated',
  },
  strong: {
    severity: 'refused',
    rule: 'stale-reference',
    message: 'is replaced, and CloudFormation refuses to change what other stacks import',
    remedy: 'give the new thing a new id, so that those who import it are updated',
  },
  dangling: {
    severity: 'refused',
    rule: 'dangling-reference',
    message: 'refers to an output of another stack that is not there',
    remedy: 'take the reference away together with the output',
  },
  imported: {
    severity: 'refused',
    rule: 'export-in-use',
    message: 'is no longer exported, and CloudFormation refuses to delete an export before its users let go',
    remedy: 'keep the export (`stack.exportValue`) until the stacks that import it are deployed',
  },
  early: {
    severity: 'note',
    rule: 'gone-early',
    message: 'goes before the stacks that use it learn of another: until they are deployed they lead nowhere',
    remedy: 'keep the old beside the new for one deployment',
  },
};

/** One finding for all who refer to the same thing. */
function broken(references: readonly BrokenReference[], after: Templates): Finding[] {
  const groups = new Map<string, [BrokenReference, ...BrokenReference[]]>();
  for (const one of references) {
    const key = JSON.stringify([one.kind, one.kind === 'dangling' ? one.consumer : one.producer]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups.values()].map((group) => {
    const [{ kind, consumer, producer }] = group;
    const { message, severity: usual, ...rest } = BROKEN[kind];
    const severity = kind === 'early' && group.some((one) => meetsUsers(one, after)) ? 'needs-migration' : usual;
    const users = [...new Set(group.map((one) => keyOf(one.consumer)))];
    const more = users.length > 3 ? ` and ${users.length - 3} more` : '';
    const who = kind === 'dangling' ? '' : ` (${users.slice(0, 3).join(', ')}${more})`;
    return {
      severity,
      ...rest,
      ...(kind === 'dangling' ? consumer : (producer ?? consumer)),
      message: `${message}${who}`,
    };
  });
}

/** Whether users come in through the one who refers, and it goes on being there. */
function meetsUsers({ consumer }: BrokenReference, after: Templates): boolean {
  const { Resources = {} } = after[consumer.stack] ?? {};
  return /^AWS::(CloudFront|Route53)::/.test(Resources[consumer.id]?.Type ?? '');
}

/**
 * Nodes read what is published when they start. What changes there, and what is new there, reaches a fleet that goes on
 * running only when its nodes start again.
 */
function readAtBoot(changes: ReadonlyMap<string, ResourceChange>, before: Templates, after: Templates): Finding[] {
  const published = [...changes.values()].flatMap(({ type, is, change, effects }) => {
    const name = is?.Properties?.['Name'];
    if (type !== 'AWS::SSM::Parameter' || typeof name !== 'string' || !name.startsWith('/beamstalk/')) return [];
    return change === 'adds' || effects.some(({ property }) => property === 'Value') ? [name] : [];
  });
  if (published.length === 0) return [];
  const running = Object.entries(after).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([id, { Type }]) => Type === FLEET && before[stack]?.Resources[id] !== undefined)
      .filter(([id]) => !['restarts', 'replaces'].includes(changes.get(keyOf({ stack, id }))?.change ?? ''))
      .filter(([, fleet]) => READERS.has(nameOf(fleet)))
      .map(([id, fleet]) => ({ stack, id, fleet })),
  );
  return running.map(({ stack, id, fleet }) => ({
    severity: 'note' as const,
    rule: 'read-at-boot',
    stack,
    id,
    message: `the ${nameOf(fleet)} goes on running, and its nodes read these when they start: ${published.join(', ')}`,
  }));
}

const FLEET = 'AWS::AutoScaling::AutoScalingGroup';

/** Fleets whose nodes use what is published; a NAT instance does not. */
const READERS: ReadonlySet<string> = new Set(['single server', 'app fleet', 'web fleet', 'worker fleet']);

function sorted(findings: readonly Finding[]): Finding[] {
  const rank = { refused: 0, 'needs-migration': 1, note: 2 };
  return [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function count(changes: readonly ResourceChange[]): Verdict['summary'] {
  const of = (wanted: Change) => changes.filter(({ change }) => change === wanted).length;
  return {
    adds: of('adds'),
    updates: of('updates'),
    restarts: of('restarts'),
    replaces: of('replaces'),
    removes: of('removes'),
  };
}

function described({ stack, id, type, was, is, change, effects }: ResourceChange, findings: readonly Finding[]) {
  const resource = is ?? was ?? { Type: type };
  const own = findings.filter((finding) => finding.stack === stack && finding.id === id);
  return {
    stack,
    id,
    type,
    name: nameOf(resource),
    change,
    holdsData: holds(resource) !== undefined,
    verdict: gravest(own),
    effects: effects.map((effect) => ({ ...effect })),
  };
}

function dataOn(before: Templates, after: Templates, changes: ReadonlyMap<string, ResourceChange>): Verdict['data'] {
  const stacks = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return stacks.flatMap((stack) => {
    const resources = { ...before[stack]?.Resources, ...after[stack]?.Resources };
    return Object.entries(resources).flatMap(([id, resource]) => {
      const data = holds(resource);
      if (data === undefined) return [];
      const change = changes.get(keyOf({ stack, id }))?.change ?? ('unchanged' as const);
      return [
        { stack, id, type: resource.Type, name: nameOf(resource), holds: data, guards: guardsOf(resource), change },
      ];
    });
  });
}
