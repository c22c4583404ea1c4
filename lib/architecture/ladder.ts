import { type CpuArchitecture, INSTANCE_TYPE_NAMES, type InstanceType, instanceType } from '../facts/instance-type';

/** The instance types that a node grows along, smallest first: a release built for one rung runs on all. */
export interface Ladder {
  /** Family of most of its rungs. */
  readonly name: string;
  readonly architecture: CpuArchitecture;
  /** Reason to climb this one, for people. */
  readonly why: string;
  readonly rungs: readonly InstanceType[];
}

/** The ladder of most nodes: the c7i family with a burstable start. */
export const LADDER: readonly InstanceType[] = [...familyFrom('t3.medium', 't3.large'), ...familyFrom('c7i.xlarge')];

/** Every ladder; the first of an architecture is the one that types of other families go over to. */
export const LADDERS: readonly Ladder[] = [
  { name: 'c7i', architecture: 'amd64', why: 'the usual one', rungs: LADDER },
  { name: 'c8i', architecture: 'amd64', why: 'up to 384 vCPUs in one node', rungs: familyFrom('c8i.large') },
  { name: 'c8a', architecture: 'amd64', why: 'AMD, each vCPU a core of its own', rungs: familyFrom('c8a.medium') },
  { name: 'm7i', architecture: 'amd64', why: 'twice the memory of a vCPU', rungs: familyFrom('m7i.large') },
  { name: 'r7i', architecture: 'amd64', why: 'four times the memory of a vCPU', rungs: familyFrom('r7i.large') },
  { name: 'x2iedn', architecture: 'amd64', why: '16 times the memory of a vCPU', rungs: familyFrom('x2iedn.xlarge') },
  {
    name: 'c8g',
    architecture: 'arm64',
    why: 'Graviton, the usual one for releases built for it',
    rungs: [...familyFrom('t4g.medium', 't4g.large'), ...familyFrom('c8g.xlarge')],
  },
  { name: 'c7g', architecture: 'arm64', why: 'the Graviton before, cheaper', rungs: familyFrom('c7g.medium') },
  { name: 'm7g', architecture: 'arm64', why: 'twice the memory of a vCPU', rungs: familyFrom('m7g.medium') },
  { name: 'r7g', architecture: 'arm64', why: 'four times the memory of a vCPU', rungs: familyFrom('r7g.medium') },
];

/**
 * The rung above a type: on its ladder; else the next size of its family; else the first rung above it on the usual ladder
 * of its architecture. Undefined at the end of all three.
 */
export function nextRung(type: InstanceType): InstanceType | undefined {
  const own = LADDERS.find(({ rungs }) => rungs.slice(0, -1).includes(type))?.rungs ?? family(type.family);
  const usual = LADDERS.find(({ architecture }) => architecture === type.architecture)?.rungs ?? [];
  return own[own.indexOf(type) + 1] ?? usual.find((rung) => isAbove(rung, type));
}

/** True when a type has no less of anything than another, and more of something. */
function isAbove(one: InstanceType, other: InstanceType): boolean {
  if (one.vcpu < other.vcpu || one.memoryMiB < other.memoryMiB) return false;
  return one.vcpu > other.vcpu || one.memoryMiB > other.memoryMiB;
}

/** Types of a family, smallest first as in the catalogue. */
function family(name: string): readonly InstanceType[] {
  return INSTANCE_TYPE_NAMES.filter((type) => type.startsWith(`${name}.`)).map(instanceType);
}

/** Types of a family from one on, to another or the last. */
function familyFrom(first: string, last?: string): readonly InstanceType[] {
  const types = family(instanceType(first).family);
  const end = last === undefined ? types.length : types.indexOf(instanceType(last)) + 1;
  return types.slice(types.indexOf(instanceType(first)), end);
}
