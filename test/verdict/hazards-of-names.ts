import type { Hazard } from './hazard';
import type { Planted } from './planted';

const RULE = 'name-taken';

type Part = 'data' | 'app';

/** A resource that goes with its template: what it holds is nothing. */
export const named =
  (part: Part, id: string, Type: string, Properties: object, rest: object = {}) =>
  (planted: Planted): void =>
    planted.add(part, id, { Type, Properties, ...rest });

/** A resource that goes, and another one that comes. */
export const instead =
  (from: Part, part: Part, id: string, Type: string, Properties: object) =>
  (after: Planted): void => {
    after.remove(from, 'Thing');
    named(part, id, Type, Properties)(after);
  };

const TOPIC = 'AWS::SNS::Topic';
const RECORD = { Name: 'go.example.com', Type: 'A', HostedZoneId: 'Z1', TTL: '60', ResourceRecords: ['192.0.2.1'] };

/** Physical names that something else still has when a resource is made under them. */
export const NAMES: readonly Hazard[] = [
  {
    name: 'name: a topic under another logical id',
    given: named('data', 'Thing', TOPIC, { TopicName: 'alerts' }),
    plant: instead('data', 'data', 'Other', TOPIC, { TopicName: 'alerts' }),
    rule: RULE,
  },
  {
    name: 'name: a topic that is kept when it goes',
    given: named('data', 'Thing', TOPIC, { TopicName: 'alerts' }, { DeletionPolicy: 'Retain' }),
    plant: instead('data', 'app', 'Other', TOPIC, { TopicName: 'alerts' }),
    rule: RULE,
  },
  {
    name: 'name: a role beside another one',
    given: named('app', 'Thing', 'AWS::IAM::Role', { RoleName: 'reader' }),
    plant: named('app', 'Other', 'AWS::IAM::Role', { RoleName: 'reader', Path: '/x/' }),
    rule: RULE,
  },
  {
    name: 'name: the same one, put together in another way',
    given: named('data', 'Thing', TOPIC, { TopicName: { 'Fn::Sub': 'alerts-${AWS::Region}' } }),
    plant: instead('data', 'data', 'Other', TOPIC, {
      TopicName: { 'Fn::Join': ['-', ['alerts', { Ref: 'AWS::Region' }]] },
    }),
    rule: RULE,
  },
  {
    name: 'name: into a stack that is deployed before',
    given: named('app', 'Thing', TOPIC, { TopicName: 'alerts' }),
    plant: instead('app', 'data', 'Other', TOPIC, { TopicName: 'alerts' }),
    rule: RULE,
  },
  {
    name: 'name: a DNS record under another logical id',
    given: named('data', 'Thing', 'AWS::Route53::RecordSet', RECORD),
    plant: instead('data', 'data', 'Other', 'AWS::Route53::RecordSet', { ...RECORD, TTL: '30' }),
    rule: RULE,
  },
  {
    name: 'name: a CNAME beside an address',
    given: named('data', 'Thing', 'AWS::Route53::RecordSet', RECORD),
    plant: instead('data', 'data', 'Other', 'AWS::Route53::RecordSet', {
      ...RECORD,
      Type: 'CNAME',
      ResourceRecords: ['example.org'],
    }),
    rule: RULE,
  },
  {
    name: 'name: two that change their names with each other',
    given: (both) => {
      named('data', 'Thing', TOPIC, { TopicName: 'a' })(both);
      named('data', 'Other', TOPIC, { TopicName: 'b' })(both);
    },
    plant: (after) => {
      after.set('data', 'Thing', { TopicName: 'b' });
      after.set('data', 'Other', { TopicName: 'a' });
    },
    rule: RULE,
    change: ['Thing', 'replaces'],
  },
  {
    name: 'name: two that are new',
    plant: (after) => {
      named('data', 'One', TOPIC, { TopicName: 'alerts' })(after);
      named('app', 'Two', TOPIC, { TopicName: 'alerts' })(after);
    },
    rule: RULE,
  },
  {
    name: 'name: of one that is replaced, put together of what stays',
    given: named('data', 'Thing', TOPIC, { TopicName: { 'Fn::Sub': 'alerts-${AWS::Region}.fifo' } }),
    plant: (after) => after.set('data', 'Thing', { FifoTopic: true }),
    rule: RULE,
    change: ['Thing', 'replaces'],
  },
];
