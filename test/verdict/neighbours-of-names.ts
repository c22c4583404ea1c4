import { instead, named } from './hazards-of-names';
import type { SafeChange } from './safe-change';

const TOPIC = 'AWS::SNS::Topic';
const GROUP = 'AWS::EC2::SecurityGroup';
const RECORD = { Name: 'go.example.com', Type: 'A', HostedZoneId: 'Z1', TTL: '60', ResourceRecords: ['192.0.2.1'] };

/** Names that nobody else has when a resource is made under them. */
export const NEIGHBOURS_OF_NAMES: readonly SafeChange[] = [
  {
    name: 'name: a topic under another logical id and another name',
    base: named('data', 'Thing', TOPIC, { TopicName: 'alerts' }),
    plant: instead('data', 'data', 'Other', TOPIC, { TopicName: 'warnings' }),
    change: ['Other', 'adds'],
  },
  {
    name: 'name: a topic that CloudFormation names',
    base: named('data', 'Thing', TOPIC, { DisplayName: 'a' }),
    plant: instead('data', 'data', 'Other', TOPIC, { DisplayName: 'a' }),
    change: ['Other', 'adds'],
  },
  {
    name: 'name: into a stack that is deployed after the old one is gone',
    base: named('data', 'Thing', TOPIC, { TopicName: 'alerts' }),
    plant: instead('data', 'app', 'Other', TOPIC, { TopicName: 'alerts' }),
    change: ['Other', 'adds'],
  },
  {
    name: 'name: of a group in another network',
    base: named('app', 'Thing', GROUP, { GroupName: 'web', GroupDescription: 'a', VpcId: 'vpc-1' }),
    plant: instead('app', 'app', 'Other', GROUP, { GroupName: 'web', GroupDescription: 'a', VpcId: 'vpc-2' }),
    change: ['Other', 'adds'],
  },
  {
    name: 'name: an address of the other kind beside the first',
    base: named('data', 'Thing', 'AWS::Route53::RecordSet', RECORD),
    plant: named('data', 'Other', 'AWS::Route53::RecordSet', {
      ...RECORD,
      Type: 'AAAA',
      ResourceRecords: ['2001:db8::1'],
    }),
    change: ['Other', 'adds'],
  },
  {
    name: 'name: an alias of another function',
    base: (both) => {
      named('app', 'One', 'AWS::Lambda::Function', {})(both);
      named('app', 'OneLive', 'AWS::Lambda::Alias', { Name: 'live', FunctionName: { Ref: 'One' } })(both);
    },
    plant: (after) => {
      named('app', 'Two', 'AWS::Lambda::Function', {})(after);
      named('app', 'TwoLive', 'AWS::Lambda::Alias', { Name: 'live', FunctionName: { Ref: 'Two' } })(after);
    },
    change: ['TwoLive', 'adds'],
  },
  {
    name: 'name: another version of a component of images',
    base: named('app', 'Thing', 'AWS::ImageBuilder::Component', { Name: 'a', Version: '1.0.0', Platform: 'Linux' }),
    plant: (after) => after.set('app', 'Thing', { Version: '1.0.1' }),
    change: ['Thing', 'replaces'],
  },
];
