import { type CpuArchitecture, instanceType } from '../facts/instance-type';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Settings } from './schema';

type Sources = Pick<Settings, 'release' | 'box' | 'app'>;

/** Nodes whose CPU the release is for where `release.architecture` is left out: the box while there is one, then the fleet. */
const followed = (lowestPhase: number): 'box' | 'app' => (lowestPhase < FIRST_PHASE_OF.loadBalancer ? 'box' : 'app');

/** CPU that the release is built for. `lowestPhase` is the lowest phase of which something is built. */
export function releaseArchitecture(settings: Sources, lowestPhase: number): CpuArchitecture {
  return settings.release.architecture ?? instanceType(settings[followed(lowestPhase)].instanceType).architecture;
}

/** Words for the instance types that may stand in the place of one on which the release does not run. */
export function typesOfItsCpu(picked: string, settings: Sources, lowestPhase: number): string | undefined {
  const { architecture } = instanceType(picked);
  const wanted = releaseArchitecture(settings, lowestPhase);
  if (architecture === wanted) return undefined;
  const key = followed(lowestPhase);
  const because = settings.release.architecture
    ? `release.architecture is ${wanted}`
    : `release.architecture is left out, ${key}.instanceType is ${settings[key].instanceType}`;
  return `an ${wanted} instance type, because ${because} and ${picked} is ${architecture}`;
}
