import catalogue from './instances.json';

/** CPU architecture as release builders name it: `amd64` is x86_64, `arm64` is Graviton. */
export type CpuArchitecture = 'amd64' | 'arm64';

/** One row of `instances.json`, which names its source and its date. */
export interface InstanceType {
  /** As EC2 names it, for example `c7i.4xlarge`. */
  readonly name: string;
  readonly family: string;
  readonly architecture: CpuArchitecture;
  readonly vcpu: number;
  readonly memoryMiB: number;
  /** Baseline network bandwidth in Mbit/s, not the burst peak. */
  readonly networkMbps: number;
  /** 7 for c7i, 8 for c8i. */
  readonly generation: number;
  /** Seconds after which security groups forget an idle TCP connection, unless a launch template says otherwise. */
  readonly idleConnectionSeconds: number;
  /** T families earn CPU credits, which are all the CPU that they have for long. */
  readonly burstable: boolean;
  /** True when EC2 places it in a cluster placement group. */
  readonly clusterPlacement: boolean;
  /** On-demand price of an hour with Linux in `INSTANCE_PRICES.region`, US dollars. */
  readonly usdPerHour: number;
}

/** Region and date of the prices in the catalogue. */
export const INSTANCE_PRICES = {
  region: catalogue.region,
  date: catalogue.priceDate,
  source: catalogue.source,
} as const;

/**
 * Families of the catalogue on Nitro v6, which forget idle connections after 350 seconds; all others after five days. The
 * generation does not say it: c8g and r8g are on Nitro v5.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ConnectionTrackingConfiguration.html, and the column
 * Hypervisor of https://docs.aws.amazon.com/ec2/latest/instancetypes/co.html, gp.html and mo.html (2026-11-30; c9g is not in
 * the copies that were read, and follows from a report of its users)
 */
const NITRO_V6: ReadonlySet<string> = new Set(['c8a', 'c8i', 'c9g', 'm8i', 'r8i']);
const IDLE_SECONDS = { nitroV6: 350, others: 432_000 } as const;

const BURSTABLE = /^t\d/;

/**
 * Families that EC2 places in no cluster placement group: of the current generation, of which the whole catalogue is, those
 * that are burstable, mac1 and m7i-flex; that the other flex families are like the one is assumed.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-strategies.html, rules of cluster placement groups
 * (a copy of the page, read 2026-11-30; `PlacementGroupInfo` of `aws ec2 describe-instance-types` says it of each type)
 */
const ALWAYS_APART = /^t\d|^mac|-flex$/;

const BY_NAME: ReadonlyMap<string, InstanceType> = new Map(
  catalogue.instances.map((row) => [
    row.type,
    {
      name: row.type,
      family: row.family,
      architecture: row.arch as CpuArchitecture,
      vcpu: row.vcpu,
      memoryMiB: row.memoryMiB,
      networkMbps: row.networkMbps,
      generation: row.generation,
      idleConnectionSeconds: NITRO_V6.has(row.family) ? IDLE_SECONDS.nitroV6 : IDLE_SECONDS.others,
      burstable: BURSTABLE.test(row.family),
      clusterPlacement: !ALWAYS_APART.test(row.family),
      usdPerHour: row.usdPerHour,
    },
  ]),
);

/** Every instance type that can be configured, in the order of the catalogue. */
export const INSTANCE_TYPE_NAMES: readonly string[] = [...BY_NAME.keys()];

/** Looks an instance type up, or returns undefined when the catalogue does not hold it. */
export function findInstanceType(name: string): InstanceType | undefined {
  return BY_NAME.get(name);
}

/**
 * Looks up an instance type that a checked configuration named.
 *
 * @throws Error when the catalogue does not hold it, which a checked configuration rules out.
 */
export function instanceType(name: string): InstanceType {
  const found = findInstanceType(name);
  if (found === undefined) throw new Error(`instance type ${name} is not in lib/facts/instances.json`);
  return found;
}
