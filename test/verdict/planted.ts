import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { synthesise } from '../cdk-context';

/** A template that a test may change. */
export interface Editable {
  Resources: Record<string, EditableResource>;
  // biome-ignore lint/suspicious/noExplicitAny: an output is whatever CloudFormation says.
  Outputs?: Record<string, any>;
  Parameters?: Record<string, unknown>;
}

export interface EditableResource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a resource are whatever its type says.
  Properties: Record<string, any>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  UpdatePolicy?: unknown;
}

/**
 * The templates of production, to plant something in: real ones, not made for the test. Those of stacks that nobody plants
 * in stay the very objects that others judge, so that each is read once.
 */
export class Planted {
  /** Stacks whose template is a copy of this. */
  private own = new Set<string>();

  private constructor(readonly templates: Record<string, Editable>) {}

  static prod(phase: PhaseNumber = 3, overrides: Readonly<Record<string, unknown>> = {}): Planted {
    return new Planted({ ...synthesise('prod', phase, overrides) } as unknown as Record<string, Editable>);
  }

  copy(): Planted {
    // From here on both share them.
    this.own = new Set();
    return new Planted({ ...this.templates });
  }

  stack(part: string): Editable {
    const name = `prod-${part}`;
    const found = this.templates[name];
    if (found === undefined) throw new Error(`no stack ${name}`);
    if (this.own.has(name)) return found;
    const copy = structuredClone(found);
    this.templates[name] = copy;
    this.own.add(name);
    return copy;
  }

  /** The one resource of a stack whose logical id begins so and, when given, is of that type. */
  find(part: string, start: string, type?: string): EditableResource {
    const [id] = this.idsOf(part, start, type);
    const found = id === undefined ? undefined : this.stack(part).Resources[id];
    if (found === undefined) throw new Error(`no ${start} in prod-${part}`);
    return found;
  }

  idOf(part: string, start: string, type?: string): string {
    const [id] = this.idsOf(part, start, type);
    if (id === undefined) throw new Error(`no ${start} in prod-${part}`);
    return id;
  }

  set(part: string, start: string, properties: Readonly<Record<string, unknown>>): void {
    Object.assign(this.find(part, start).Properties, properties);
  }

  unset(part: string, start: string, ...names: readonly string[]): void {
    const { Properties } = this.find(part, start);
    for (const name of names) delete Properties[name];
  }

  add(part: string, id: string, resource: Omit<EditableResource, 'Properties'> & { Properties?: object }): void {
    this.stack(part).Resources[id] = { Properties: {}, ...resource };
  }

  remove(part: string, start: string): void {
    delete this.stack(part).Resources[this.idOf(part, start)];
  }

  /** Renames a resource and everything that refers to it, as renaming a construct would. */
  rename(part: string, start: string, id: string): void {
    const text = JSON.stringify(this.templates).replaceAll(`"${this.idOf(part, start)}"`, `"${id}"`);
    Object.assign(this.templates, JSON.parse(text));
  }

  private idsOf(part: string, start: string, type?: string): string[] {
    return Object.entries(this.stack(part).Resources)
      .filter(([id, { Type }]) => id.startsWith(start) && (type === undefined || Type === type))
      .map(([id]) => id)
      .sort((a, b) => a.length - b.length || a.localeCompare(b));
  }
}
