import { memoized } from './memoized';
import { rendered } from './render-value';
import type { Template, TemplateResource } from './template';
import { isTree, type Tree } from './values';

/** A list of who, what or where; with `not`, everything but the list. */
export interface Targets {
  readonly values: readonly string[];
  readonly not: boolean;
}

/** One statement of a policy, with what its place in the template says of it. */
export interface PolicyStatement {
  /** The resource that carries it. */
  readonly holder: string;
  readonly type: string;
  /** Of a policy that stands with who acts, or with what is acted upon. */
  readonly stands: 'identity' | 'resource';
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Targets;
  readonly actions: Targets;
  readonly resources: Targets;
  readonly condition?: unknown;
}

/**
 * Every statement of every policy in a template, whatever the type that carries it: a policy is known by its
 * statements, so that types of tomorrow are read too.
 */
export const policyStatements = memoized((template: Template): readonly PolicyStatement[] =>
  Object.entries(template.Resources).flatMap(([id, resource]) => {
    if (resource.Type === 'AWS::Lambda::Permission') return [permission(id, resource)];
    return documentsIn(resource.Properties ?? {}).flatMap((document) =>
      listOf(document['Statement'])
        .filter(isTree)
        .map((statement) => read(statement, id, resource)),
    );
  }),
);

/** Policy documents, however deep; some types take theirs as text. */
function documentsIn(value: unknown, name = ''): Tree[] {
  if (Array.isArray(value)) return value.flatMap((item) => documentsIn(item, name));
  if (isTree(value)) {
    if (listOf(value['Statement']).some((one) => isTree(one) && one['Effect'] !== undefined)) return [value];
    const text = /policy/i.test(name) ? documentFrom(rendered(value)) : [];
    return text.length > 0 ? text : Object.entries(value).flatMap(([key, inner]) => documentsIn(inner, key));
  }
  return typeof value === 'string' && /policy/i.test(name) ? documentFrom(value) : [];
}

function documentFrom(text: string): Tree[] {
  if (!/^\s*\{[\s\S]*"Statement"/.test(text)) return [];
  try {
    return documentsIn(JSON.parse(text));
  } catch {
    return [];
  }
}

function read(statement: Tree, id: string, resource: TemplateResource): PolicyStatement {
  const stands = 'Principal' in statement || 'NotPrincipal' in statement ? 'resource' : 'identity';
  const principals = stands === 'identity' ? targets(attachedTo(id, resource)) : principalsOf(statement);
  const resources = either(statement, 'Resource');
  const own = protectedBy(id, resource);
  return {
    holder: id,
    type: resource.Type,
    stands,
    effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    principals,
    actions:
      stands === 'resource' ? ofService(either(statement, 'Action'), resource.Type) : either(statement, 'Action'),
    // In the policy of a resource, `*` is that resource; who may take on a role needs no mention of it.
    resources:
      stands === 'resource' && !resources.not && resources.values.every((value) => value === '*')
        ? targets(own)
        : resources,
    ...(statement['Condition'] !== undefined && { condition: statement['Condition'] }),
  };
}

/** The service of a resource that carries its own policy, of which every action there is one. */
const SERVICES: Readonly<Record<string, string>> = {
  'AWS::ECR::Repository': 'ecr',
  'AWS::KMS::Key': 'kms',
  'AWS::S3::BucketPolicy': 's3',
  'AWS::SNS::TopicPolicy': 'sns',
  'AWS::SQS::QueuePolicy': 'sqs',
  'AWS::SecretsManager::ResourcePolicy': 'secretsmanager',
};

function ofService({ values, not }: Targets, type: string): Targets {
  const service = SERVICES[type];
  return service === undefined
    ? { values, not }
    : targets(
        values.map((one) => (one === '*' ? `${service}:*` : one)),
        not,
      );
}

function principalsOf(statement: Tree): Targets {
  const not = 'NotPrincipal' in statement;
  const value = statement[not ? 'NotPrincipal' : 'Principal'];
  if (!isTree(value) || Object.keys(value).some((key) => key.startsWith('Fn::') || key === 'Ref')) {
    return targets(listOf(value).map(rendered), not);
  }
  return targets(
    Object.entries(value).flatMap(([kind, who]) => listOf(who).map((one) => `${kind}:${rendered(one)}`)),
    not,
  );
}

/** Holders of an identity-based policy. */
function attachedTo(id: string, { Type, Properties = {} }: TemplateResource): string[] {
  if (/^AWS::IAM::(Role|User|Group)$/.test(Type)) return [`\${${id}}`];
  const { Roles, Users, Groups, RoleName, UserName, GroupName } = Properties;
  const holders = [Roles, Users, Groups, RoleName, UserName, GroupName].flatMap(listOf).map(rendered);
  return holders.length > 0 ? holders : [`\${${id}}`];
}

/** Resources of a resource-based policy. */
function protectedBy(id: string, { Properties = {} }: TemplateResource): string[] {
  const { Bucket, Queues, Topics, SecretId, ResourceArn } = Properties;
  const about = [Bucket, Queues, Topics, SecretId, ResourceArn].flatMap(listOf).map(rendered);
  return about.length > 0 ? about : [`\${${id}}`];
}

/** Statement of a Lambda permission. */
function permission(id: string, { Type, Properties = {} }: TemplateResource): PolicyStatement {
  const { Principal, Action, FunctionName, SourceArn, SourceAccount, PrincipalOrgID, FunctionUrlAuthType } = Properties;
  const who = rendered(Principal);
  const condition = {
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...((SourceAccount ?? PrincipalOrgID ?? FunctionUrlAuthType) !== undefined && {
      StringEquals: {
        ...(SourceAccount !== undefined && { 'AWS:SourceAccount': SourceAccount }),
        ...(PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': PrincipalOrgID }),
        ...(FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
      },
    }),
  };
  return {
    holder: id,
    type: Type,
    stands: 'resource',
    effect: 'Allow',
    principals: targets([who === '*' ? who : `${/\.amazonaws\.com/.test(who) ? 'Service' : 'AWS'}:${who}`]),
    actions: targets([rendered(Action)]),
    resources: targets([rendered(FunctionName)]),
    ...(Object.keys(condition).length > 0 && { condition }),
  };
}

function either(statement: Tree, name: 'Action' | 'Resource'): Targets {
  const not = `Not${name}` in statement;
  return targets(listOf(statement[not ? `Not${name}` : name]).map(rendered), not);
}

function targets(values: readonly string[], not = false): Targets {
  return { values, not };
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
