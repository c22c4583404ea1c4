import type { TemplateResource, Templates } from '../../template/template';

/** Zones that every environment stands in. */
export const ZONES = 3;

/** Resources that bear a price, in the stacks that they would stand in. */
export class Resources {
  private readonly stacks = new Map<string, Record<string, TemplateResource>>();
  private count = 0;

  /** Adds a resource, or as many alike as are said, and returns a reference to the last. */
  add(
    type: string,
    properties: Readonly<Record<string, unknown>> = {},
    { times = 1, stack = 'outline' } = {},
  ): { Ref: string } {
    const resources = this.stacks.get(stack) ?? {};
    this.stacks.set(stack, resources);
    for (let time = 0; time < times; time++) {
      this.count += 1;
      resources[`R${this.count}`] = { Type: `AWS::${type}`, Properties: properties };
    }
    return { Ref: `R${this.count}` };
  }

  /** Adds a resource of a type that is not AWS's. */
  addCustom(type: string, properties: Readonly<Record<string, unknown>>): void {
    this.count += 1;
    const resources = this.stacks.get('outline') ?? {};
    this.stacks.set('outline', resources);
    resources[`R${this.count}`] = { Type: `Custom::${type}`, Properties: properties };
  }

  get templates(): Templates {
    return Object.fromEntries([...this.stacks].map(([stack, all]) => [stack, { Resources: all }] as const));
  }
}
