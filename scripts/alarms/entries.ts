import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { buildApp } from '../../lib/app';
import { readConfiguration } from '../../lib/config/configuration';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { featureFlags } from '../../lib/config/feature-flags';
import { Watch } from '../../lib/constructs/watching/watch';

/** The alarm of one template with where it comes from. */
export interface AlarmEntry {
  /** Without the environment, and with `<name>` or `N` where a configuration puts names or numbers of its own. */
  readonly name: string;
  /** An alarm without a name of its own is called by the construct that makes it. */
  readonly named: boolean;
  readonly title: string;
  /** People who hear of it; `acts` when it calls a policy, a function or a deployment instead of people. */
  readonly weight: 'symptom' | 'urgent' | 'cause' | 'acts' | 'nobody';
  /** Properties of AWS::CloudWatch::Alarm. */
  readonly properties: AlarmProperties;
  /** Path of the source file that defines it. */
  readonly definedIn: string;
}

export interface AlarmProperties {
  readonly AlarmName?: string;
  readonly AlarmDescription?: string;
  readonly AlarmActions?: readonly unknown[];
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Period?: number;
  readonly Metrics?: readonly MetricQuery[];
  readonly Threshold?: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData?: string;
}

export interface MetricQuery {
  readonly Label?: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: { readonly MetricName: string; readonly Namespace: string };
    readonly Period: number;
    readonly Stat: string;
  };
}

/** Every metric alarm that a configuration builds, read from its construct tree and its templates. */
export function alarmsOf(context: Readonly<Record<string, unknown>>): AlarmEntry[] {
  const outdir = mkdtempSync(join(tmpdir(), 'beamstalk-alarms-'));
  try {
    return alarmsIn(context, outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function alarmsIn(context: Readonly<Record<string, unknown>>, outdir: string): AlarmEntry[] {
  const configuration = readConfiguration({ context, directory: CONFIGURATION_DIRECTORY });
  const flags = { ...featureFlags(CDK_JSON), 'aws:cdk:disable-asset-staging': true };
  const app = new App({ context: { ...flags, ...context }, outdir, analyticsReporting: false, treeMetadata: false });
  const stacks = buildApp(app, configuration);
  const alarms = app.node.findAll().filter((one): one is CfnAlarm => one instanceof CfnAlarm);
  const weights = new Map(
    app.node
      .findAll()
      .filter((one): one is Watch => one instanceof Watch)
      .flatMap(({ symptoms, urgent, causes }) => [
        ...symptoms.map((alarm) => [alarm, 'symptom'] as const),
        ...urgent.map((alarm) => [alarm, 'urgent'] as const),
        ...causes.map((alarm) => [alarm, 'cause'] as const),
      ]),
  );
  const templates = new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
  const names = [...Object.keys(configuration.data.functions), ...Object.keys(configuration.queues)];
  return alarms.map((alarm): AlarmEntry => {
    const stack = stacks.find((one) => one === alarm.stack);
    const template = templates.get(stack?.stackName ?? '') as
      | { readonly Resources: Readonly<Record<string, { readonly Properties: AlarmProperties }>> }
      | undefined;
    const properties = template?.Resources[alarm.stack.getLogicalId(alarm)]?.Properties;
    if (properties === undefined) throw new Error(`${alarm.node.path} is in no template`);
    const maker = makerOf(alarm);
    const weight = alarm.node.scopes.map((scope) => weights.get(scope as never)).find((one) => one !== undefined);
    const { AlarmName } = properties;
    return {
      name:
        AlarmName === undefined
          ? `${maker.className} ${alarm.node.scopes.at(-2)?.node.id ?? ''}`
          : general(AlarmName.replace(`${configuration.environment}-`, ''), names),
      named: AlarmName !== undefined,
      title: properties.AlarmDescription ?? '',
      weight: weight ?? ((properties.AlarmActions ?? []).length > 0 || isRead(AlarmName, maker) ? 'acts' : 'nobody'),
      properties,
      definedIn: maker.file,
    };
  });
}

/** Alarms that no action names, and that a deployment or the function of back pressure reads. */
function isRead(name: string | undefined, { className }: Maker): boolean {
  return className === 'DeploymentAlarms' || (name?.includes('age-of-queue-') ?? false);
}

/** A name with the configuration's own words taken out. */
function general(name: string, words: readonly string[]): string {
  const numbered = name.replace(/^replica-\d+/, 'replica-N');
  return words.reduce(
    (text, word) =>
      text.replace(new RegExp(`^(database|queue|age-of-queue)-${word}-`), (_, kind: string) =>
        kind === 'database' ? 'database-<function>-' : `${kind}-<name>-`,
      ),
    numbered,
  );
}

interface Maker {
  readonly className: string;
  readonly file: string;
}

let classes: ReadonlyMap<string, string> | undefined;

/** Classes of constructs of this project, by their name, with the file that declares each. */
function ownClasses(): ReadonlyMap<string, string> {
  if (classes !== undefined) return classes;
  const root = join(CDK_JSON, '..');
  const files = ['lib/constructs', 'lib/stacks'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  classes = new Map(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/^(?:export )?class (\w+)/gm)].map(
        ([, name = '']) => [name, file] as const,
      ),
    ),
  );
  return classes;
}

/** The nearest construct of this project around an alarm; a plain `Watch` says nothing itself. */
function makerOf(alarm: IConstruct): Maker {
  const own = ownClasses();
  for (const scope of [...alarm.node.scopes].reverse()) {
    const className = scope.constructor.name;
    const file = own.get(className);
    if (file !== undefined && className !== 'Watch') return { className, file };
  }
  throw new Error(`${alarm.node.path} is made by no construct of this project`);
}
