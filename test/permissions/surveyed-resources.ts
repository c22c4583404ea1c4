import { isTree, type Tree } from '../../lib/template/values';
import type { Call } from './calls';
import type { Survey } from './survey';

interface Found {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Tree;
}

export function resources({ templates }: Survey): Found[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
      stack,
      id,
      type: Type,
      properties: Properties,
    })),
  );
}

export function asCalls(actions: readonly string[], where: string): Call[] {
  return actions.map((action) => ({ actions: [action], where }));
}

export function roleOfProfile(survey: Survey, stack: string, profile: unknown): string {
  const found = survey.templates[stack]?.Resources[refOf(profile) ?? ''];
  return place(stack, (found?.Properties?.['Roles'] as unknown[] | undefined)?.[0]);
}

/** `<stack>/<id>` of a role that stands in the same stack. */
export function place(stack: string, value: unknown): string {
  const id = refOf(value);
  return id === undefined ? unknown(`the role ${JSON.stringify(value)} of ${stack}`) : `${stack}/${id}`;
}

export function refOf(value: unknown): string | undefined {
  if (!isTree(value)) return undefined;
  const attribute = value['Fn::GetAtt'];
  const id = value['Ref'] ?? (Array.isArray(attribute) ? attribute[0] : undefined);
  return typeof id === 'string' ? id : undefined;
}

export function unknown(what: string): never {
  throw new Error(`nobody here knows ${what}`);
}
