import { describe, expect, test } from 'vitest';
import { type CloudFormationTemplate, synthesise } from '../cdk-context';
import { PLAIN_VARIANTS } from '../variants';

type Templates = Readonly<Record<string, CloudFormationTemplate>>;

/** Where a type says who its administrator is. */
const ADMINISTRATORS = ['MasterUserPassword', 'MasterUserSecret'];

/** Stores whose only user is the administrator so far, by what their ids begin with. */
const ONLY_ADMINISTRATORS: Readonly<Record<string, string>> = {
  Documents: 'DocumentDB: a role of its own takes its wire protocol; the store is off unless it is switched on',
};

/** Logical ids in `stack.id` form of secrets that hold an administrator's password, with what stands for them. */
function administratorsOf(templates: Templates): Set<string> {
  const found = new Set<string>();
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const { Properties = {} } of Object.values(Resources)) {
      const password = JSON.stringify(ADMINISTRATORS.map((name) => Properties[name] ?? null));
      for (const [, id = ''] of password.matchAll(/"Ref":"(\w+)"/g)) found.add(`${stack}.${id}`);
    }
    for (const [id, { Type, Properties }] of Object.entries(Resources)) {
      if (Type !== 'AWS::SecretsManager::SecretTargetAttachment') continue;
      const [, secret = ''] = /"Ref":"(\w+)"/.exec(JSON.stringify(Properties?.['SecretId'])) ?? [];
      if (found.has(`${stack}.${secret}`)) found.add(`${stack}.${id}`);
    }
  }
  return found;
}

/** What a statement of a stack names, references to other stacks followed. */
function named(stack: string, value: unknown, templates: Templates): string[] {
  if (Array.isArray(value)) return value.flatMap((part) => named(stack, part, templates));
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::GetStackOutput': output } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return [`${stack}.${Ref}`];
  if (Array.isArray(attribute)) return [`${stack}.${String(attribute[0])}`];
  if (typeof output === 'object' && output !== null) {
    const { StackName, OutputName } = output as { readonly StackName: string; readonly OutputName: string };
    const outputs = (templates[StackName]?.['Outputs'] ?? {}) as Record<string, { readonly Value: unknown }>;
    return named(StackName, outputs[OutputName]?.Value, templates);
  }
  return Object.values(value).flatMap((part) => named(stack, part, templates));
}

/** Secrets that each role of an instance may read, `role -> secrets`. */
function readableByNodes(templates: Templates): Map<string, string[]> {
  const readable = new Map<string, string[]>();
  for (const [stack, { Resources }] of Object.entries(templates)) {
    const nodes = Object.entries(Resources)
      .filter(
        ([, { Type, Properties }]) =>
          Type === 'AWS::IAM::Role' && JSON.stringify(Properties).includes('"ec2.amazonaws.com"'),
      )
      .map(([id]) => id);
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      // Statements that do not fit into the policy of a role are in others.
      if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') continue;
      const roles = nodes.filter((id) => JSON.stringify(Properties['Roles']).includes(`"${id}"`));
      const { Statement } = Properties['PolicyDocument'] as { readonly Statement: readonly Record<string, unknown>[] };
      for (const { Action, Resource } of Statement) {
        if (!JSON.stringify(Action).includes('secretsmanager:GetSecretValue')) continue;
        for (const role of roles) {
          readable.set(`${stack}.${role}`, [
            ...(readable.get(`${stack}.${role}`) ?? []),
            ...named(stack, Resource, templates),
          ]);
        }
      }
    }
  }
  return readable;
}

const ENGINES = ['clusters', 'limitless', 'dsql'].map((engine) => ({
  name: `prod at phase 6 with ${engine}`,
  context: { env: 'prod', phase: '6', 'data.sharding.engine': engine },
}));
const EVERYTHING = {
  name: 'prod at phase 6 with every store, while it expands',
  context: { env: 'prod', phase: '6', from: '5', 'data.documents.enabled': 'true', 'data.graph.enabled': 'true' },
};

/** The mover, which serves nobody: it is the administrator of the databases between which it moves (docs/adr/0035-*). */
const MOVER =
  /^\w+-app\.MoverNodesRole\w+ reads \w+-(data\.Database|federation\.Functions)\w*InstanceSecretAttachment\w+$/;

describe('no node that serves may read the secret of an administrator', () => {
  test.each([...PLAIN_VARIANTS, ...ENGINES, EVERYTHING])('$name', ({ context }) => {
    const { env = 'dev', phase, ...overrides } = context as Readonly<Record<string, string>>;
    const templates = synthesise(env, Number(phase) as 0, overrides);
    const administrators = administratorsOf(templates);
    const readable = readableByNodes(templates);
    expect(administrators.size > 0).toBe(Number(phase) >= 1);
    const found = [...readable].flatMap(([role, secrets]) =>
      secrets
        // Of those that RDS makes, only the names are known.
        .filter((secret) => administrators.has(secret) || /rds!/.test(secret))
        .map((secret) => `${role} reads ${secret}`),
    );
    const excused = Object.keys(ONLY_ADMINISTRATORS).map((prefix) => new RegExp(` reads [\\w-]+\\.[a-z]*${prefix}`));
    const left = found.filter((line) => !excused.some((pattern) => pattern.test(line)));
    expect(left.filter((line) => !MOVER.test(line))).toEqual([]);
    // Of the single database and of each function, while a climb that moves their data expands.
    expect(left.length).toBe(overrides['from'] === undefined ? 0 : 4);
  });
});
