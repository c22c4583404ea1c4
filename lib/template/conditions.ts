import { canonical } from './permissions';
import { isTree } from './values';

/** One test of a condition: all of them must hold. */
interface Test {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Keys that say who calls or from where. The rest, such as TLS or the date, anybody can fulfil.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html (what S3 takes
 * for a policy that is not public), https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const WHO = new Set(
  [
    ['aws:CalledVia', 'aws:PrincipalAccount', 'aws:PrincipalArn', 'aws:PrincipalOrgID', 'aws:PrincipalOrgPaths'],
    ['aws:PrincipalServiceName', 'aws:ResourceAccount', 'aws:SourceAccount', 'aws:SourceArn', 'aws:SourceIp'],
    ['aws:SourceOrgID', 'aws:SourceOrgPaths', 'aws:SourceOwner', 'aws:SourceVpc', 'aws:SourceVpce', 'aws:userid'],
    ['aws:username', 'aws:VpceAccount', 'kms:CallerAccount', 's3:DataAccessPointAccount', 's3:DataAccessPointArn'],
    ['sns:Endpoint'],
  ]
    .flat()
    .map((key) => key.toLowerCase()),
);

/** With these, a test names what it wants; with their opposites and `IfExists`, anybody without the key passes. */
const NAMING = /^(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)$/;

/** True when a condition admits named principals or sources only. */
export function namesWho(condition: unknown): boolean {
  return testsOf(condition).some(({ operator, key, values }) => {
    // Only who is in the network can mount a file system there.
    if (operator === 'Bool' && key === 'elasticfilesystem:AccessedViaMountTarget') return values.includes('true');
    return NAMING.test(operator) && WHO.has(key.toLowerCase()) && values.length > 0 && values.every(isNarrow);
  });
}

/** True when there is no condition, or one that always holds. */
export function isTrivial(condition: unknown): boolean {
  return testsOf(condition).every(({ operator, key, values }) => {
    if (/^(ForAllValues:)/.test(operator) || /IfExists$/.test(operator)) return true;
    if (/Not|^Numeric|^Date|^Null$/.test(operator)) return true;
    if (operator === 'Bool') return key.toLowerCase() === 'aws:securetransport' && values.includes('true');
    return values.some((value) => !isNarrow(value));
  });
}

/** True when a Deny under this condition applies to everybody: it excepts nobody. */
export function isInescapable(condition: unknown): boolean {
  return testsOf(condition).every(({ operator, key, values }) => {
    if (operator === 'Bool') return key.toLowerCase() === 'aws:securetransport' && values.includes('true');
    // No client speaks a newer version than 1.3.
    if (/^NumericLessThan/.test(operator)) return key === 's3:TlsVersion' && Number(values[0]) > 1.3;
    return NAMING.test(operator) && values.some((value) => !isNarrow(value));
  });
}

/**
 * True when a Deny under the new condition applies wherever it applied under the old one: fewer tests deny more, and so do
 * more values of a test.
 */
export function forbidsAsMuch(now: unknown, before: unknown): boolean {
  const old = testsOf(before);
  return testsOf(now).every(({ operator, key, values }) => {
    const same = old.find((one) => one.operator === operator && one.key === key);
    if (same === undefined) return false;
    const [[was = ''], [is = '']] = [same.values, values];
    if (/^NumericLessThan/.test(operator)) return Number(is) >= Number(was);
    if (/^NumericGreaterThan/.test(operator)) return Number(is) <= Number(was);
    if (/Not/.test(operator)) return values.every((value) => same.values.includes(value));
    return same.values.every((value) => values.includes(value));
  });
}

function testsOf(condition: unknown): Test[] {
  const whole = canonical(condition);
  if (!isTree(whole)) return [];
  return Object.entries(whole).flatMap(([operator, keys]) =>
    isTree(keys)
      ? Object.entries(keys).map(([key, value]) => ({ operator, key, values: [value].flat().map(String) }))
      : [],
  );
}

/** True when a value names something; wildcards alone, or an ARN without an account, do not. */
function isNarrow(value: string): boolean {
  const text = value.replace(/\$\{[^}]*\}/g, 'known');
  if (/^[0-9a-f.:]+\/\d+$/i.test(text)) return Number(text.split('/')[1]) >= 8;
  if (!/[*?]/.test(text)) return true;
  const [arn, , service = '', , account = '', resource = ''] = text.split(':');
  if (arn !== 'arn') return /^[A-Za-z0-9/_-]{12,}/.test(text);
  return /^(known|\d{12})$/.test(account) || (service === 's3' && account === '' && /^[a-z0-9.-]{3,}/.test(resource));
}
