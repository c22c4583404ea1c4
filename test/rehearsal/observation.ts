import type { Architecture } from '../../lib/architecture/architecture';
import { PHASES } from '../../lib/architecture/phases';
import { isRetired } from '../../lib/climb/climb';
import type { ClimbState } from '../../lib/climb/gate-rules';
import type { Clients } from './clients';
import type { Evidence } from './evidence';
import { type Finding, judgeExistence } from './existence';
import { type Continuity, compareIdentities, keyOf } from './identity';
import { PHANTOMS } from './phantoms';
import { READERS } from './readers';
import type { Live } from './readers/reader';
import type { LiveStack, StackResource } from './stacks';

/** All that was read back after one phase. */
export interface Observation {
  readonly state: ClimbState;
  readonly architecture: Architecture;
  readonly stacks: readonly LiveStack[];
  readonly resources: readonly StackResource[];
  /** What the services say, by stack and logical id; without what does not exist. */
  readonly live: ReadonlyMap<string, Live>;
}

/** Gives the clients for a region. */
export type ClientsOf = (region: string) => Clients;

/** A check of one concern: what is live against what the architecture says. */
export type Check = (seen: Observation, evidence: Evidence, aws: ClientsOf) => Promise<void> | void;

/** Requests under way at once: the engine takes more, two cores do not. */
const AT_ONCE = 8;

/** Asks the services for every resource of the stacks. */
export async function observe(
  state: ClimbState,
  architecture: Architecture,
  stacks: readonly LiveStack[],
  aws: ClientsOf,
): Promise<Observation> {
  const resources = stacks.flatMap((stack) => stack.resources);
  const live = new Map<string, Live>();
  const queue = [...resources];
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const found = await READERS[next.type]?.(next, aws(next.region));
      if (found !== undefined) live.set(keyOf(next), found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { state, architecture, stacks, resources, live };
}

/** Every resource exists, or is of a type that the engine is known not to make. @returns how many are phantoms. */
export function checkExistence(
  { resources, live }: Observation,
  unmade: readonly string[],
  evidence: Evidence,
): number {
  const findings: Finding[] = resources.map((resource) => ({
    ...resource,
    exists: READERS[resource.type] === undefined ? undefined : live.has(keyOf(resource)),
  }));
  const { found, phantoms, failures } = judgeExistence(findings, PHANTOMS, unmade);
  evidence.passed += found;
  for (const failure of failures) evidence.fail(failure);
  return phantoms;
}

/**
 * What a template says in plain text is what the service says, wherever both use the same name for it: an update that
 * is reported complete and changes nothing shows here.
 */
export function checkProperties({ resources, live }: Observation, evidence: Evidence): void {
  for (const resource of resources) {
    const actual = live.get(keyOf(resource));
    if (actual === undefined) continue;
    for (const [name, wanted] of Object.entries(resource.definition.Properties ?? {})) {
      // The older services write their names large, the newer ones small.
      const key = [name, `${name.charAt(0).toLowerCase()}${name.slice(1)}`].find((candidate) => candidate in actual);
      if (key === undefined || typeof wanted === 'object') continue;
      evidence.equal(`${keyOf(resource)}: ${name}`, String(actual[key]), String(wanted));
    }
  }
}

/** The update replaced nothing that must survive, and touched nothing but what its templates say. */
export function checkContinuity(before: Observation, after: Observation, evidence: Evidence): Continuity {
  const climb = {
    environment: after.architecture.environment,
    before: before.state,
    after: after.state,
    phases: PHASES,
  };
  const continuity = compareIdentities(before.resources, after.resources, (id) => isRetired(id, climb));
  evidence.passed += continuity.kept;
  for (const failure of continuity.failures) evidence.fail(failure);
  for (const key of continuity.untouched) {
    const was = before.live.get(key);
    if (was === undefined || PHANTOMS[typeOf(after, key)] !== undefined) continue;
    evidence.equal(`${key}, whose template is the same, as its service describes it`, after.live.get(key), was);
  }
  return continuity;
}

function typeOf({ resources }: Observation, key: string): string {
  return resources.find((resource) => keyOf(resource) === key)?.type ?? '';
}

/** The resources of a type, narrowed down by their templates. */
export function resourcesOf({ resources }: Observation, type: string, part?: string): StackResource[] {
  return resources.filter(
    (resource) => resource.type === type && (part === undefined || resource.logicalId.includes(part)),
  );
}
