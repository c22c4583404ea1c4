import { FIRST_PHASE_OF, PHASE_NUMBERS } from '../../lib/facts/phase-numbers';
import { type AlarmEntry, type AlarmProperties, alarmsOf } from './entries';
import { REASONS } from './reasons';

/** An alarm with the first phase that has it, and the setting without which it is not there. */
interface DocumentedAlarm {
  readonly entries: readonly AlarmEntry[];
  readonly phase: number;
  readonly only?: string;
}

const WITH_DOMAIN = {
  'domain.name': 'app.example.com',
  'domain.hostedZoneId': 'Z0123456789ABCDEFGHIJ',
  'domain.hostedZoneName': 'example.com',
  'domain.email': 'ops@example.com',
};

/** Production in every phase that has alarms, and the choices that bring alarms which it does not have. */
function choices(): { readonly context: Readonly<Record<string, unknown>>; readonly only?: string }[] {
  const phases = PHASE_NUMBERS.filter((phase) => phase >= FIRST_PHASE_OF.automation);
  const first = { phase: FIRST_PHASE_OF.automation };
  return [
    ...phases.map((phase) => ({ context: { env: 'prod', phase, ...WITH_DOMAIN } })),
    { context: { env: 'prod', ...first, ingress: 'sockets' }, only: '`ingress: sockets`' },
    { context: { env: 'dev', ...first, 'database.replicaClass': 'db.t4g.medium' }, only: 'T types and classes' },
    { context: { env: 'dev', phase: FIRST_PHASE_OF.queues, 'workers.minNodes': 0 }, only: '`workers.minNodes: 0`' },
  ];
}

/** Every alarm by its name, in the order in which production has them. */
function documented(): ReadonlyMap<string, DocumentedAlarm> {
  const found = new Map<string, DocumentedAlarm>();
  for (const { context, only } of choices()) {
    const all = alarmsOf(context);
    for (const { name } of all) {
      if (found.has(name)) continue;
      const entries = all.filter((one) => one.name === name);
      found.set(name, { entries, phase: Number(context['phase']), ...(only !== undefined && { only }) });
    }
  }
  return found;
}

/** docs/alarms.md: `text` is the page without its tables, with a line for each of them. */
export function alarmsDocument(text: string): string {
  const alarms = [...documented()];
  const people = alarms.filter(([, { entries }]) => entries[0]?.weight !== 'acts');
  const machines = alarms.filter(([, { entries }]) => entries[0]?.weight === 'acts');
  return text
    .replace(BLOCK('people'), () => block('people', people.map(row)))
    .replace(BLOCK('machines'), () => block('machines', machines.map(row)));
}

const HEAD = [
  '| alarm | from phase | metric | threshold | for | silence | weight | what it says; why | defined in |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

const BLOCK = (name: string): RegExp => new RegExp(`<!-- ${name}: written by npm run alarms -->[\\s\\S]*?<!-- end -->`);

function block(name: string, rows: readonly string[]): string {
  return [`<!-- ${name}: written by npm run alarms -->`, '', ...HEAD, ...rows, '', '<!-- end -->'].join('\n');
}

function row([name, { entries, phase, only }]: readonly [string, DocumentedAlarm]): string {
  const [first] = entries;
  if (first === undefined) throw new Error(`${name} has no alarm`);
  const thresholds = [...new Set(entries.map(({ properties }) => thresholdOf(properties)))];
  const reason = REASONS[name];
  const says = `${first.title}${reason === undefined ? '' : ` *Why:* ${reason}.`}`;
  const cells = [
    first.named ? `\`${name}\`` : `(no name) ${name}`,
    only === undefined ? String(phase) : `${phase}, ${only}`,
    metricOf(first.properties),
    thresholds.join(' or '),
    durationOf(first.properties),
    SILENCE[first.properties.TreatMissingData ?? 'missing'] ?? 'unknown',
    first.weight,
    says,
    `[${first.definedIn.split('/').at(-1)}](../${first.definedIn})`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

const SILENCE: Readonly<Record<string, string>> = {
  notBreaching: 'well',
  breaching: 'unwell',
  missing: 'unknown',
  ignore: 'as before',
};

const COMPARISON: Readonly<Record<string, string>> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};

const UNUSUAL: Readonly<Record<string, string>> = {
  GreaterThanUpperThreshold: 'unusually high',
  LessThanLowerThreshold: 'unusually low',
  LessThanLowerOrGreaterThanUpperThreshold: 'unusual, both ways',
};

function thresholdOf({ ComparisonOperator, Threshold }: AlarmProperties): string {
  const unusual = UNUSUAL[ComparisonOperator];
  if (unusual !== undefined) return unusual;
  return `${COMPARISON[ComparisonOperator] ?? ComparisonOperator} ${amount(Threshold ?? 0)}`;
}

const MIB = 1024 ** 2;

/** Bytes in MiB or GiB; other numbers with a separator of thousands. */
function amount(value: number): string {
  if (value >= MIB && value % MIB === 0)
    return value % (1024 * MIB) === 0 ? `${value / MIB / 1024} GiB` : `${value / MIB} MiB`;
  return value.toLocaleString('en-US');
}

function metricOf({ MetricName, Namespace, Statistic, ExtendedStatistic, Metrics = [] }: AlarmProperties): string {
  if (MetricName !== undefined) return `${Namespace} ${MetricName}, ${Statistic ?? ExtendedStatistic ?? ''}`;
  // The metric is watched where a band is drawn around it.
  const watched = Metrics.find(({ Expression, Label }) => Expression !== undefined && Label !== undefined);
  const stats = Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat] : []));
  const isBand = Metrics.some(({ Expression }) => Expression?.startsWith('ANOMALY_DETECTION_BAND'));
  const [stat] = stats;
  if (isBand && stat !== undefined && stats.length === 1) {
    return `${stat.Metric.Namespace} ${stat.Metric.MetricName}, ${stat.Stat}`;
  }
  const names = [...new Set(stats.map(({ Metric }) => Metric.MetricName))].join(', ');
  return `${watched?.Label ?? 'expression'} (from ${names})`;
}

function durationOf({ DatapointsToAlarm, EvaluationPeriods, Period, Metrics = [] }: AlarmProperties): string {
  const seconds = Period ?? Metrics.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Period ?? 60;
  const unit =
    seconds === 60 ? '1 minute' : seconds % 86_400 === 0 ? `${seconds / 86_400} day` : `${seconds / 60} minutes`;
  return `${DatapointsToAlarm ?? EvaluationPeriods} of ${EvaluationPeriods}, ${unit}`;
}

/** Names with a reason that no alarm has. */
export function reasonsWithoutAlarm(page: string): string[] {
  return Object.keys(REASONS).filter((name) => !page.includes(`| \`${name}\` |`));
}
