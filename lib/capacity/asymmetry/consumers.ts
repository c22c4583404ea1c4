import { quotaOf } from '../../facts/quotas';
import { keyOf, type Place, placeOf } from '../../template/references';
import type { TemplateResource, Templates } from '../../template/template';
import { inside, isTree, numberOf } from '../../template/values';
import { COEFFICIENTS } from '../coefficients';
import { groupsIn, treesIn } from './reach';

/** Something that scales, and opens connections to what it may reach. */
export interface Consumer extends Place {
  readonly type: string;
  /** Copies that scaling may make of it. */
  readonly most: number;
  /** Reason for that number. */
  readonly why: string;
  /** Connections of each copy to one database, and whether the template says so. */
  readonly pool: number;
  readonly poolIsSaid: boolean;
  /** Its security groups, as keys of their places. */
  readonly groups: readonly string[];
  /** Its subnets, as keys of their places. */
  readonly subnets: readonly string[];
}

type Read = (
  resource: TemplateResource,
  place: Place,
  templates: Templates,
) => Omit<Consumer, keyof Place | 'type'> | undefined;

const READERS: Readonly<Record<string, Read>> = {
  'AWS::AutoScaling::AutoScalingGroup': fleet,
  'AWS::ECS::Service': service,
  'AWS::Lambda::Function': lambda,
};

/** Everything in the templates that scales. */
export function consumersIn(templates: Templates): Consumer[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const read = READERS[resource.Type]?.(resource, { stack, id }, templates);
      return read === undefined ? [] : [{ stack, id, type: resource.Type, ...read }];
    }),
  );
}

function fleet(group: TemplateResource, { stack }: Place, templates: Templates): ReturnType<Read> {
  const most = numberOf(group.Properties?.['MaxSize']);
  if (most === undefined) return undefined;
  const mixed = inside(group, 'MixedInstancesPolicy', 'LaunchTemplate', 'LaunchTemplateSpecification');
  const { LaunchTemplate, LaunchConfigurationName } = group.Properties ?? {};
  const place = placeOf(mixed ?? LaunchTemplate ?? LaunchConfigurationName, stack, templates);
  const properties = place && templates[place.stack]?.Resources[place.id]?.Properties;
  const inner = properties?.['LaunchTemplateData'];
  const data = isTree(inner) ? inner : properties;
  const from = place?.stack ?? stack;
  const interfaces = treesIn(data?.['NetworkInterfaces']).map(({ Groups }) => Groups);
  return {
    most,
    why: `MaxSize ${most}`,
    ...poolIn(data?.['UserData'], COEFFICIENTS.poolSize.value),
    groups: [data?.['SecurityGroupIds'], data?.['SecurityGroups'], ...interfaces].flatMap((list) =>
      groupsIn(list, from, templates),
    ),
    subnets: groupsIn(group.Properties?.['VPCZoneIdentifier'], stack, templates),
  };
}

function service(resource: TemplateResource, place: Place, templates: Templates): ReturnType<Read> {
  const { stack } = place;
  const scaled = targetOf(place, templates);
  const most = scaled ?? numberOf(resource.Properties?.['DesiredCount']) ?? 1;
  const definition = placeOf(resource.Properties?.['TaskDefinition'], stack, templates);
  const task = definition && templates[definition.stack]?.Resources[definition.id]?.Properties;
  const network = ['NetworkConfiguration', 'AwsvpcConfiguration'] as const;
  return {
    most,
    why: scaled === undefined ? `DesiredCount ${most}` : `MaxCapacity ${most}`,
    ...poolIn(task?.['ContainerDefinitions'], COEFFICIENTS.poolSize.value),
    groups: groupsIn(inside(resource, ...network, 'SecurityGroups'), stack, templates),
    subnets: groupsIn(inside(resource, ...network, 'Subnets'), stack, templates),
  };
}

/** Greatest capacity that a scalable target gives a service, whose name is in its id. */
function targetOf(place: Place, templates: Templates): number | undefined {
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type !== 'AWS::ApplicationAutoScaling::ScalableTarget') continue;
      const text = JSON.stringify(Properties['ResourceId'] ?? '');
      if (stack === place.stack && text.includes(`"${place.id}"`)) return numberOf(Properties['MaxCapacity']);
      if (stack === place.stack && text.includes(`\${${place.id}.Name}`)) return numberOf(Properties['MaxCapacity']);
    }
  }
  return undefined;
}

/** Services that call a function as often as users do. */
const CALLERS = /^(apigateway|elasticloadbalancing|s3|sns|iot|cognito-idp|lex|alexa-connectedhome)\./;

/** A function runs so many times at once as its triggers ask for; one that only CloudFormation or a clock calls, once. */
function lambda(resource: TemplateResource, place: Place, templates: Templates): ReturnType<Read> {
  const { most, why } = concurrency(resource, place, templates);
  return {
    most,
    why,
    ...poolIn(inside(resource, 'Environment'), 1),
    groups: groupsIn(inside(resource, 'VpcConfig', 'SecurityGroupIds'), place.stack, templates),
    // Functions share the interfaces of their subnets and groups, whatever their concurrency.
    subnets: [],
  };
}

function concurrency(resource: TemplateResource, place: Place, templates: Templates): { most: number; why: string } {
  const reserved = numberOf(resource.Properties?.['ReservedConcurrentExecutions']);
  if (reserved !== undefined) return { most: reserved, why: `ReservedConcurrentExecutions ${reserved}` };
  const polled = pollersOf(place, templates);
  const bounded = polled.every((most) => most !== undefined);
  if (polled.length > 0 && bounded) {
    const most = polled.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    return { most, why: `MaximumConcurrency ${most} of what it reads from` };
  }
  if (polled.length === 0 && !isCalledByUsers(place, templates)) {
    return { most: 1, why: 'nothing calls it as often as users do' };
  }
  const { standard } = quotaOf('lambda-concurrency');
  return { most: standard, why: `no limit of its own, so the account's ${standard}` };
}

/** Greatest concurrency that each event source of a function asks for; undefined for one that sets none. */
export function pollersOf(place: Place, templates: Templates): (number | undefined)[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.values(Resources)
      .filter(({ Type, Properties }) => {
        if (Type !== 'AWS::Lambda::EventSourceMapping') return false;
        const target = placeOf(Properties?.['FunctionName'], stack, templates);
        return target !== undefined && keyOf(target) === keyOf(place);
      })
      .map((mapping) => numberOf(inside(mapping, 'ScalingConfig', 'MaximumConcurrency')) ?? shardsOf(mapping)),
  );
}

/** A stream is read by its shards: each by as many as the mapping says, a template does not say how many there are. */
function shardsOf({ Properties = {} }: TemplateResource): number | undefined {
  return Properties['StartingPosition'] === undefined
    ? undefined
    : (numberOf(Properties['ParallelizationFactor']) ?? 1);
}

function isCalledByUsers(place: Place, templates: Templates): boolean {
  return Object.entries(templates).some(([stack, { Resources }]) =>
    Object.values(Resources).some(({ Type, Properties = {} }) => {
      const named = Type === 'AWS::Lambda::Permission' ? Properties['FunctionName'] : Properties['TargetFunctionArn'];
      if (Type !== 'AWS::Lambda::Permission' && Type !== 'AWS::Lambda::Url') return false;
      const target = placeOf(named, stack, templates);
      const calls = Type === 'AWS::Lambda::Url' || CALLERS.test(String(Properties['Principal']));
      return calls && target !== undefined && keyOf(target) === keyOf(place);
    }),
  );
}

/** Names under which applications are told the size of their pool, with the number in text or in an environment. */
const POOL_NAMES = '(?:DB_|DATABASE_|PG_?)?(?:POOL_SIZE|POOL_MAX|MAX_POOL_SIZE|CONNECTION_LIMIT)';
const POOL = new RegExp(`\\b${POOL_NAMES}\\\\*"?\\s*(?:[=:]|,\\s*"Value"\\s*:)\\s*\\\\*"?(\\d{1,5})`);

function poolIn(value: unknown, standard: number): Pick<Consumer, 'pool' | 'poolIsSaid'> {
  const [, size] = POOL.exec(JSON.stringify(value ?? '')) ?? [];
  return size === undefined ? { pool: standard, poolIsSaid: false } : { pool: Number(size), poolIsSaid: true };
}
