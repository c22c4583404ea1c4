import { describe, expect, test } from 'vitest';
import { synthesise } from '../cdk-context';
import { IN_EUROPE, WITH_DOMAIN } from '../variants';
import { all, EMPTY, type Found, one, textOf } from './single-stack';

type Context = Readonly<Record<string, string>>;

const ALARM = 'AWS::CloudWatch::Alarm';
const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';

const operations = (context: Context = {}, env = 'prod') => synthesise(env, 4, context)[`${env}-operations`] ?? EMPTY;

/** Everything that a user can say of alerts at once, in the region of CloudFront. A synthesis takes a second. */
const SAID = {
  ...WITH_DOMAIN,
  'alerts.emails': 'ops@example.com',
  'alerts.pagerDutySecret': 'arn:aws:secretsmanager:us-east-1:123456789012:secret:pagerduty-AbCdEf',
  'alerts.slackWorkspaceId': 'T0123ABCD',
  'alerts.slackChannelId': 'C0123ABCD',
  'alerts.latencyMs': '250',
  'alerts.errorPercent': '7',
  'database.storageGiB': '200',
} as const;
const SOCKETS = { ingress: 'sockets', 'web.enabled': 'false' } as const;

/** Names of alarms without the environment, sorted. */
const names = (found: readonly Found[]): string[] =>
  found.map(({ properties }) => String(properties['AlarmName']).replace(/^[a-z]+-/, '')).sort();

/** Logical ids of what a composite alarm is about. */
const members = ({ properties }: Found): string[] =>
  [...textOf(properties['AlarmRule']).matchAll(/"Fn::GetAtt":\["([^"]+)"/g)].map(([, id = '']) => id);

const template = operations();
const alarms = all(template, ALARM);
const composites = all(template, COMPOSITE);
const composite = (name: string): Found => {
  const found = composites.find(({ properties }) => properties['AlarmName'] === `prod-${name}`);
  if (found === undefined) throw new Error(`no composite alarm ${name}`);
  return found;
};
const topic = (prefix: string): string => one(template, 'AWS::SNS::Topic', `WatchingTopics${prefix}`).id;

describe('who is called', () => {
  test('every alarm is heard in exactly one place, and calls nobody by itself', () => {
    const heard = composites.flatMap(members);
    expect([...heard].sort()).toEqual(alarms.map(({ id }) => id).sort());
    for (const { properties } of alarms) expect(properties).not.toHaveProperty('AlarmActions');
  });

  test('symptoms page as one alarm, however many there are', () => {
    const unwell = composite('users-unwell');
    const about = alarms.filter(({ id }) => members(unwell).includes(id));
    expect(names(about)).toEqual(['edge-errors', 'front-errors', 'front-latency', 'front-no-nodes']);
    expect(unwell.properties).toMatchObject({
      AlarmActions: [{ Ref: topic('Page') }],
      OKActions: [{ Ref: topic('Page') }],
    });
    expect(unwell.properties).not.toHaveProperty('ActionsSuppressor');
  });

  test('causes are told, and not while users are unwell', () => {
    const causes = composites.filter(({ properties }) => String(properties['AlarmName']).endsWith('-causes'));
    expect(causes.length).toBeGreaterThan(5);
    for (const { properties } of causes) {
      expect(properties).toMatchObject({
        AlarmActions: [{ Ref: topic('Notify') }],
        ActionsSuppressor: { 'Fn::GetAtt': [composite('users-unwell').id, 'Arn'] },
      });
    }
  });

  test('what cannot wait pages even while users are unwell', () => {
    const { properties } = composite('database-urgent');
    expect(properties['AlarmActions']).toEqual([{ Ref: topic('Page') }]);
    expect(properties).not.toHaveProperty('ActionsSuppressor');
    const about = alarms.filter(({ id }) => members(composite('database-urgent')).includes(id));
    expect(names(about)).toEqual(['database-storage', 'database-transaction-ids']);
  });
});

describe('the topics', () => {
  test('are encrypted with a key that every service that publishes may use, lest alarms fall silent', () => {
    const key = one(template, 'AWS::KMS::Key', 'WatchingTopics');
    for (const { properties } of all(template, 'AWS::SNS::Topic')) {
      expect(properties['KmsMasterKeyId']).toEqual({ 'Fn::GetAtt': [key.id, 'Arn'] });
    }
    const text = textOf(key.properties['KeyPolicy']);
    for (const service of ['cloudwatch', 'budgets', 'events']) expect(text).toContain(`${service}.amazonaws.com`);
  });

  test('take nothing without TLS, and alarms of this account alone', () => {
    for (const { properties } of all(template, 'AWS::SNS::TopicPolicy')) {
      const text = textOf(properties['PolicyDocument']);
      expect(text).toContain('"aws:SecureTransport":"false"');
      expect(text).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
    }
  });

  test('call by e-mail from both, by PagerDuty where it pages, and the URL is in no template', () => {
    const called = operations(SAID);
    const subscriptions = all(called, 'AWS::SNS::Subscription').map(({ properties }) => properties);
    expect(subscriptions.filter(({ Protocol }) => Protocol === 'email')).toHaveLength(2);
    const [https, ...more] = subscriptions.filter(({ Protocol }) => Protocol === 'https');
    expect(more).toEqual([]);
    expect(https).toMatchObject({
      Endpoint: `{{resolve:secretsmanager:${SAID['alerts.pagerDutySecret']}:SecretString:::}}`,
      TopicArn: { Ref: topic('Page') },
    });
  });

  test('reach Slack from both, where nothing but metrics can be asked for', () => {
    const slack = operations(SAID);
    const { properties } = one(slack, 'AWS::Chatbot::SlackChannelConfiguration');
    expect(properties['SnsTopicArns']).toHaveLength(2);
    expect(textOf(properties['GuardrailPolicies'])).toContain('CloudWatchReadOnlyAccess');
    expect(all(template, 'AWS::Chatbot::SlackChannelConfiguration')).toEqual([]);
  });
});

describe('thresholds', () => {
  const alarm = (name: string, context: Context = {}, env = 'prod'): Found['properties'] => {
    const found = all(operations(context, env), ALARM).find(
      ({ properties }) => properties['AlarmName'] === `${env}-${name}`,
    );
    if (found === undefined) throw new Error(`no alarm ${name}`);
    return found.properties;
  };

  test('of what users feel are the configured ones, in the unit of the metric', () => {
    expect(alarm('front-latency', SAID)).toMatchObject({ Threshold: 0.25, ExtendedStatistic: 'p99' });
    expect(alarm('front-errors', SAID)['Threshold']).toBe(7);
    expect(alarm('edge-errors', SAID)['Threshold']).toBe(7);
  });

  test('of storage follow the size, and are never below two GiB', () => {
    const GIB = 1024 ** 3;
    expect(alarm('database-storage', SAID)['Threshold']).toBe(10 * GIB);
    expect(alarm('database-storage', {}, 'dev')['Threshold']).toBe(2 * GIB);
  });

  test('silence is bad news from nodes and replicas, and none from an empty load balancer', () => {
    expect(alarm('front-no-nodes')['TreatMissingData']).toBe('breaching');
    expect(alarm('replica-1-lag')['TreatMissingData']).toBe('breaching');
    expect(alarm('front-errors')['TreatMissingData']).toBe('notBreaching');
  });

  test('are bands where a figure would lie', () => {
    for (const name of ['front-traffic', 'app-network-out', 'database-connections']) {
      expect(textOf(alarm(name))).toContain('ANOMALY_DETECTION_BAND');
    }
  });
});

describe('what is not there is not watched', () => {
  const alarmsOf = (context: Context, env = 'prod') => names(all(operations(context, env), ALARM));

  test('without a web tier, no alarm on it and none on a second load balancer', () => {
    expect(alarmsOf({}).filter((name) => /^(web|inner-front)-/.test(name))).not.toEqual([]);
    expect(alarmsOf(SOCKETS).filter((name) => /^(web|inner-front)-/.test(name))).toEqual([]);
  });

  test('with sockets there are no answers to count, but resets', () => {
    const found = alarmsOf(SOCKETS).filter((name) => name.startsWith('front-'));
    expect(found).toEqual(['front-balancer-resets', 'front-no-nodes', 'front-resets', 'front-traffic']);
  });

  test('certificates come with a domain', () => {
    expect(alarmsOf({}).filter((name) => name.includes('certificate'))).toEqual([]);
    expect(alarmsOf(SAID).filter((name) => name.includes('certificate'))).toEqual([
      'certificate-expiry',
      'edge-certificate-expiry',
    ]);
  });

  test('gateways, replicas and burstable types as there are', () => {
    expect(alarmsOf({}).filter((name) => /^(egress|replica)-\d?.*(ports|lag)$/.test(name))).toEqual([
      'egress-ports',
      'replica-1-lag',
      'replica-2-lag',
    ]);
    expect(alarmsOf({}).filter((name) => name.endsWith('-credits'))).toEqual([]);
    const small = alarmsOf({}, 'dev');
    expect(small.filter((name) => name.startsWith('egress-'))).toEqual([]);
    expect(small).toEqual(expect.arrayContaining(['app-credits', 'web-credits', 'database-credits']));
  });
});

describe('in another region than CloudFront', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:pagerduty-AbCdEf';
  const stacks = synthesise('prod', 4, { ...WITH_DOMAIN, ...IN_EUROPE, 'alerts.pagerDutySecret': secret });
  const there = stacks['prod-operations-global'] ?? EMPTY;

  test('its alarms stand where it reports, and call from there', () => {
    expect(names(all(there, ALARM))).toEqual(['edge-certificate-expiry', 'edge-errors']);
    expect(names(all(stacks['prod-operations'] ?? EMPTY, ALARM)).filter((name) => name.startsWith('edge'))).toEqual([]);
    expect(names(all(there, COMPOSITE))).toContain('users-unwell');
  });

  test('the secret is read from its replica there: CloudFormation reads those of its own region', () => {
    expect(one(there, 'AWS::SNS::Subscription').properties['Endpoint']).toContain(':us-east-1:123456789012:');
  });

  test('there is no such stack where the environment is there itself', () => {
    expect(Object.keys(synthesise('prod', 4))).not.toContain('prod-operations-global');
  });
});

describe('dashboards', () => {
  const bodies = all(template, 'AWS::CloudWatch::Dashboard').map(({ properties }) => ({
    name: properties['DashboardName'] as string,
    body: textOf(properties['DashboardBody']),
  }));

  test('there is one for each tier', () => {
    expect(bodies.map(({ name }) => name).sort()).toEqual(['prod-app', 'prod-data', 'prod-users']);
  });

  test('the first row of each answers whether users are well', () => {
    for (const { body } of bodies) {
      const first = body.slice(0, body.indexOf('Alarms of') > 0 ? body.indexOf('Alarms of') : 2000);
      expect(first).toContain('Are users well?');
      expect(first).toContain(composite('users-unwell').id);
    }
  });
});
