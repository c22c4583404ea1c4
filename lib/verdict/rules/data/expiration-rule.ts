import { counted } from '../../../template/counted';
import { rendered } from '../../../template/render-value';
import type { TemplateResource } from '../../../template/template';
import { numberOf, property } from '../../../template/values';
import type { Finding } from '../../finding';
import { type Expiry, includes } from './expiration';
import { lifecycleExpiries } from './s3-lifecycle';

const DAY = 86_400;

/** Retention of messages and records: they are there to be read, so that one always stands. */
const RETENTIONS: Readonly<Record<string, readonly [name: string, standard: number, days: number, what: string]>> = {
  'AWS::SQS::Queue': ['MessageRetentionPeriod', 4 * DAY, 1 / DAY, 'messages'],
  'AWS::Kinesis::Stream': ['RetentionPeriodHours', 24, 1 / 24, 'records'],
};

/** Everything that a resource deletes by itself. */
function expiriesOf(resource: TemplateResource): Expiry[] {
  const retention = RETENTIONS[resource.Type];
  if (retention !== undefined) {
    const [name, standard, days, what] = retention;
    return [{ what, days: (numberOf(property(name)(resource)) ?? standard) * days }];
  }
  if (resource.Type === 'AWS::S3::Bucket') return lifecycleExpiries(resource);
  if (resource.Type === 'AWS::ECR::Repository') {
    const policy = (property('LifecyclePolicy')(resource) ?? {}) as { LifecyclePolicyText?: unknown };
    return policy.LifecyclePolicyText === undefined
      ? []
      : [{ what: `images (${JSON.stringify(policy.LifecyclePolicyText)})`, days: 0 }];
  }
  if (/^AWS::DynamoDB::(Global)?Table$/.test(resource.Type)) {
    const { Enabled, AttributeName } = (property('TimeToLiveSpecification')(resource) ?? {}) as Record<string, unknown>;
    return String(Enabled) === 'true' ? [{ what: `items by the time in ${rendered(AttributeName)}`, days: 0 }] : [];
  }
  return [];
}

type Expiring = Pick<Finding, 'severity' | 'rule' | 'message' | 'remedy' | 'source'>;

/**
 * Finds expirations that a change adds or shortens: they delete at once, since the contents have their age already.
 * Contents without a term before are refused; those with one, and old versions, ask for a copy.
 */
export function expiring(was: TemplateResource, is: TemplateResource): Expiring[] {
  const before = expiriesOf(was);
  return expiriesOf(is).flatMap((expiry): Expiring[] => {
    const { what, days, old } = expiry;
    const same = before.filter((other) => includes(other, expiry));
    if (same.some((other) => other.days <= days)) return [];
    const shortened = same.length === 0 ? undefined : Math.min(...same.map((other) => other.days));
    const instead = shortened === undefined ? '' : ` instead of ${span(shortened)}`;
    const when = days === 0 ? 'what is due by then' : 'what is older';
    return [
      {
        severity: shortened !== undefined || old ? 'needs-migration' : 'refused',
        rule: 'data-expires',
        message: `deletes ${what}${days === 0 ? '' : ` after ${span(days)}${instead}`}: ${when} goes as soon as this is applied`,
        remedy:
          'copy first what must be kept; new contents that may expire can have a prefix, or a store, of their own',
        source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html',
      },
    ];
  });
}

function span(days: number): string {
  if (days < 1) return `${Math.round(days * DAY)} s`;
  return counted(Math.round(days * 10) / 10, 'day');
}
