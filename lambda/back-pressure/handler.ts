import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type AlarmState, decide } from './decision';
import { metricLine } from './metric';

/** The alarms on the age of a queue's oldest job. */
export interface QueueAlarms {
  readonly name: string;
  readonly shedAlarm: string;
  readonly admitAlarm: string;
}

/** Names in one call, https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html (2026-11-21). */
const NAMES_AT_ONCE = 100;

const environment = required('ENVIRONMENT');
const parameter = required('PRESSURE_PARAMETER');
const queues = JSON.parse(required('QUEUES')) as readonly QueueAlarms[];

const logger = new Logger({ persistentLogAttributes: { environment } });
const cloudWatch = new CloudWatchClient({});
const ssm = new SSMClient({});

/**
 * Reads all alarms, whatever event woke it, decides, and writes the parameter when it has to change. The event itself is
 * not read: alarms change while it is under way, and events may be lost, doubled or late. Two at once may decide
 * differently; the next call puts it right.
 */
export async function handler(): Promise<void> {
  const [before, states] = await Promise.all([currentValue(), alarmStates()]);
  const unknown = queues.flatMap(({ shedAlarm, admitAlarm }) => [shedAlarm, admitAlarm]).filter((n) => !states.has(n));
  if (unknown.length > 0) logger.warn('alarms that CloudWatch does not know prove nothing', { alarms: unknown });

  const stateOf = (name: string): AlarmState => states.get(name) ?? 'INSUFFICIENT_DATA';
  const pressures = queues.map(({ name, shedAlarm, admitAlarm }) => ({
    name,
    shed: stateOf(shedAlarm),
    admit: stateOf(admitAlarm),
  }));
  const { shedding, because } = decide(before === 'on', pressures);
  const after = shedding ? 'on' : 'off';
  if (after !== before) {
    await ssm.send(new PutParameterCommand({ Name: parameter, Value: after, Type: 'String', Overwrite: true }));
    logger.warn(shedding ? 'low-priority work is turned away' : 'all work is let in', { before, after, because });
  }
  logger.info('decided', { shedding, because });
  // As it stands after what may have failed: the metric never says what the nodes are not told.
  process.stdout.write(`${metricLine('LoadShedding', shedding ? 1 : 0, environment, Date.now())}\n`);
}

/** Value that nodes read now; undefined before the first one. */
async function currentValue(): Promise<string | undefined> {
  try {
    return (await ssm.send(new GetParameterCommand({ Name: parameter }))).Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

async function alarmStates(): Promise<ReadonlyMap<string, AlarmState>> {
  const names = queues.flatMap(({ shedAlarm, admitAlarm }) => [shedAlarm, admitAlarm]);
  const states = new Map<string, AlarmState>();
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const AlarmNames = names.slice(at, at + NAMES_AT_ONCE);
    let NextToken: string | undefined;
    do {
      const page = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm'], MaxRecords: NAMES_AT_ONCE, NextToken }),
      );
      for (const { AlarmName, StateValue } of page.MetricAlarms ?? []) {
        if (AlarmName !== undefined && StateValue !== undefined) states.set(AlarmName, StateValue);
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }
  return states;
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the function has no variable ${name}`);
  return value;
}
