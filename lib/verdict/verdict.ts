import type { Climb } from '../climb/climb';
import { keyOf, type Place } from '../template/references';
import { holds } from '../template/stateful';
import type { Templates } from '../template/template';
import { nameOf } from '../template/type-names';
import { inEveryCase, type Judged } from './cases';
import { type Change, compare, type ResourceChange } from './changes/comparison';
import { deploymentOrder } from './changes/deployment-order';
import { movedResources } from './changes/moved-resources';
import { brokenReferences, followed } from './changes/propagation';
import { type Finding, gravest, sorted } from './finding';
import type { Sides, Step } from './rule';
import { CHECKS } from './rules';
import { securityChanges } from './rules/access/security-changes';
import { interruptions } from './rules/availability/interruptions';
import { guardsOf } from './rules/data/guards';
import { regionsIn } from './rules/deployment/moved-stacks';
import type { Verdict } from './verdict-schema';

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
  const written = { before: whole(before), after: whole(after) };
  const { verdict, ...rest } = inEveryCase(written, (decided) => judge(decided, written, climb));
  return {
    version: 1,
    verdict,
    ...(climb && { climb: { before: { ...climb.before }, after: { ...climb.after } } }),
    summary: count(rest.changes),
    ...rest,
    accepted: [],
  };
}

/** A stack that holds nothing yet is written without its resources. */
function whole(templates: Templates): Templates {
  const parts = Object.entries(templates);
  return parts.every(([, { Resources }]) => Resources !== undefined)
    ? templates
    : Object.fromEntries(
        parts.map(([stack, template]) => [stack, { ...template, Resources: template.Resources ?? {} }]),
      );
}

function judge({ before, after }: Sides, written: Sides, climb?: Climb): Judged {
  const comparisons = compare(before, after);
  const changes = followed(comparisons, after);
  const step: Step = {
    before,
    after,
    written,
    changes,
    moves: movedResources(changes, { before, after, written, shareRegion: regionsOf(before, after) }),
    brokenReferences: brokenReferences(before, after, changes),
    ...(climb && { climb }),
  };
  const findings = sorted(CHECKS.flatMap((check) => check.find(step)));
  const moved = new Set(findings.filter(({ rule }) => rule === 'stack-moved').map(({ stack }) => stack));
  return {
    verdict: gravest(findings),
    changes: [...changes.values()].map((one) => described(one, findings)),
    findings,
    moves: step.moves.map(({ type, from, to }) => ({ type, name: nameAt(from, before, type), from, to })),
    data: dataOn(before, after, changes),
    security: securityChanges(before, after),
    interruptions: interruptions(changes, before, after),
    order: deploymentOrder(without(before, moved), after, new Set([...changes.values()].map(({ stack }) => stack))),
  };
}

/** Tells stacks of one region, as far as the templates say where a stack is. */
function regionsOf(before: Templates, after: Templates): (stack: string, other: string) => boolean {
  const regions = new Map([...regionsIn(before), ...regionsIn(after)]);
  return (stack, other) => regions.get(stack) === regions.get(other);
}

function nameAt({ stack, id }: Place, templates: Templates, type: string): string {
  return nameOf(templates[stack]?.Resources[id] ?? { Type: type });
}

/** CloudFormation finds none of these stacks where it would look for them. */
function without(templates: Templates, stacks: ReadonlySet<string | undefined>): Templates {
  return Object.fromEntries(Object.entries(templates).filter(([stack]) => !stacks.has(stack)));
}

function count(changes: readonly { readonly change: Change }[]): Verdict['summary'] {
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
    effects: effects.map(({ values, ...effect }) => ({ ...effect, ...(values && { values: [...values] }) })),
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
