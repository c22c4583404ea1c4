import { describe, expect, test } from 'vitest';
import { Firewall } from '../../lib/constructs/edge/firewall';
import { one, singleStack, templateOf, textOf } from './single-stack';

function firewall(requestsPer5Minutes = 2000) {
  const stack = singleStack();
  new Firewall(stack, 'Firewall', { environment: 'dev', requestsPer5Minutes, logDays: 30 });
  return templateOf(stack);
}

interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: unknown;
  readonly OverrideAction?: unknown;
  readonly Statement: { readonly [kind: string]: Readonly<Record<string, unknown>> };
}

const template = firewall();
const acl = one(template, 'AWS::WAFv2::WebACL');
const rules = acl.properties['Rules'] as Rule[];

test('it is of the kind that CloudFront takes', () => {
  expect(acl.properties['Scope']).toBe('CLOUDFRONT');
});

test('it lets through what no rule stops', () => {
  expect(acl.properties['DefaultAction']).toEqual({ Allow: {} });
});

describe('managed rules', () => {
  const managed = rules.filter(({ Statement }) => Statement['ManagedRuleGroupStatement'] !== undefined);

  test.each([
    'AWSManagedRulesAmazonIpReputationList',
    'AWSManagedRulesCommonRuleSet',
    'AWSManagedRulesKnownBadInputsRuleSet',
    'AWSManagedRulesSQLiRuleSet',
  ])('%s', (name) => {
    const statements = managed.map(({ Statement }) => Statement['ManagedRuleGroupStatement']);
    expect(statements).toContainEqual(expect.objectContaining({ VendorName: 'AWS', Name: name }));
  });

  test('count bodies above 8 KB, which are uploads, and nothing else', () => {
    const overridden = managed.flatMap(
      ({ Statement }) => Statement['ManagedRuleGroupStatement']?.RuleActionOverrides ?? [],
    );
    expect(overridden).toEqual([{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }]);
  });

  test('block, not only count', () => {
    for (const { OverrideAction } of managed) expect(OverrideAction).toEqual({ None: {} });
  });
});

test('one address is blocked, with the status for it, at the configured rate', () => {
  const [rule, ...more] = (one(firewall(1234), 'AWS::WAFv2::WebACL').properties['Rules'] as Rule[]).filter(
    ({ Statement }) => Statement['RateBasedStatement'] !== undefined,
  );
  expect(more).toEqual([]);
  expect(rule?.Statement['RateBasedStatement']).toEqual({
    Limit: 1234,
    AggregateKeyType: 'IP',
    EvaluationWindowSec: 300,
  });
  expect(rule?.Action).toEqual({ Block: { CustomResponse: { ResponseCode: 429 } } });
});

test('no two rules have the same place', () => {
  expect(new Set(rules.map(({ Priority }) => Priority)).size).toBe(rules.length);
});

describe('its log', () => {
  const log = one(template, 'AWS::Logs::LogGroup');
  const logging = one(template, 'AWS::WAFv2::LoggingConfiguration').properties;

  test('goes to a group with the prefix that WAF asks for, and ends', () => {
    expect(log.properties).toMatchObject({
      LogGroupName: expect.stringMatching(/^aws-waf-logs-/),
      RetentionInDays: 30,
    });
    expect(textOf(logging['LogDestinationConfigs'])).toContain(log.id);
    expect(textOf(logging['ResourceArn'])).toContain(acl.id);
  });

  test('holds no credentials of users', () => {
    expect(textOf(logging['RedactedFields'])).toMatch(/authorization.*cookie/);
  });
});
