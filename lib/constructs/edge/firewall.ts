import { RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

export interface FirewallProps {
  readonly environment: string;
  /** Requests from one address in five minutes before it is blocked. */
  readonly requestsPer5Minutes: number;
  readonly logDays: number;
}

/** Rule groups that AWS keeps up to date, in the order in which they are asked. */
const MANAGED_RULES = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesSQLiRuleSet',
] as const;

/** The firewall before CloudFront. Firewalls of CloudFront live in us-east-1, and so must the stack of this. */
export class Firewall extends Construct {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, { environment, requestsPer5Minutes, logDays }: FirewallProps) {
    super(scope, id);
    const visible = (metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
      metricName,
    });
    const rateLimit: wafv2.CfnWebACL.RuleProperty = {
      name: 'RateLimit',
      priority: 0,
      action: { block: { customResponse: { responseCode: 429 } } },
      statement: {
        rateBasedStatement: { limit: requestsPer5Minutes, aggregateKeyType: 'IP', evaluationWindowSec: 300 },
      },
      visibilityConfig: visible('RateLimit'),
    };
    const managed = MANAGED_RULES.map(
      (name, index): wafv2.CfnWebACL.RuleProperty => ({
        name,
        priority: index + 1,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides: counted(name) } },
        visibilityConfig: visible(name),
      }),
    );
    const webAcl = new wafv2.CfnWebACL(this, 'WebAcl', {
      // Only a new name or scope replaces it, so a fixed name stands in no replacement's way.
      name: `${environment}-edge`,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      rules: [rateLimit, ...managed],
      visibilityConfig: visible('Edge'),
    });
    this.webAclArn = webAcl.attrArn;

    const log = new logs.LogGroup(this, 'Log', {
      // WAF only writes to log groups of this prefix.
      logGroupName: `aws-waf-logs-${environment}-edge`,
      retention: logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new wafv2.CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: webAcl.attrArn,
      logDestinationConfigs: [log.logGroupArn],
      redactedFields: [{ singleHeader: { Name: 'authorization' } }, { singleHeader: { Name: 'cookie' } }],
      // Blocked requests tell what the firewall does; the rest is in CloudFront's own log.
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
        ],
      },
    });
  }
}

/** Bodies above 8 KB are uploads, not attacks: they are counted, and the system itself says how large is too large. */
function counted(group: (typeof MANAGED_RULES)[number]): wafv2.CfnWebACL.RuleActionOverrideProperty[] | undefined {
  return group === 'AWSManagedRulesCommonRuleSet'
    ? [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }]
    : undefined;
}
