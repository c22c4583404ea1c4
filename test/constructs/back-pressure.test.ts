import { describe, expect, test } from 'vitest';
import { synthesise } from '../cdk-context';
import { all, allowing, EMPTY, one, type Statement, textOf } from './single-stack';

const template = synthesise('staging', 5)['staging-async'] ?? EMPTY;

describe('back pressure', () => {
  const ages = Object.fromEntries(
    all(template, 'AWS::CloudWatch::Alarm')
      .filter(({ properties }) => String(properties['AlarmName']).includes('age-of-queue'))
      .map(({ properties }) => [properties['AlarmName'] as string, properties]),
  );
  const handler = one(template, 'AWS::Lambda::Function', 'Pressure').properties;

  test('measures every queue from two sides, by more than what a job itself may take', () => {
    expect(Object.keys(ages)).toHaveLength(6);
    for (const [name, jobSeconds] of [
      ['jobs', 300],
      ['mail', 30],
      ['media', 900],
    ] as const) {
      expect(ages[`staging-age-of-queue-${name}-shed`]).toMatchObject({
        MetricName: 'ApproximateAgeOfOldestMessage',
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 300 + jobSeconds,
        TreatMissingData: 'notBreaching',
      });
      // A queue at rest reports nothing and keeps up.
      expect(ages[`staging-age-of-queue-${name}-admit`]).toMatchObject({
        MetricName: 'ApproximateAgeOfOldestMessage',
        ComparisonOperator: 'LessThanOrEqualToThreshold',
        Threshold: 60 + jobSeconds,
        TreatMissingData: 'breaching',
      });
    }
  });

  test('is decided when one of these alarms changes, and of no other', () => {
    const { properties } = one(template, 'AWS::Events::Rule', 'PressureChanges');
    const [{ prefix }] = properties['EventPattern'].detail.alarmName as [{ prefix: string }];
    const named = all(template, 'AWS::CloudWatch::Alarm').map((alarm) => String(alarm.properties['AlarmName']));
    expect(named.filter((name) => name.startsWith(prefix)).sort()).toEqual(Object.keys(ages).sort());
    expect(textOf(properties['EventPattern']).length).toBeLessThan(2048);
  });

  test('is decided every five minutes besides', () => {
    const { properties } = one(template, 'AWS::Events::Rule', 'PressureAnyway');
    expect(properties['ScheduleExpression']).toBe('rate(5 minutes)');
    for (const id of ['PressureAnyway', 'PressureChanges']) {
      expect(textOf(one(template, 'AWS::Events::Rule', id).properties['Targets'])).toContain('PressureHandler');
    }
  });

  test('knows its parameter and the alarms of all queues', () => {
    const parameter = one(template, 'AWS::SSM::Parameter', 'PressureShed');
    expect(parameter.properties).toMatchObject({ Name: '/beamstalk/staging/pressure/shed', Value: 'off' });
    const { QUEUES, ...variables } = handler['Environment'].Variables as Record<string, unknown>;
    expect(variables).toMatchObject({
      ENVIRONMENT: 'staging',
      PRESSURE_PARAMETER: { Ref: parameter.id },
    });
    const names = new Map(
      all(template, 'AWS::CloudWatch::Alarm').map(({ id, properties }) => [id, properties['AlarmName']]),
    );
    const [, parts] = (QUEUES as { 'Fn::Join': [string, (string | { Ref: string })[]] })['Fn::Join'];
    const text = parts.map((part) => (typeof part === 'string' ? part : String(names.get(part.Ref)))).join('');
    expect(JSON.parse(text)).toEqual(
      ['jobs', 'mail', 'media'].map((name) => ({
        name,
        shedAlarm: `staging-age-of-queue-${name}-shed`,
        admitAlarm: `staging-age-of-queue-${name}-admit`,
      })),
    );
  });

  test('writes that parameter and no other, and changes no alarm', () => {
    const policy = one(template, 'AWS::IAM::Policy', 'PressureRole').properties;
    const statements = policy['PolicyDocument'].Statement as Statement[];
    expect(textOf(allowing(statements, 'ssm:PutParameter').map(({ Resource }) => Resource))).toContain('PressureShed');
    expect(statements.flatMap(({ Action }) => Action).filter((action) => /cloudwatch/.test(action))).toEqual([
      'cloudwatch:DescribeAlarms',
    ]);
  });

  test.each([
    ['app', 'TiersAppBoot', 'TiersApp'],
    ['web', 'TiersWebBoot', 'TiersWeb'],
  ])('rolls the %s fleet, whose nodes begin to listen, when phase 5 comes and not before', (_, __, id) => {
    const launch = (phase: 4 | 5, context: Readonly<Record<string, unknown>> = {}) =>
      textOf(one(synthesise('staging', phase, context)['staging-app'] ?? EMPTY, 'AWS::EC2::LaunchTemplate', id));
    const later = { 'pressure.retryAfterSeconds': 77 };
    expect(launch(5)).not.toBe(launch(4));
    expect(launch(4, later)).toBe(launch(4));
    expect(launch(5, later)).not.toBe(launch(5));
  });
});
