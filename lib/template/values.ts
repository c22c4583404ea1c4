import type { TemplateResource } from './template';

/** An object of a template: its parts by their names. */
export type Tree = Readonly<Record<string, unknown>>;

/** Recognises objects with named parts. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Recognises literal values. */
export function isLiteral(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** A value as a number, when it is one or is text that is one. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined;
}

/** A value as CloudFormation reads it where it wants a boolean. */
export function flagOf(value: unknown): boolean {
  return value === true || value === 'true';
}

/** A property of a resource. */
export const property = (name: string) => (resource: TemplateResource) => resource.Properties?.[name];

/** 1 when a property is on, and 0 when it is off or left out; NaN when only CloudFormation knows. */
export const isOn = (name: string) => (resource: TemplateResource) => {
  const value = property(name)(resource);
  return isTree(value) ? Number.NaN : flagOf(value) ? 1 : 0;
};

/** 0 when a property is on, and 1 when it is off or left out. */
export const isOff = (name: string) => (resource: TemplateResource) => 1 - isOn(name)(resource);

/** A number, and what AWS takes when it is left out; NaN when only CloudFormation knows. */
export const amount = (name: string, standard: number) => (resource: TemplateResource) =>
  isTree(property(name)(resource)) ? Number.NaN : (numberOf(property(name)(resource)) ?? standard);

/** A value deep inside the properties, by the names on the way; a list is searched for the first that has it. */
export function inside(resource: TemplateResource, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    const candidates = (Array.isArray(value) ? value : [value]) as readonly (Record<string, unknown> | undefined)[];
    return candidates.find((candidate) => candidate?.[name] !== undefined)?.[name];
  }, resource.Properties);
}

/** The objects of a list deep inside the properties. */
export function listInside(
  resource: TemplateResource,
  ...path: readonly string[]
): Readonly<Record<string, unknown>>[] {
  const value = inside(resource, ...path);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

/** Entries of the first list that are not in the second. */
export function beyond<T>(list: readonly T[], others: readonly T[], key: (one: T) => string): T[] {
  const known = new Set(others.map(key));
  return list.filter((one) => !known.has(key(one)));
}
