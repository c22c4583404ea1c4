import { randomUUID } from 'node:crypto';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startMinistack } from '../../test/gate-deployment/ministack';
import { BundledFunction } from '../../test/peers/bundled-function';
import { type FaultyPeer, withFaults } from '../../test/peers/faults';
import { Children } from '../../test/rehearsal/children';
import { CREDENTIALS } from '../../test/rehearsal/surroundings';
import type { AlarmState } from './decision';
import type { QueueAlarms } from './handler';

// The function as bundled, with alarms and the parameter in an engine that speaks the protocols of CloudWatch and SSM.

const children = new Children();
let cloudWatch: CloudWatchClient;
let ssm: SSMClient;
let engine: FaultyPeer;
let parameter: string;
let queues: QueueAlarms[];
let pressure: BundledFunction;

beforeAll(async () => {
  const endpoint = await startMinistack(children);
  const peer = { endpoint, region: 'us-east-1', credentials: CREDENTIALS, stop: () => children.stopAll() };
  engine = await withFaults(peer);
  cloudWatch = new CloudWatchClient(peer);
  ssm = new SSMClient(peer);
});

afterAll(async () => {
  await engine.stop();
  await children.stopAll();
});

beforeEach(async () => {
  const test = randomUUID();
  parameter = `/beamstalk/${test}/pressure/shed`;
  queues = ['jobs', 'mail'].map((name) => ({
    name,
    shedAlarm: `${test}-${name}-shed`,
    admitAlarm: `${test}-${name}-admit`,
  }));
  pressure = newFunction(queues);
  await create(queues);
  await ssm.send(new PutParameterCommand({ Name: parameter, Value: 'off', Type: 'String' }));
});

afterEach(async () => {
  await pressure.end();
  engine.fail('', '', 0);
});

test('a day: calm, a queue falls behind, it recovers to between the marks, then all are well', async () => {
  expect(await pressureAfter('jobs between', 'mail below')).toBe('off');
  expect(await pressureAfter('jobs above', 'mail below')).toBe('on');
  expect(await pressureAfter('jobs between', 'mail below')).toBe('on');
  expect(await pressureAfter('jobs below', 'mail between')).toBe('on');
  expect(await pressureAfter('jobs below', 'mail below')).toBe('off');
  expect(await pressureAfter('jobs between', 'mail between')).toBe('off');
  expect(metrics().map(({ LoadShedding }) => LoadShedding)).toEqual([0, 1, 1, 1, 0, 0]);
});

test('the parameter is written only when it changes', async () => {
  await pressureAfter('jobs above', 'mail below');
  await pressureAfter('jobs above', 'mail above');
  await pressureAfter('jobs above', 'mail below');
  const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name: parameter }));
  expect(Parameters.map(({ Value }) => Value)).toEqual(['off', 'on']);
});

test('the metric is a line of its own that CloudWatch reads', async () => {
  await pressureAfter('jobs above', 'mail below');
  expect(metrics()).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Beamstalk',
            Dimensions: [['Environment']],
            Metrics: [{ Name: 'LoadShedding', Unit: 'Count' }],
          },
        ],
      },
      Environment: 'test',
      LoadShedding: 1,
    },
  ]);
});

test('the log says which queues it is because of', async () => {
  await pressureAfter('jobs below', 'mail above');
  expect(pressure.log).toContainEqual(
    expect.objectContaining({ level: 'WARN', message: 'low-priority work is turned away', because: ['mail'] }),
  );
});

test('a parameter that is not there is made', async () => {
  parameter = `/beamstalk/${randomUUID()}/pressure/shed`;
  await pressure.end();
  pressure = newFunction(queues);
  await expect(ssm.send(new GetParameterCommand({ Name: parameter }))).rejects.toBeInstanceOf(ParameterNotFound);
  expect(await pressureAfter('jobs below', 'mail below')).toBe('off');
});

test('an alarm that is gone does not end the shedding, and is named in the log', async () => {
  await pressureAfter('jobs above', 'mail below');
  await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [alarms('mail').admitAlarm] }));
  expect(await pressureAfter('jobs below')).toBe('on');
  expect(pressure.log).toContainEqual(
    expect.objectContaining({ level: 'WARN', alarms: [alarms('mail').admitAlarm], environment: 'test' }),
  );
});

test('alarms of more than one call and page are all read', async () => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    name: `q${index}`,
    shedAlarm: `${parameter}-${index}-shed`,
    admitAlarm: `${parameter}-${index}-admit`,
  }));
  await create(many);
  await pressure.end();
  pressure = newFunction(many);
  await cloudWatch.send(state(many[59]?.shedAlarm ?? '', 'ALARM'));
  expect(await invoked()).toBe('on');
  for (const { shedAlarm, admitAlarm } of many) {
    await cloudWatch.send(state(shedAlarm, 'OK'));
    if (shedAlarm !== many[30]?.shedAlarm) await cloudWatch.send(state(admitAlarm, 'ALARM'));
  }
  expect(await invoked()).toBe('on');
  await cloudWatch.send(state(many[30]?.admitAlarm ?? '', 'ALARM'));
  expect(await invoked()).toBe('off');
});

describe('when AWS throttles', () => {
  test('for a moment, it decides all the same', async () => {
    engine.fail('PutParameter', 'ThrottlingException', 2);
    expect(await pressureAfter('jobs above', 'mail below')).toBe('on');
  });

  test('for long, it fails without a metric that would say what the nodes are not told', async () => {
    engine.fail('PutParameter', 'ThrottlingException', Number.POSITIVE_INFINITY);
    await expect(pressureAfter('jobs above', 'mail below')).rejects.toThrow('injected');
    expect(metrics()).toEqual([]);
    engine.fail('', '', 0);
    expect(await invoked()).toBe('on');
  });
});

function newFunction(of: readonly QueueAlarms[]): BundledFunction {
  return new BundledFunction('back-pressure', {
    services: { CLOUDWATCH: engine, SSM: engine },
    milliseconds: 30_000,
    environment: { ENVIRONMENT: 'test', PRESSURE_PARAMETER: parameter, QUEUES: JSON.stringify(of) },
  });
}

async function create(of: readonly QueueAlarms[]): Promise<void> {
  for (const AlarmName of of.flatMap(({ shedAlarm, admitAlarm }) => [shedAlarm, admitAlarm])) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateAgeOfOldestMessage',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 600,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
  }
}

/** What the parameter says after the queues have come to be above, between or below their marks. */
async function pressureAfter(
  ...ages: readonly `${'jobs' | 'mail'} ${'above' | 'between' | 'below'}`[]
): Promise<string> {
  for (const age of ages) {
    const [name = '', where] = age.split(' ');
    await cloudWatch.send(state(alarms(name).shedAlarm, where === 'above' ? 'ALARM' : 'OK'));
    await cloudWatch.send(state(alarms(name).admitAlarm, where === 'below' ? 'ALARM' : 'OK'));
  }
  return invoked();
}

async function invoked(): Promise<string> {
  await pressure.invoke({ 'detail-type': 'CloudWatch Alarm State Change' });
  return (await ssm.send(new GetParameterCommand({ Name: parameter }))).Parameter?.Value ?? '';
}

function state(AlarmName: string, StateValue: AlarmState): SetAlarmStateCommand {
  return new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'the test says so' });
}

function alarms(name: string): QueueAlarms {
  const found = queues.find((queue) => queue.name === name);
  if (found === undefined) throw new Error(`no queue ${name}`);
  return found;
}

function metrics(): Readonly<Record<string, unknown>>[] {
  return pressure.log.filter((line) => '_aws' in line);
}
