import { describe, expect, test } from 'vitest';
import type { ReadModelPlan, TablePlan } from '../../lib/architecture/extreme';
import { MOST_READ_MODELS } from '../../lib/config/sharding-checks';
import { DataTables } from '../../lib/constructs/tables/data-tables';
import { ReadModelFeed } from '../../lib/constructs/tables/read-model-feed';
import { synthesise } from '../cdk-context';
import {
  all,
  allowing,
  appFleet,
  EMPTY,
  network,
  one,
  permissions,
  singleStack,
  templateOf,
  textOf,
} from './single-stack';

const EVENTS: TablePlan = {
  name: 'events',
  partitionKey: { name: 'user_id', type: 'S' },
  sortKey: { name: 'at', type: 'N' },
  ttlAttribute: 'gone_at',
};
const BY_KIND: ReadModelPlan = { name: 'events-by-kind', from: 'events', partitionKey: { name: 'kind', type: 'S' } };

function tables(access: 'read' | 'read and write' = 'read and write', exported = false) {
  const stack = singleStack();
  const made = new DataTables(stack, 'Tables', {
    environment: 'dev',
    plans: [EVENTS, { name: 'plain', partitionKey: { name: 'id', type: 'B' } }],
    streamed: new Set(['events']),
    exported,
    access,
  });
  made.letUse(appFleet(stack, network(stack)).role);
  return templateOf(stack);
}

describe('tables', () => {
  const template = tables();
  const events = one(template, 'AWS::DynamoDB::GlobalTable', 'Tablesevents');
  const plain = one(template, 'AWS::DynamoDB::GlobalTable', 'Tablesplain');

  test('have the keys and the expiry that the configuration says', () => {
    expect(events.properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'user_id', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'user_id', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'N' },
      ],
      TimeToLiveSpecification: { AttributeName: 'gone_at', Enabled: true },
    });
    expect(plain.properties['AttributeDefinitions']).toEqual([{ AttributeName: 'id', AttributeType: 'B' }]);
    expect(plain.properties).not.toHaveProperty('TimeToLiveSpecification');
  });

  test('are recoverable, protected and kept', () => {
    for (const { properties, resource } of [events, plain]) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            ContributorInsightsSpecification: { Enabled: true },
          },
        ],
      });
      expect(properties).not.toHaveProperty('TableName');
    }
  });

  test('show their changes where something follows them, before and after', () => {
    expect(events.properties['StreamSpecification']).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(plain.properties).not.toHaveProperty('StreamSpecification');
  });

  test('are found by name', () => {
    const published = all(template, 'AWS::SSM::Parameter').map(({ properties }) => [
      properties['Name'],
      properties['Value'],
    ]);
    expect(Object.fromEntries(published)).toEqual({
      '/beamstalk/dev/tables/events': { Ref: events.id },
      '/beamstalk/dev/tables/plain': { Ref: plain.id },
    });
  });

  test('are written by nodes, and not administered', () => {
    const [statement] = allowing(permissions(template), 'dynamodb:PutItem');
    expect(textOf(statement?.Resource)).toContain(events.id);
    expect(textOf(permissions(template))).not.toMatch(/dynamodb:(\*|DeleteTable|UpdateTable|UpdateContinuousBackups)/);
  });

  test('that are made from others are read by nodes, and not written', () => {
    const statements = permissions(tables('read'));
    expect(allowing(statements, 'dynamodb:Query')).toHaveLength(1);
    expect(textOf(statements)).not.toMatch(/dynamodb:(Put|Update|Delete|BatchWrite)/);
  });

  test('are taken over by integrations of this account alone, and only with a warehouse', () => {
    const policyOf = (exported: boolean): unknown =>
      one(tables('read and write', exported), 'AWS::DynamoDB::GlobalTable', 'Tablesevents').properties['Replicas'][0]
        .ResourcePolicy;
    expect(policyOf(false)).toBeUndefined();
    expect(policyOf(true)).toMatchObject({
      PolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'redshift.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ArnLike: expect.anything() },
          },
        ],
      },
    });
  });
});

describe('the feed of read models', () => {
  const stack = singleStack();
  const common = { environment: 'dev', exported: false };
  const source = new DataTables(stack, 'Tables', {
    ...common,
    plans: [EVENTS],
    streamed: new Set(['events']),
    access: 'read and write',
  });
  const models = new DataTables(stack, 'ReadModels', {
    ...common,
    plans: [BY_KIND],
    streamed: new Set(),
    access: 'read',
  });
  const [table, model] = [source.tables.get('events'), models.tables.get('events-by-kind')];
  if (table === undefined || model === undefined) throw new Error('both tables are there');
  new ReadModelFeed(stack, 'Feed', {
    source: { plan: EVENTS, table },
    models: [{ plan: BY_KIND, table: model }],
    logDays: 14,
  });
  const template = templateOf(stack);
  const handler = one(template, 'AWS::Lambda::Function', 'Feed');
  const mapping = one(template, 'AWS::Lambda::EventSourceMapping');
  const queue = one(template, 'AWS::SQS::Queue');

  test('begins with the oldest change, and holds nothing back for one that is bad', () => {
    expect(mapping.properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queue.id, 'Arn'] } } },
    });
  });

  test('tries a change again until it is too old, as long as that is before the stream forgets', () => {
    expect(mapping.properties['MaximumRetryAttempts']).toBe(-1);
    // A stream keeps a change for a day.
    expect(mapping.properties['MaximumRecordAgeInSeconds']).toBeGreaterThanOrEqual(3600);
    expect(mapping.properties['MaximumRecordAgeInSeconds']).toBeLessThan(86_400);
  });

  test('may tell the failure queue what it gives up', () => {
    expect(handler.properties['Environment'].Variables.FAILURES).toEqual({ Ref: queue.id });
    const [statement] = allowing(permissions(template), 'sqs:SendMessage');
    expect(statement?.Resource).toEqual({ 'Fn::GetAtt': [queue.id, 'Arn'] });
  });

  test('knows its models by their keys, and the table that they follow', () => {
    const [, parts] = handler.properties['Environment'].Variables.FEED['Fn::Join'] as [string, unknown[]];
    const text = parts.map((piece) => (typeof piece === 'string' ? piece : `the ${textOf(piece)}`)).join('');
    expect(JSON.parse(text.replaceAll(/the \{"Ref":"([A-Za-z]+)\w*"\}/g, '$1'))).toEqual({
      source: expect.stringMatching(/^Tablesevents/),
      models: [{ table: expect.stringMatching(/^ReadModelseventsbykind/), partitionKey: 'kind:S' }],
    });
  });

  test('writes the models, and only reads the source', () => {
    const statements = permissions(template);
    const writes = allowing(statements, 'dynamodb:PutItem');
    expect(writes).toHaveLength(1);
    expect(textOf(writes[0]?.Resource)).toContain('ReadModels');
    expect(textOf(writes[0]?.Resource)).not.toContain('Tablesevents');
    expect(allowing(statements, 'dynamodb:GetRecords')).toHaveLength(1);
    const reads = allowing(statements, 'dynamodb:GetItem');
    expect(reads).toHaveLength(1);
    expect(textOf(reads[0]?.Resource)).toContain('Tablesevents');
    expect(textOf(statements)).not.toMatch(/dynamodb:(Update|Delete|BatchWrite)/);
  });

  test('says when a model is behind, and when a change was given up', () => {
    const alarms = all(template, 'AWS::CloudWatch::Alarm');
    expect(alarms.map(({ properties }) => properties['MetricName']).sort()).toEqual([
      'ApproximateNumberOfMessagesVisible',
      'IteratorAge',
    ]);
    for (const { properties } of alarms) expect(properties['TreatMissingData']).toBe('notBreaching');
  });

  test('keeps where the changes are that it gave up, and its log for as long as others', () => {
    expect(queue.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(queue.properties['SqsManagedSseEnabled']).toBe(true);
    expect(one(template, 'AWS::Logs::LogGroup').properties['RetentionInDays']).toBe(14);
  });
});

test('one function feeds all models of a table: its stream has two readers at most', () => {
  const template = synthesise('staging', 6, {
    'data.readModels.events-by-day.from': 'events',
    'data.readModels.events-by-day.partitionKey': 'day:S',
    'data.readModels.events-by-day.sortKey': 'id:S',
  })['staging-tables'];
  if (template === undefined) throw new Error('there is a stack for tables');
  expect(all(template, 'AWS::Lambda::EventSourceMapping')).toHaveLength(1);
  expect(all(template, 'AWS::DynamoDB::GlobalTable')).toHaveLength(3);
});

test('fed from another table, a read model is another table: the rows of the first would stay', () => {
  const idsOf = (from: string): string[] => {
    const template = synthesise('staging', 6, {
      'data.tables.visits.partitionKey': 'visitor:S',
      'data.readModels.events-by-kind.from': from,
      // Both are followed before and after, so that nothing else says that one no longer is.
      'data.readModels.events-by-day.from': 'events',
      'data.readModels.events-by-day.partitionKey': 'day:S',
      'data.readModels.visits-by-day.from': 'visits',
      'data.readModels.visits-by-day.partitionKey': 'day:S',
    })['staging-tables'];
    return all(template ?? EMPTY, 'AWS::DynamoDB::GlobalTable').map(({ id }) => id);
  };
  const [before, after] = [idsOf('events'), idsOf('visits')];
  expect(after).toHaveLength(before.length);
  const changed = before.filter((id) => !after.includes(id));
  expect(changed).toEqual([expect.stringMatching(/^ReadModelseventsbykind/)]);
});

test('a read model forgets the marks of rows that items have left', () => {
  const template = synthesise('staging', 6)['staging-tables'] ?? { Resources: {} };
  const model = one(template, 'AWS::DynamoDB::GlobalTable', 'ReadModels');
  expect(model.properties['TimeToLiveSpecification']).toEqual({ AttributeName: 'beamstalk_expires', Enabled: true });
});

test('as many read models of a table as there may be fit in the environment of their feed', () => {
  const attribute = (index: number): string => `${String(index).padStart(2, '0').padStart(63, 'a')}:S`;
  const table = 't'.repeat(30);
  const template = synthesise('staging', 6, {
    [`data.tables.${table}.partitionKey`]: 'id:S',
    ...Object.fromEntries(
      Array.from({ length: MOST_READ_MODELS }, (_, index) => [
        [`data.readModels.${'m'.repeat(28)}${index + 10}.from`, table],
        [`data.readModels.${'m'.repeat(28)}${index + 10}.partitionKey`, attribute(index)],
        [`data.readModels.${'m'.repeat(28)}${index + 10}.sortKey`, attribute(index + 50)],
      ]).flat(),
    ),
  })['staging-tables'];
  const feed = one(template ?? { Resources: {} }, 'AWS::Lambda::Function', 'Feedttt');
  const [, parts] = feed.properties['Environment'].Variables.FEED['Fn::Join'] as [string, (string | { Ref: string })[]];
  // CloudFormation names a table `<stack>-<logical id>-<12 or 13 characters>`; an environment has at most 20 characters.
  const text = parts.map((part) =>
    typeof part === 'string' ? part : `${'e'.repeat(20)}-tables-${part.Ref}-${'X'.repeat(13)}`,
  );
  // A queue's name has at most 80 characters.
  const queue = `https://sqs.ap-southeast-1.amazonaws.com/${'1'.repeat(12)}/${'q'.repeat(80)}`;
  expect(Buffer.byteLength(`FEED${text.join('')}FAILURES${queue}`)).toBeLessThanOrEqual(4096);
  expect(Object.keys(feed.properties['Environment'].Variables).sort()).toEqual(['FAILURES', 'FEED']);
  expect(feed.properties['Description'].length).toBeLessThanOrEqual(256);
});
