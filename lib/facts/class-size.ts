import { findInstanceType } from './instance-type';

/** Size of the machine behind an instance class of a database or a node type of a cache. */
export interface ClassSize {
  readonly vcpu: number;
  readonly memoryGiB: number;
  /** True for T families, which earn CPU credits. */
  readonly burstable: boolean;
  /** Baseline network bandwidth, Mbit/s, where the catalogue of EC2 holds the type. */
  readonly networkMbps?: number;
}

/** Memory of a vCPU by the letter of its family, GiB: AWS keeps to it in every generation of them. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8, x: 16 };

/** Sizes of the T families, which have two vCPUs up to large. */
const BURSTABLE_GIB: Readonly<Record<string, number>> = {
  nano: 0.5,
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
};

const KNOWN = new Map<string, ClassSize | undefined>();

/**
 * Size of a class such as `db.r7g.large` or `cache.t4g.small`: that of the EC2 type of its name, or what its family and
 * size say by the rule that all of the catalogue follow (a test). Undefined for a name that follows none, such as
 * `db.serverless`.
 * Source: https://aws.amazon.com/ec2/instance-types/, by way of lib/facts/instances.json (2026-07-20)
 */
export function classSize(name: string): ClassSize | undefined {
  if (!KNOWN.has(name)) KNOWN.set(name, sizeOf(name.replace(/^(db|cache)\./, '')));
  return KNOWN.get(name);
}

function sizeOf(type: string): ClassSize | undefined {
  const known = findInstanceType(type);
  if (known !== undefined) {
    const { vcpu, memoryMiB, burstable, networkMbps } = known;
    return { vcpu, memoryGiB: memoryMiB / 1024, burstable, networkMbps };
  }
  const [, letter = '', size = ''] = /^([a-z])\d[a-z]*\.(\w+)$/.exec(type) ?? [];
  const vcpu = vcpusOf(size);
  if (letter === 't') {
    const memoryGiB = BURSTABLE_GIB[size];
    return memoryGiB === undefined ? undefined : { vcpu: Math.max(2, memoryGiB / 4), memoryGiB, burstable: true };
  }
  const perVcpu = GIB_PER_VCPU[letter];
  return vcpu === undefined || perVcpu === undefined
    ? undefined
    : { vcpu, memoryGiB: vcpu * perVcpu, burstable: false };
}

/** `large` has two, `xlarge` four, and `8xlarge` eight times as many as that. */
function vcpusOf(size: string): number | undefined {
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  if (times !== undefined) return 4 * (times === '' ? 1 : Number(times));
  return { medium: 1, large: 2 }[size];
}
