import { readConfiguration } from '../../config/configuration';
import { nearest } from '../../config/nearest';
import { FIRST_PHASE_OF } from '../../facts/phase-numbers';
import { DeployedParameters } from '../environment/deployed-parameters';
import { type FleetNode, fleetNodes, isInService } from '../environment/fleet-nodes';
import { harmless } from '../environment/harmless';
import { type RollHow, rolloutScript } from '../environment/node-scripts';
import { lastLine, nodeStatus } from '../environment/node-status';
import { INTERRUPTED, OperatorError } from '../environment/operator-error';
import { recordedState } from '../environment/recorded-state';
import { notConnected, type Pause, RunCommand } from '../environment/run-command';
import { inWordsOfFlags } from '../in-words-of-flags';
import { askDeployments } from '../status/deployments';
import { booted, bootedBefore } from './booted';
import { type Release, releasesOf } from './releases';
import { type Fleet, type Rolled, Rollout } from './rollout';
import { HeldLock, LostLockError } from './rollout-lock';

export interface UseProps {
  readonly environment: string;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  readonly pathStyle: boolean;
  /** Folder of the release in the bucket; left out, the release that ran before, or with `again` the one that runs. */
  readonly version?: string;
  /** `migrate` to run `bin/migrate` of the release first; `again` to start anew what runs. */
  readonly how?: RollHow;
  /** True to go on in the place of a rollout whose operator has gone. */
  readonly takeOver: boolean;
  /** Looks, at most, at a node that does not tell its state; left out, some fifteen minutes of them. */
  readonly patience?: number;
  /** Hears what goes on, a line each. */
  readonly say: (line: string) => void;
  /** Hears, while a node is at work, for how long it has been. */
  readonly onWait: (line: string) => void;
  /** Ends the watching, not what is at work on a node. */
  readonly signal: AbortSignal;
  /** Waits between two looks; rejects when the signal does. */
  readonly pause: Pause;
}

export interface Used {
  readonly release: string;
  readonly uri: string;
  /** Ids of nodes that run it. */
  readonly nodes: readonly string[];
}

/**
 * Longest time of a rollout on one node, in seconds: it downloads, waits for the health check, and lets users or jobs go, all of
 * it within the first three hours and forty minutes (`deadline` of rollout.sh), whatever the configuration allows them.
 */
const ROLL_SECONDS = 4 * 3600;

/**
 * Rolls a release out to every node in service, one after the other: docs/adr/0031-*, 0032-*.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws OperatorError when it cannot begin, or a node failed; the old release serves then.
 */
export async function use(props: UseProps): Promise<Used> {
  const { environment, directory, takeOver, how, say, signal, pause } = props;
  const { region } = inWordsOfFlags(() => readConfiguration({ context: { env: environment }, directory }));
  const parameters = await DeployedParameters.in(environment, region);
  const target = await targetOf(parameters, region, props);
  await mustNotBeDeployed(environment, region, target.phase);
  const nodes = (await fleetNodes(environment, region)).filter(isInService);
  const commands = await RunCommand.in(region, pause);
  await mustAnswer(commands, nodes, environment);

  const ids = nodes.map(({ id }) => id);
  const lock = await HeldLock.take(parameters, { release: target.uri, nodes: ids }, { takeOver, say });
  let before: string | undefined;
  const rollout = new Rollout({
    fleet: fleetOf(props, region, commands),
    uri: target.uri,
    ...(how && { how }),
    release: target.name,
    say,
    decide: async () => {
      before = await decide(parameters, target);
    },
    undecide: async () => {
      if (before !== undefined) await undecide(parameters, before, say);
    },
    mayGoOn: async () => {
      await lock.mustBeHeld();
      await mustNotBeDeployedMeanwhile(environment, region, target);
    },
    ...(props.patience !== undefined && { patience: props.patience }),
  });
  try {
    await rollout.run();
  } catch (error) {
    // The node goes on without whoever watches, and the lock says that it does.
    if (signal.aborted) throw interrupted(rollout, target, props);
    if (error instanceof LostLockError) throw error;
    // The reason of the failure counts more than that of what could not be tidied up.
    await lock
      .release()
      .catch((late: unknown) => say(`the lock stays: ${late instanceof Error ? late.message : late}`));
    throw error;
  }
  await lock.release();
  return { release: target.name, uri: target.uri, nodes: [...rollout.done] };
}

/** Has nodes boot the release from now on. @returns What they booted before; undefined when it is the same. */
async function decide(parameters: DeployedParameters, { name, uri, configured }: Target): Promise<string | undefined> {
  const value = `${uri} ${configured}`;
  const before = (await parameters.read(['release/current']))['release/current'];
  if (before === value) return undefined;
  try {
    await parameters.write('release/current', value);
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    throw new OperatorError(
      `every node runs ${name}, and a node that boots takes the release of before: ${message}; then run the same again`,
    );
  }
  // That of an environment without a release boots what `release/uri` says.
  return before ?? `${configured} ${configured}`;
}

/** Writes what booted before; a failure of that is said, since the reason of the rollout counts more. */
async function undecide(parameters: DeployedParameters, before: string, say: UseProps['say']): Promise<void> {
  try {
    await parameters.write('release/current', before);
  } catch (error) {
    say(`nodes that boot go on to take the new release: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Target {
  readonly name: string;
  readonly uri: string;
  /** Value of `release/uri`. */
  readonly configured: string;
  /** Phase that is deployed; undefined when nobody has recorded it. */
  readonly phase?: number;
}

async function targetOf(parameters: DeployedParameters, region: string, props: UseProps): Promise<Target> {
  const { version, environment, pathStyle, how } = props;
  const known = await parameters.read(['release/uri', 'release/current', 'climb/state']);
  const phase = recordedState(known['climb/state'])?.phase;
  const configured = known['release/uri'];
  if (configured === undefined) throw parameters.notDeployed();
  if (how === 'again') {
    const now = booted(known['release/current'], configured);
    if (now === 'none') throw new OperatorError(`${environment} has no release that could start anew`);
    return { name: archiveIn(now), uri: now, configured, ...(phase !== undefined && { phase }) };
  }
  if (version === undefined) {
    const before = bootedBefore(await parameters.history('release/current'), configured);
    if (before === undefined) {
      const now = booted(known['release/current'], configured);
      throw new OperatorError(
        `${environment} has no release to go back to: ${now === 'none' ? 'none was rolled out yet' : `nothing ran before ${archiveIn(now)}`}; \`beamstalk release list --env ${environment}\` shows what may be used`,
      );
    }
    return { name: archiveIn(before), uri: before, configured, ...(phase !== undefined && { phase }) };
  }
  const releases = await (await releasesOf(parameters, { region, pathStyle })).list();
  const found = releases.filter((release) => release.version === version);
  const [only, ...others] = found;
  if (only === undefined) throw unknownVersion(version, releases, environment);
  if (others.length > 0) {
    const names = found.map(({ archive }) => archive).join(', ');
    throw new OperatorError(`version ${version} has ${found.length} archives (${names}): remove all but one of them`);
  }
  if (!only.whole) {
    throw new OperatorError(
      `version ${version} is not whole: its checksum is missing, because its push goes on or was ended; push it again`,
    );
  }
  return { name: only.archive, uri: only.uri, configured, ...(phase !== undefined && { phase }) };
}

/** So many versions are named when none is near. */
const NAMED = 5;

function unknownVersion(version: string, releases: readonly Release[], environment: string): OperatorError {
  if (releases.length === 0) {
    return new OperatorError(
      `there is no release in ${environment} yet: push one with \`beamstalk release push FILE --env ${environment}\``,
    );
  }
  const versions = releases.map((release) => release.version);
  const near = nearest(version, versions);
  const newest = `the newest are ${versions.slice(0, NAMED).join(', ')}`;
  const words = near === undefined ? newest : `did you mean ${near}? ${newest}`;
  return new OperatorError(`there is no version ${version} in ${environment}: ${words}`);
}

/** @throws OperatorError while CodeDeploy is at work on the nodes, or when it cannot be asked. */
async function mustNotBeDeployed(environment: string, region: string, phase?: number): Promise<void> {
  if (phase !== undefined && phase < FIRST_PHASE_OF.automation) return;
  const [deployment] = await askDeployments(environment, region);
  if (deployment === undefined) return;
  throw new OperatorError(
    `${deployment} of the pipeline is under way: wait for its end, look with \`beamstalk status --env ${environment}\``,
  );
}

/**
 * The nodes are the pipeline's from then on, and what was rolled is not this rollout's own to undo.
 *
 * @throws OperatorError when a deployment has begun since: it brings its own release to every node.
 */
async function mustNotBeDeployedMeanwhile(environment: string, region: string, { name, phase }: Target): Promise<void> {
  if (phase !== undefined && phase < FIRST_PHASE_OF.automation) return;
  // It could be asked at the beginning: a failure in the middle is no reason to stop half-way.
  const [deployment] = await askDeployments(environment, region).catch(() => []);
  if (deployment === undefined) return;
  throw new OperatorError(
    `${deployment} of the pipeline has begun meanwhile, and brings its own release to every node: the rollout of ${name} ends here; look with \`beamstalk status --env ${environment}\``,
  );
}

/** @throws OperatorError when there is no node, or one that no command reaches: before anything is changed. */
async function mustAnswer(commands: RunCommand, nodes: readonly FleetNode[], environment: string): Promise<void> {
  if (nodes.length === 0) {
    throw new OperatorError(
      `${environment} has no node in service that runs releases: look with \`beamstalk status --env ${environment}\`; a node takes some minutes to boot`,
    );
  }
  const pings = await commands.pings(nodes.map(({ id }) => id));
  const silent = nodes.find(({ id }) => pings.get(id) !== 'Online');
  if (silent !== undefined)
    throw new OperatorError(`${notConnected(silent.id, pings.get(silent.id))}; nothing was changed`);
}

function fleetOf({ environment, say, onWait, pause }: UseProps, region: string, commands: RunCommand): Fleet {
  const nodes = () => fleetNodes(environment, region);
  const isGone = async (id: string): Promise<boolean> => !(await nodes()).some((node) => node.id === id);
  return {
    nodes,
    pause,
    statusOf: (id) => nodeStatus(commands, id),
    roll: async (id, uri, how): Promise<Rolled> => {
      const script = rolloutScript(uri, how);
      const comment = `beamstalk: ${archiveIn(uri)}`;
      const began = Date.now();
      const ran = await commands.run(id, { script, seconds: ROLL_SECONDS, comment }, () => {
        onWait(`${id} is at work for ${Math.round((Date.now() - began) / 1000)} s`);
        return isGone(id);
      });
      if (ran === undefined) return { end: 'gone' };
      for (const line of harmless(ran.output).split('\n')) {
        if (line.trim() !== '') say(`${id}: ${line.replace(/^beamstalk: /, '')}`);
      }
      if (ran.ok) return { end: 'runs' };
      // Its agent dies with a node, and what it did is not known: the fleet knows.
      if (ran.exitCode === -1 && (await isGone(id))) return { end: 'gone' };
      const said = lastLine(ran.output).replace(/^beamstalk: /, '') || lastLine(ran.errors);

      if (saysItIsToEnd(said) && !(await nodes()).some((node) => node.id === id && isInService(node))) {
        return { end: 'gone' };
      }
      return { end: 'failed', reason: harmless(said) || `its rollout ended with ${ran.details}` };
    },
  };
}

/** Tells, by the words of rollout.sh, a node that is to end, on which it touches nothing. */
export function saysItIsToEnd(reason: string): boolean {
  return reason.startsWith('the node is not in service');
}

/** File name of a release without `.tar.gz`. */
function archiveIn(uri: string): string {
  return (uri.split('/').at(-1) ?? uri).replace(/\.tar\.gz$/, '');
}

function interrupted(
  { atWork, done, goingBack, ranBefore }: Rollout,
  { name }: Target,
  props: UseProps,
): OperatorError {
  const { environment, version, how } = props;
  const folder = goingBack ? ranBefore?.split('/').at(-2) : version;
  const otherwise = how === 'again' ? 'release restart' : 'release back';
  const command = folder === undefined ? otherwise : `release use ${folder}`;
  const way = goingBack ? 'back to what it ran' : `to ${name}`;
  const parts = [
    ...(atWork === undefined ? [] : [`${atWork.id} (${atWork.role}) goes on by itself ${way}`]),
    `${done.size === 0 ? 'no node has' : `${[...done].join(', ')} ${done.size === 1 ? 'has' : 'have'}`} been rolled to it`,
    'every other node serves what it served',
  ];
  return new OperatorError(
    `stopped watching: ${parts.join('; ')}; look with \`beamstalk status --env ${environment}\`, go on with \`beamstalk ${command} --env ${environment} --take-over\``,
    INTERRUPTED,
  );
}
