import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { TemplateResource, Templates } from '../../lib/template/template';
import { isTree, type Tree } from '../../lib/template/values';
import type { Random } from './random';

type Specification = ReturnType<typeof loadAwsServiceSpecSync>;
type Resource = ReturnType<Specification['all']>[number] & {
  properties: Record<string, Property>;
  cloudFormationType: string;
  attributes: object;
};
interface Property {
  readonly type: PropertyType;
  readonly required?: boolean;
}
/** A property type of the service specification, as far as a value is made from it. */
interface PropertyType {
  readonly type: string;
  readonly allowedValues?: readonly (string | number)[];
  readonly element?: PropertyType;
  readonly types?: readonly PropertyType[];
  readonly reference?: { readonly $ref: string };
}

const NO_VALUE = { Ref: 'AWS::NoValue' };

/** Policies that are not written out, as `AWS::LanguageExtensions` allows. */
const CHOSEN = [{ 'Fn::If': ['Open', 'Retain', 'Delete'] }, { Ref: 'Unknown' }];
const DEEPEST = 4;

/** Values that a rule reads closely: names, ranges, versions, principals. */
const WORDS = [
  'alpha',
  'beta',
  '*',
  '10.0.0.0/16',
  '0.0.0.0/0',
  '::/0',
  'sg-0123456789abcdef0',
  'arn:aws:s3:::one-bucket/*',
  'arn:aws:iam::123456789012:root',
  'arn:aws:kms:us-east-1:123456789012:key/0a',
  '17.4',
  '8.0.36',
  'postgres',
  'redis',
  'Enabled',
  'Disabled',
  'true',
  'false',
  '0',
  '443',
  '30',
  '2026-11-29T00:00:00Z',
  'rate(1 day)',
  '{{resolve:ssm:/a/b:1}}',
  '{"Version":"2012-10-17","Statement":[]}',
  'größer',
  'a\nb',
];

/** Random templates of all types that the service specification knows, valid as far as it says what is valid. */
export class RandomTemplates {
  readonly types: readonly string[];
  private readonly specification = loadAwsServiceSpecSync();
  private readonly resources = new Map<string, Resource>();

  constructor() {
    for (const resource of this.specification.all('resource') as unknown as readonly Resource[]) {
      this.resources.set(resource.cloudFormationType, resource);
    }
    this.types = [...this.resources.keys()].sort();
  }

  /** Two stacks of the given types before and after a change, with what one case needs to be made again. */
  pair(random: Random, types: readonly string[]): { before: Templates; after: Templates } {
    const half = Math.ceil(types.length / 2);
    const before = {
      'prod-a': this.template(random, types.slice(0, half), 'a'),
      'prod-b': this.template(random, types.slice(half), 'b'),
    };
    const after = Object.fromEntries(
      Object.entries(before).flatMap(([stack, template]) =>
        random.chance(0.03) ? [] : [[stack, this.changed(random, template, types)] as const],
      ),
    );
    return { before: before as unknown as Templates, after: after as unknown as Templates };
  }

  private template(random: Random, types: readonly string[], stack: string): Tree {
    const ids: string[] = [];
    const resources = types.map((type, index) => {
      const entry = [`R${index}`, this.resource(random, type, ids)] as const;
      ids.push(entry[0]);
      return entry;
    });
    return {
      ...this.surroundings(random),
      Resources: Object.fromEntries(resources),
      Outputs: Object.fromEntries(
        ids
          .filter(() => random.chance(0.3))
          .map((id) => [`Out${id}`, { Value: { Ref: id }, Export: { Name: `x-${stack}-${id}` } }]),
      ),
    };
  }

  /** Sections that `Fn::If`, `Fn::FindInMap` and `Ref` read: some with a default, some that only CloudFormation knows. */
  private surroundings(random: Random): Tree {
    return {
      Parameters: {
        Size: { Type: 'String', Default: random.pick(WORDS) },
        Count: { Type: 'Number', Default: random.below(100) },
        Secret: { Type: 'String', NoEcho: true },
        Unknown: { Type: 'String', AllowedValues: ['a', 'b'] },
        List: { Type: 'CommaDelimitedList', Default: 'a,b' },
      },
      Conditions: {
        Known: { 'Fn::Equals': [{ Ref: 'Size' }, random.pick(WORDS)] },
        Open: { 'Fn::Equals': [{ Ref: 'Unknown' }, 'a'] },
        Both: { 'Fn::Or': [{ Condition: 'Known' }, { 'Fn::Not': [{ Condition: 'Open' }] }] },
      },
      Mappings: { Map: { a: { x: random.pick(WORDS) }, b: { x: random.pick(WORDS) } } },
    };
  }

  private resource(random: Random, type: string, others: readonly string[]): Tree {
    const properties = this.resources.get(type)?.properties ?? {};
    const make = (property: Property) => this.value(random, property.type, 0, others);
    const chosen = Object.entries(properties).filter(([, { required }]) => required || random.chance(0.35));
    return {
      Type: type,
      Properties: Object.fromEntries(
        chosen.map(([name, property]) => [name, this.special(random, name) ?? make(property)]),
      ),
      ...(random.chance(0.5) && {
        DeletionPolicy: random.pick<unknown>(['Retain', 'Delete', 'Snapshot', 'RetainExceptOnCreate', ...CHOSEN]),
      }),
      ...(random.chance(0.3) && {
        UpdateReplacePolicy: random.pick<unknown>(['Retain', 'Delete', 'Snapshot', ...CHOSEN]),
      }),
      ...(random.chance(0.15) && { Condition: random.pick(['Known', 'Open', 'Both']) }),
      ...(random.chance(0.1) &&
        others.length > 0 && { DependsOn: random.pick([others, [random.pick(others)], random.pick(others)]) }),
      ...(random.chance(0.1) && { Metadata: { 'aws:cdk:path': 'a/b' } }),
    };
  }

  /** Documents that the specification calls JSON and that rules take apart. */
  private special(random: Random, name: string): unknown {
    if (!/Polic(y|ies)|Document$/.test(name) || !random.chance(0.7)) return undefined;
    const word = () => (random.chance(0.2) ? this.intrinsic(random, random.pick(WORDS), []) : random.pick(WORDS));
    const statement = (): Tree => ({
      Effect: random.pick(['Allow', 'Deny']),
      ...(random.chance(0.6) && {
        Principal: random.pick<unknown>([
          '*',
          { AWS: word() },
          { AWS: [word(), word()] },
          { Service: 'ec2.amazonaws.com' },
        ]),
      }),
      [random.pick(['Action', 'NotAction'])]: random.pick<unknown>([
        '*',
        's3:*',
        ['s3:GetObject', 'kms:Decrypt'],
        'xray:*',
      ]),
      [random.pick(['Resource', 'NotResource'])]: random.pick<unknown>(['*', word(), [word(), word()]]),
      ...(random.chance(0.3) && {
        Condition: { [random.pick(['StringEquals', 'StringLike', 'Bool', 'ArnLike'])]: { 'aws:SourceArn': word() } },
      }),
    });
    const document = (): Tree => ({
      Version: '2012-10-17',
      Statement: random.chance(0.2)
        ? statement()
        : random.list(3, () => (random.chance(0.2) ? { 'Fn::If': ['Open', statement(), NO_VALUE] } : statement())),
    });
    return name.endsWith('Policies') ? [{ PolicyName: 'p', PolicyDocument: document() }] : document();
  }

  private value(random: Random, type: PropertyType, depth: number, others: readonly string[]): unknown {
    const plain = this.plain(random, type, depth, others);
    return random.chance(depth === 0 ? 0.15 : 0.08) ? this.intrinsic(random, plain, others) : plain;
  }

  private plain(random: Random, type: PropertyType, depth: number, others: readonly string[]): unknown {
    const { element, types, allowedValues, reference } = type;
    const inner = (one: PropertyType) => this.value(random, one, depth + 1, others);
    if (allowedValues !== undefined && allowedValues.length > 0) return random.pick(allowedValues);
    switch (type.type) {
      case 'number':
      case 'integer':
        return random.pick([0, 1, 7, 30, 443, 65_535, random.below(1000)]);
      case 'boolean':
        return random.pick<unknown>([true, false, 'true', 'false']);
      case 'tag':
        return { Key: random.pick(WORDS), Value: random.chance(0.2) ? this.intrinsic(random, 'x', others) : 'x' };
      case 'array':
        return element === undefined || depth > DEEPEST ? [] : random.list(3, () => inner(element));
      case 'map':
        return element === undefined
          ? {}
          : Object.fromEntries(random.list(2, () => [random.pick(WORDS), inner(element)]));
      case 'union':
        return types === undefined ? random.pick(WORDS) : inner(random.pick(types));
      case 'json':
        return random.pick<unknown>([
          {},
          { a: 1, b: [random.pick(WORDS)] },
          random.pick(WORDS),
          { Rules: [{ Id: 'x' }] },
        ]);
      case 'ref': {
        const definition = this.specification.get('typeDefinition', reference as never) as unknown as {
          properties: Record<string, Property>;
        };
        const chosen = Object.entries(definition.properties).filter(([, { required }]) =>
          depth > DEEPEST ? false : required || random.chance(0.3),
        );
        return Object.fromEntries(chosen.map(([name, property]) => [name, inner(property.type)]));
      }
      default:
        return random.pick(WORDS);
    }
  }

  private intrinsic(random: Random, value: unknown, others: readonly string[]): unknown {
    const other = others.length > 0 ? random.pick(others) : 'Size';
    return random.pick<() => unknown>([
      () => ({
        Ref: random.pick(['Size', 'Count', 'Secret', 'Unknown', 'List', 'AWS::Region', 'AWS::StackName', other]),
      }),
      () => (others.length > 0 ? { 'Fn::GetAtt': random.pick<unknown>([[other, 'Arn'], `${other}.Arn`]) } : value),
      () => ({
        'Fn::Sub': random.pick<unknown>([`x-\${${other}}-\${AWS::Region}`, ['${V}/*', { V: { Ref: other } }]]),
      }),
      () => ({ 'Fn::Join': [random.pick(['', ',', ':']), ['arn:aws:s3:::', { Ref: other }]] }),
      () => ({
        'Fn::If': [
          random.pick(['Known', 'Open', 'Both']),
          value,
          random.pick<unknown>([NO_VALUE, random.pick(WORDS), value]),
        ],
      }),
      () => ({ 'Fn::FindInMap': ['Map', random.pick<unknown>(['a', 'b', { Ref: 'Unknown' }]), 'x'] }),
      () => ({
        'Fn::Select': [random.below(3), random.pick<unknown>([{ Ref: 'List' }, { 'Fn::GetAZs': '' }, ['a', 'b']])],
      }),
      () => ({ 'Fn::Split': [',', { Ref: 'Size' }] }),
      () => ({ 'Fn::ImportValue': random.pick<unknown>(['x-a-R1', { 'Fn::Sub': '${Size}-y' }]) }),
      () => ({ 'Fn::GetStackOutput': { StackName: 'prod-a', OutputName: 'OutR0' } }),
      () => ({ 'Fn::Base64': value }),
      // Functions where only `AWS::LanguageExtensions` allows them.
      () => ({ Ref: { 'Fn::Sub': random.pick(['${Size}', '${Unknown}', 'R${Count}']) } }),
      () => ({ 'Fn::GetAtt': [{ 'Fn::Sub': random.pick(['${Unknown}', other]) }, { Ref: 'Unknown' }] }),
      () => ({ 'Fn::FindInMap': [{ Ref: 'Unknown' }, 'a', { 'Fn::Sub': '${Unknown}' }] }),
      () => ({ 'Fn::ImportValue': { 'Fn::Join': ['-', [{ Ref: 'Unknown' }, { 'Fn::GetAtt': [other, 'Arn'] }]] } }),
      () => ({ 'Fn::Join': ['', ['a', { 'Fn::Join': ['-', [{ Ref: 'Unknown' }, 'b', { Ref: other }]] }]] }),
      () => ({ 'Fn::ToJsonString': { a: [{ Ref: 'Unknown' }, value] } }),
      () => ({ 'Fn::Length': { Ref: 'Unknown' } }),
      () => ({ 'Fn::Cidr': ['10.0.0.0/16', 4, 8] }),
    ])();
  }

  private changed(random: Random, template: Tree, types: readonly string[]): Tree {
    const before = Object.entries(template['Resources'] as Readonly<Record<string, TemplateResource>>);
    const after = before.flatMap(([id, resource], index): [string, Tree][] => {
      const earlier = before.slice(0, index).map(([other]) => other);
      if (random.chance(0.1)) return [];
      if (random.chance(0.05)) return [[`${id}Renamed`, resource]];
      if (random.chance(0.03)) return [[id, this.resource(random, random.pick(types), earlier)]];
      return [[id, random.chance(0.7) ? this.mutated(random, resource, earlier) : resource]];
    });
    const added = random
      .list(2, () => random.pick(types))
      .map((type, index): [string, Tree] => [`New${index}`, this.resource(random, type, [])]);
    const Resources = Object.fromEntries([...after, ...added]);
    const there = new Set([...Object.keys(Resources), 'Size', 'Count', 'Secret', 'Unknown', 'List', 'V']);
    const outputs = Object.entries((template['Outputs'] ?? {}) as Tree).filter(([name]) => there.has(name.slice(3)));
    const rest = random.chance(0.5) ? this.surroundings(random) : {};
    return { ...template, ...rest, Resources: whole(Resources, there) as Tree, Outputs: Object.fromEntries(outputs) };
  }

  /** Another version of a resource: properties that are made anew, that go and that come, and other policies. */
  private mutated(random: Random, resource: TemplateResource, others: readonly string[]): Tree {
    const fresh = this.resource(random, resource.Type, others);
    const [was, is] = [resource.Properties ?? {}, fresh['Properties'] as Tree];
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    const properties = names.flatMap((name): [string, unknown][] => {
      const takes = random.chance(0.3) ? is[name] : was[name];
      return takes === undefined ? [] : [[name, takes]];
    });
    const { DeletionPolicy: _, Condition: __, ...others_ } = resource;
    const attributes = random.chance(0.2) ? { ...others_, ...fresh } : resource;
    return { ...attributes, Type: resource.Type, Properties: Object.fromEntries(properties) };
  }
}

/** References to what is there no longer become words, as a template that CloudFormation takes has them. */
function whole(value: unknown, there: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => whole(item, there));
  if (!isTree(value)) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value;
  if (typeof ref === 'string' && !ref.startsWith('AWS::') && !there.has(ref)) return 'gone';
  if (attribute !== undefined) {
    const id = Array.isArray(attribute) ? attribute[0] : String(attribute).split('.')[0];
    if (!there.has(String(id))) return 'gone';
  }
  if (typeof text === 'string') {
    const names = [...text.matchAll(/\$\{([^}]+)\}/g)].map(([, name = '']) => name);
    if (names.some((name) => !name.startsWith('AWS::') && !there.has(name))) return 'gone';
  }
  const { DependsOn: depends, ...rest } = value;
  const kept = [depends].flat().filter((id) => typeof id === 'string' && there.has(id));
  const all =
    depends === undefined || typeof value['Type'] !== 'string'
      ? value
      : { ...rest, ...(kept.length > 0 && { DependsOn: kept }) };
  return Object.fromEntries(Object.entries(all).map(([name, inner]) => [name, whole(inner, there)]));
}
