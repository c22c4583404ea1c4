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
  /** 7 for c7i, 8 for c8i: decides how long idle tracked connections live. */
  readonly generation: number;
  /** T families earn CPU credits and must not burn them on busy waiting. */
  readonly burstable: boolean;
}

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
      burstable: /^t\d/.test(row.family),
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
