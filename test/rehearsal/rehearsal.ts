import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Architecture } from '../../lib/architecture/architecture';
import { architectureOf, PHASES } from '../../lib/architecture/phases';
import type { ClimbState } from '../../lib/climb/gate-rules';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { Options } from './arguments';
import { stacksOf } from './assembly';
import { Cdk } from './cdk';
import { CHECKS } from './checks';
import { checkUserData } from './checks/fleets';
import type { Children } from './children';
import { type Clients, clientsFor } from './clients';
import { domainContext } from './domain';
import { type Engine, runningEngine, startEngine, typesWithoutProvisioner } from './engine';
import { engineBinary } from './engine-binary';
import { Evidence } from './evidence';
import { Gate } from './gate';
import {
  type ClientsOf,
  checkContinuity,
  checkExistence,
  checkProperties,
  type Observation,
  observe,
} from './observation';
import { probeEngine } from './probe';
import { RehearsalError } from './rehearsal-error';
import { type PhaseReport, reportGaps, reportPhase } from './report';
import { failedEvents, type LiveStack, readStack } from './stacks';
import { nameOf, statesOf } from './states';
import { checkSurvivors, type Survivor, survivorsOf } from './survivors';

/** Where firewalls and certificates of CloudFront live, whatever region the rest is in. */
const CLOUDFRONT_REGION = 'us-east-1';

/**
 * The engine makes no Redshift Serverless, and its IAM refuses the policy that names the namespace which was not made.
 * So nothing of the warehouse is rehearsed; validators and unit tests are all there is about it.
 */
const LEFT_OUT = { 'data.warehouse.enabled': 'false' } as const;

export interface Tools {
  readonly children: Children;
  /** Temporary folder, for logs too. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface Result {
  readonly passed: number;
  readonly failures: readonly string[];
  readonly phases: readonly PhaseReport[];
}

/** Deploys phase after phase and reads back after each. @throws RehearsalError when it cannot go on. */
export async function rehearse(options: Options, tools: Tools): Promise<Result> {
  const { say } = tools;
  // Configurations are checked before anything starts.
  const { region } = architectureAt({ phase: options.from }, options, {});
  const engine = await engineFor(options, region, tools);
  const aws = clientsByRegion(engine.endpoint);
  await refuseUsed(options.environment, aws(region));

  const cdk = new Cdk({ ...tools, endpoint: engine.endpoint, region });
  say('Bootstrapping the account');
  const exitCode = await cdk.bootstrap([...new Set([region, CLOUDFRONT_REGION])]);
  if (exitCode !== 0) throw new RehearsalError(`cdk bootstrap failed; its output: ${cdk.logFile('bootstrap')}`);

  const probes = new Evidence();
  await probeEngine(aws(region), probes);
  const context = { ...(await domainContext(aws(region))), ...LEFT_OUT, ...options.context };
  const journey = new Journey(options, context, cdk, engine, aws, tools);
  for (const state of statesOf(options)) await journey.reach(state);
  return journey.result(probes);
}

class Journey {
  private readonly all: Evidence[] = [];
  private readonly phases: PhaseReport[] = [];
  private readonly survivors: Survivor[] = [];
  private before: Observation | undefined;

  constructor(
    private readonly options: Options,
    private readonly context: Readonly<Record<string, string>>,
    private readonly cdk: Cdk,
    private readonly engine: Engine,
    private readonly aws: ClientsOf,
    private readonly tools: Tools,
  ) {}

  async reach(state: ClimbState): Promise<void> {
    const { say } = this.tools;
    const started = Date.now();
    const architecture = architectureAt(state, this.options, this.context);
    const verb = this.before === undefined ? 'creating' : 'updating';
    const name = nameOf(state);
    say(`Phase ${name}, ${PHASES[state.phase]?.name}: ${verb} the stacks of ${architecture.environment}`);
    const evidence = new Evidence();
    if (this.before !== undefined) await this.gate().check(this.before.state, state, evidence);
    const exitCode = await this.cdk.deploy(state, { env: architecture.environment, ...this.context });
    const stacks = await this.stacks(state);
    if (exitCode !== 0) await this.giveUp(state, stacks);
    const deployed = Date.now();

    const seen = await observe(state, architecture, stacks, this.aws);
    const phantoms = checkExistence(seen, typesWithoutProvisioner(this.engine.log()), evidence);
    checkProperties(seen, evidence);
    for (const check of CHECKS) await check(seen, evidence, this.aws);
    if (this.before !== undefined) {
      const continuity = checkContinuity(this.before, seen, evidence);
      this.survivors.push(...survivorsOf(this.before, continuity));
      checkUserData(this.before, seen, evidence);
    }
    await checkSurvivors(this.survivors, evidence, this.aws);
    this.before = seen;
    this.all.push(evidence);
    const seconds = [deployed - started, Date.now() - deployed].map((ms) => ms / 1000);
    const report = { name, seconds, stacks: stacks.length, resources: seen.resources.length, phantoms, evidence };
    this.phases.push(report);
    reportPhase(report, say);
  }

  result(probes: Evidence): Result {
    const all = [probes, ...this.all];
    const failures = all.flatMap((evidence) => evidence.failures);
    failures.push(...reportGaps(all, this.options, this.tools.say));
    return { passed: all.reduce((sum, { passed }) => sum + passed, 0), failures, phases: this.phases };
  }

  private gate(): Gate {
    const { environment } = this.options;
    const { region } = architectureAt({ phase: this.options.from }, this.options, this.context);
    const functionsAt = (state: ClimbState): readonly string[] =>
      (architectureAt(state, this.options, this.context).functions ?? []).map((plan) => plan.function);
    return new Gate(environment, this.engine.endpoint, region, this.aws(region), functionsAt);
  }

  private async stacks(state: ClimbState): Promise<LiveStack[]> {
    try {
      const expected = stacksOf(this.cdk.assembly(state));
      const live = await Promise.all(expected.map(({ name, region }) => readStack(name, region, this.aws(region))));
      return live.filter((stack) => stack !== undefined);
    } catch (error) {
      // The synth failed: the CDK has said why, and there is nothing to read.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  private async giveUp(state: ClimbState, stacks: readonly LiveStack[]): Promise<never> {
    const { say } = this.tools;
    for (const { name, region } of stacks) {
      for (const event of await failedEvents(name, this.aws(region))) say(`  ${event}`);
    }
    const step = `deploy-${nameOf(state)}`;
    const engine = this.engine.log().trimEnd().split('\n').slice(-5);
    for (const [who, tail] of [
      ['The CDK', this.cdk.tail(step)],
      ['The engine', engine],
    ] as const) {
      say([`${who} wrote at last:`, ...tail.map((line) => `  ${line.slice(0, 400)}`)].join('\n'));
    }
    throw new RehearsalError(
      `phase ${nameOf(state)} did not deploy; all that the CDK wrote: ${this.cdk.logFile(step)}`,
    );
  }
}

async function engineFor({ engine }: Options, region: string, { children, folder, say }: Tools): Promise<Engine> {
  if (engine !== undefined) return runningEngine(engine);
  const binary = await engineBinary(children, process.env, say);
  say('Starting the engine');
  return startEngine(binary, region, folder, children);
}

/** An environment that is there already would turn the first phase into a step down. */
async function refuseUsed(environment: string, { cloudFormation }: Clients): Promise<void> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
  const own = Stacks.map(({ StackName = '' }) => StackName).filter((name) => name.startsWith(`${environment}-`));
  if (own.length > 0) {
    throw new RehearsalError(
      `the engine already holds ${own.join(', ')}: a rehearsal starts with an engine without them`,
    );
  }
}

function architectureAt(
  state: ClimbState,
  { environment, context }: Options,
  more: Readonly<Record<string, string>>,
): Architecture {
  const all = { env: environment, ...state, ...context, ...more };
  return architectureOf(readConfiguration({ context: all, directory: CONFIGURATION_DIRECTORY }));
}

function clientsByRegion(endpoint: string): ClientsOf {
  const made = new Map<string, Clients>();
  return (region) => {
    const clients = made.get(region) ?? clientsFor(endpoint, region);
    made.set(region, clients);
    return clients;
  };
}
