import { describe, expect, test } from 'vitest';
import { problem, read } from './configuration-folder';

describe('alerts and operations', () => {
  test.each([
    ['alerts.slackChannelId', { 'alerts.slackWorkspaceId': 'T0123ABCD' }, 'the id of the channel'],
    ['alerts.slackWorkspaceId', { 'alerts.slackChannelId': 'C0123ABCD' }, 'the id of the workspace'],
    ['operations.organizationId', { 'operations.trail': 'organization' }, 'the id of the organization'],
    [
      'operations.copyRegion',
      { 'operations.copyRegion': 'us-east-1' },
      'a region other than region, which is us-east-1',
    ],
    ['operations.copyRegion', { 'operations.copyRegion': 'eu-wst-1' }, 'a region of AWS (did you mean eu-west-1?);'],
    [
      'operations.copyRegion',
      { 'operations.copyRegion': 'cn-north-1' },
      'a region of the partition aws, which holds region us-east-1; cn-north-1 is of aws-cn;',
    ],
    [
      'operations.goldenImages',
      { phase: '4', 'node.image': 'debian-13', 'delivery.mode': 'blue-green' },
      'none, because node.image is debian-13',
    ],
    [
      'operations.goldenImages',
      { phase: '4', 'network.egress': 'none', 'delivery.mode': 'blue-green' },
      'none, because network.egress is none',
    ],
    [
      'operations.playbook',
      {
        phase: '4',
        'network.egress': 'none',
        'delivery.mode': 'blue-green',
        'operations.goldenImages': 'none',
        'operations.playbook': 's3://books.example/site.zip',
      },
      'none, because network.egress is none',
    ],
  ])('%s is refused with what is allowed instead', (key, context, allowed) => {
    const line = problem(context);
    expect(line).toMatch(new RegExp(`^ {2}${key}: `));
    expect(line).toContain(`allowed: ${allowed}`);
  });

  test('what matters from phase 4 on stands in nobody’s way before', () => {
    expect(read({}, { phase: '3', 'network.egress': 'none', 'node.image': 'debian-13' }).phase).toBe(3);
  });
});
