import { type Action, actionsLike } from './authorization';
import type { Condition, Grant, Role } from './grants';
import { overlap, policyPattern, typePattern } from './patterns';
import { ACCOUNT } from './physical';
import type { Survey } from './survey';

/** Something in the account that policies can name, and the tags it bears. */
export interface Thing {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What is in the account besides, and belongs to no environment. */
const OF_NOBODY: readonly string[] = [
  `secretsmanager:REGION:${ACCOUNT}:secret:another-secret-AbCdEf`,
  `secretsmanager:REGION:${ACCOUNT}:secret:rds!cluster-another-AbCdEf`,
  `ssm:REGION:${ACCOUNT}:parameter/another/parameter`,
  `ssm:REGION:${ACCOUNT}:document/another-document`,
  `ses:REGION:${ACCOUNT}:identity/another.example`,
  `redshift:REGION:${ACCOUNT}:integration:another-integration`,
  `logs:REGION:${ACCOUNT}:log-group:another-log:*`,
  `lambda:REGION:${ACCOUNT}:function:another-function`,
  `dynamodb:REGION:${ACCOUNT}:table/another-table`,
  `sqs:REGION:${ACCOUNT}:another-queue`,
  `rds-db:REGION:${ACCOUNT}:dbuser:cluster-ANOTHER/another_user`,
  `ec2:REGION:${ACCOUNT}:instance/i-another`,
  `ec2:REGION:${ACCOUNT}:volume/vol-another`,
  `ec2:REGION:${ACCOUNT}:network-interface/eni-another`,
  `iam::${ACCOUNT}:role/another-role`,
  `cloudformation:REGION:${ACCOUNT}:stack/another-stack/01234567`,
  's3:::another-bucket',
  's3:::another-bucket/object',
];

/** All that an environment, or nobody, has in the account: what a role of another environment must not reach. */
export function thingsOf({ environment, account, templates, fleets }: Survey): Thing[] {
  const region = account.regionOf(`${environment}-network`);
  const tags = { 'beamstalk:environment': environment };
  const made = Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.keys(Resources).flatMap((id) => {
      const arn = account.arnOf(stack, id);
      if (arn === undefined) return [];
      const inside = Resources[id]?.Type === 'AWS::S3::Bucket' ? [`${arn}/object`] : [];
      return [arn, ...inside].map((one) => ({ arn: one, tags }));
    }),
  );
  const nodes = fleets.map(({ role }) => ({
    arn: `arn:aws:ec2:${region}:${ACCOUNT}:instance/i-${environment}-${role}`,
    tags: { ...tags, 'beamstalk:fleet': `${environment}-${role}` },
  }));
  const stacks = Object.keys(templates).map((stack) => ({
    arn: `arn:aws:cloudformation:${account.regionOf(stack)}:${ACCOUNT}:stack/${stack}/01234567-89ab`,
    tags,
  }));
  const others = OF_NOBODY.map((arn) => ({ arn: `arn:aws:${arn.replace('REGION', region)}`, tags: {} }));
  return [...made, ...nodes, ...stacks, ...others];
}

/** What a role may do to things that are not of its environment, one line for each action and resource of a statement. */
export async function foreignReach(role: Role, environment: string, things: readonly Thing[]): Promise<string[]> {
  const lines = await Promise.all(
    role.grants.filter(({ effect }) => effect === 'Allow').map((grant) => reachOf(grant, environment, things)),
  );
  return [...new Set(lines.flat().map((line) => `${role.stack}/${role.id} may ${line}`))];
}

async function reachOf(grant: Grant, environment: string, things: readonly Thing[]): Promise<string[]> {
  const actions = (await Promise.all(grant.actions.map(actionsLike))).flat();
  return actions.flatMap((action) =>
    grant.resources
      .filter((resource) => reaches(action, resource, grant.conditions, environment, things))
      .map((resource) => `${action.name} on ${resource}`),
  );
}

function reaches(
  action: Action,
  resource: string,
  conditions: readonly Condition[],
  environment: string,
  things: readonly Thing[],
): boolean {
  if (conditions.some((condition) => namesOwn(condition, environment))) return false;
  // What can be granted on `*` alone tells, or does, what it must for all alike; what it may do is listed apart.
  if (action.kinds.length === 0) return action.access === 'Write' || action.access === 'Tagging';
  const pattern = policyPattern(resource);
  return things.some(
    ({ arn, tags }) =>
      action.kinds.some((kind) => overlap(typePattern(kind.arn), literal(arn))) &&
      overlap(pattern, literal(arn)) &&
      conditions.every((condition) => holds(condition, tags)),
  );
}

/** An ARN as it is; the one of a log group ends in `:*`, which stands for its streams. */
function literal(arn: string): ReturnType<typeof policyPattern> {
  return arn.endsWith(':*') ? policyPattern(arn) : [...arn];
}

/** Whether a condition holds for nothing but what bears the name of the own environment. */
function namesOwn({ operator, key, values }: Condition, environment: string): boolean {
  if (!/^(String|Arn)(Equals|Like)$/.test(operator) || /ResourceTag\//.test(key)) return false;
  return (
    values.length > 0 && values.every((value) => new RegExp(`(^|[^a-z0-9])${environment}([^a-z0-9]|$)`).test(value))
  );
}

/** Whether a condition may hold for something with these tags; what it says of anything else is taken to hold. */
function holds({ operator, key, values }: Condition, tags: Thing['tags']): boolean {
  const [, tag] = /ResourceTag\/(.+)$/.exec(key) ?? [];
  if (tag === undefined || !/^(String|Arn)(Equals|Like)$/.test(operator)) return true;
  const own = tags[tag];
  return own !== undefined && values.some((value) => overlap(policyPattern(value), [...own]));
}
