import { isDeepStrictEqual } from 'node:util';
import { referencesIn } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import type { Template, Templates } from '../../../template/template';
import { isTree } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const PLAIN_SECRETS: Check = {
  rules: [
    {
      id: 'plain-secret',
      severity: 'refused',
      summary: 'A password or token is in plain text: in a template, or in a parameter that is not encrypted.',
      why: 'Everyone who may read stacks and their history, or that parameter, reads the secret.',
      source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html',
    },
  ],
  find: ({ before, after }) => plainSecrets(before, after),
};

/** Properties that hold a secret, wherever they stand. */
const SECRET = /^(MasterUserPassword|AdminUserPassword|AuthToken|SecretString|Password|Passwords)$/;

/** A secret that CloudFormation fetches when it needs it, so that no template and no history of one holds it. */
const FETCHED = /\{\{resolve:(secretsmanager|ssm-secure):/;

/** A parameter of Systems Manager in plain text: the dynamic reference `ssm` reads no other. */
const PARAMETER = /\{\{resolve:ssm:/;

/** Secrets that would stand in a template in plain text, for all who may read stacks to read. */
export function plainSecrets(before: Templates, after: Templates): Finding[] {
  return Object.entries(after).flatMap(([stack, template]) =>
    Object.entries(template.Resources).flatMap(([id, { Properties = {}, Type }]) => {
      // A type of the CDK's own may call anything a password.
      if (!Type.startsWith('AWS::')) return [];
      const old = secretsIn(before[stack]?.Resources[id]?.Properties);
      return secretsIn(Properties)
        .filter((one) => isPlain(one[1], template) && !old.some((other) => isDeepStrictEqual(other, one)))
        .map(([name, value]) => ({
          severity: 'refused' as const,
          rule: 'plain-secret',
          stack,
          id,
          message: PARAMETER.test(rendered(value))
            ? `${name} comes from a parameter of Systems Manager that is not encrypted (resolve:ssm)`
            : `${name} is in the template in plain text`,
          remedy: 'let Secrets Manager generate it, and refer to it ({{resolve:secretsmanager:...}})',
          source:
            'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html',
        }));
    }),
  );
}

function secretsIn(value: unknown): (readonly [name: string, value: unknown])[] {
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    SECRET.test(name) ? [[name, inner] as const] : secretsIn(inner),
  );
}

function isPlain(value: unknown, template: Template): boolean {
  const text = rendered(value);
  if (FETCHED.test(text) || text === '') return false;
  if (isTree(value) && typeof value['Ref'] === 'string') {
    // The name of another resource is filled in at deployment too.
    return template.Resources[value['Ref']] === undefined && !isNoEcho(template, value['Ref']);
  }
  // A value that another resource produces, with or without text around it, is filled in at deployment.
  if (referencesIn(value).some((one) => one.kind !== 'resource' || one.attribute !== undefined)) return false;
  // A list of names of passwords, or a reference to what another resource made.
  return typeof value === 'string' || 'Fn::Join' in Object(value) || 'Fn::Sub' in Object(value);
}

function isNoEcho({ Parameters }: Template, name: string): boolean {
  const parameter = isTree(Parameters) ? Parameters[name] : undefined;
  return isTree(parameter) && String(parameter['NoEcho']) === 'true';
}
