import type { TemplateResource } from '../../../template/template';
import { flagOf, numberOf } from '../../changes/property-change';

/** Something that stands between data and its loss or exposure, and how strong it stands. */
export interface Guard {
  readonly name: string;
  /** Left out, it holds for everything that holds data. */
  readonly types?: readonly string[];
  /** How strong it stands; 0 when it is not there. */
  readonly level: (resource: TemplateResource) => number;
  /** How it reads in a list, when it stands. */
  readonly says?: (resource: TemplateResource) => string;
  /** A guard that may go with a note: it is a matter of taste or of cost. */
  readonly soft?: true;
  /** Its level counts copies that are deleted at once when it falls: what is cut to less than a third asks for a copy. */
  readonly copies?: true;
}

/** A list of which every entry guards something and none may be lost; or of exceptions, of which none may come. */
export interface GuardList {
  readonly name: string;
  readonly exceptions?: true;
  readonly types: readonly string[];
  readonly entries: (resource: TemplateResource) => readonly string[];
}

/** A property of a resource. */
export const property = (name: string) => (resource: TemplateResource) => resource.Properties?.[name];

/** 1 when a property is on, and 0 when it is off or left out. */
export const isOn = (name: string) => (resource: TemplateResource) => (flagOf(property(name)(resource)) ? 1 : 0);

/** 0 when a property is on, and 1 when it is off or left out. */
export const isOff = (name: string) => (resource: TemplateResource) => 1 - isOn(name)(resource);

/** A number, and what AWS takes when it is left out. */
export const amount = (name: string, standard: number) => (resource: TemplateResource) =>
  numberOf(property(name)(resource)) ?? standard;

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
