import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { fullDiff } from '@aws-cdk/cloudformation-diff';
import { afterEach, expect, test, vi } from 'vitest';
import { identifiersOf, replacementBy } from '../../lib/template/specification';

/** Any object of the specification, by the names of its fields. */
type Entity = Readonly<Record<string, unknown>>;

interface ResourceType extends Entity {
  readonly cloudFormationType: string;
  readonly properties: Readonly<Record<string, Entity>>;
}

const specification = loadAwsServiceSpecSync();
const types = specification.all('resource') as unknown as readonly ResourceType[];

afterEach(() => {
  vi.restoreAllMocks();
});

/** The table that the bundle of the command line reads in the place of the specification; test/prepare.ts has built it. */
function table(): Readonly<Record<string, Omit<ResourceType, 'cloudFormationType'>>> {
  const folder = join(import.meta.dirname, '..', '..', '.build');
  const [name, ...others] = readdirSync(folder).filter((file) => file.startsWith('service-specification-'));
  expect(others).toEqual([]);
  return JSON.parse(readFileSync(join(folder, name ?? ''), 'utf8'));
}

/** Notes the fields that are read of an object. */
function noting(object: object, fields: Set<string>, inside: (field: string, value: unknown) => unknown): object {
  return new Proxy(object, {
    get(target, field) {
      const value: unknown = Reflect.get(target, field);
      if (typeof field !== 'string') return value;
      fields.add(field);
      return inside(field, value);
    },
  });
}

/** The fields of a resource type and of a property that are read when templates are compared and judged. */
function fieldsRead(): { readonly ofType: ReadonlySet<string>; readonly ofProperty: ReadonlySet<string> } {
  const [ofType, ofProperty] = [new Set<string>(), new Set<string>()];
  const asIs = (_: string, value: unknown): unknown => value;
  const notingProperties = (properties: object): object =>
    Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, noting(each, ofProperty, asIs)]));
  const { lookup } = specification;
  const questions = new Set<string>();
  const prototype: typeof specification = Object.getPrototypeOf(specification);
  vi.spyOn(prototype, 'lookup').mockImplementation(function (this: typeof specification, ...asked) {
    questions.add(asked.slice(0, 3).join(' '));
    const found = lookup
      .apply(this, asked)
      .map((type) =>
        noting(type, ofType, (field, value) => (field === 'properties' ? notingProperties(Object(value)) : value)),
      );
    return found as unknown as ReturnType<typeof lookup>;
  });
  const some = types.filter(
    ({ cloudFormationType: type }, index) => index % 20 === 0 || /::(IAM|SSO|EC2|Lambda)::/.test(type),
  );
  const resources = (value: string, shift: number) => {
    const made = some.flatMap(({ cloudFormationType: Type, properties }, index) => {
      const first = Object.keys(properties).find((name) => !name.endsWith('PolicyDocument')) ?? 'None';
      const Properties = { [first]: value, PolicyDocument: { Statement: [] } };
      const changesType = some[(index + shift) % some.length]?.cloudFormationType ?? Type;
      return [
        [`Same${index}`, { Type, Properties }],
        [`Type${index}`, { Type: changesType, Properties }],
      ] as const;
    });
    return { Resources: Object.fromEntries(made) };
  };
  const { differenceCount } = fullDiff(resources('a', 0), resources('b', 1));
  expect(differenceCount).toBe(2 * some.length);
  for (const { cloudFormationType, properties } of some) {
    for (const property of Object.keys(properties)) replacementBy(cloudFormationType, property);
    identifiersOf(cloudFormationType);
  }
  expect([...questions]).toEqual(['resource cloudFormationType equals']);
  vi.restoreAllMocks();
  ofType.delete('properties');
  return { ofType, ofProperty };
}

test('the table answers for every type and property what the specification answers, in each field that anyone reads', () => {
  const { ofType, ofProperty } = fieldsRead();
  expect([...ofType].sort()).toEqual(['cfnRefIdentifier', 'primaryIdentifier', 'scrutinizable']);
  expect([...ofProperty].sort()).toEqual(['causesReplacement', 'scrutinizable']);
  const only = (object: Entity, fields: ReadonlySet<string>): Entity =>
    Object.fromEntries([...fields].flatMap((field) => (object[field] === undefined ? [] : [[field, object[field]]])));
  const expected = types.map(({ cloudFormationType, properties, ...rest }) => {
    const kept = Object.entries(properties).map(([name, property]) => [name, only(property, ofProperty)]);
    return [cloudFormationType, { ...only(rest, ofType), properties: Object.fromEntries(kept) }];
  });
  expect(table()).toEqual(Object.fromEntries(expected));
});
