import { fleetsOf } from '../../account/fleet-demand';
import type { Configuration } from '../../config/configuration';
import { ZONES_WITHOUT_VPC_ORIGINS } from '../../facts/cloudfront-zones';
import { FIRST_PHASE_OF } from '../../facts/phase-numbers';
import type { Templates } from '../../template/template';
import { type Asked, asked } from './asked';
import type { Check } from './report';
import type { Placed } from './rows';

/** Version of the bootstrap stack that the rule `CheckBootstrapVersion` in every template asks for. */
const BOOTSTRAP_VERSION = 6;

/** Everything that has to be there before a first deployment comes up, and is in no template. */
export async function readinessOf(configuration: Configuration, placed: Placed): Promise<Check[]> {
  const regions = [...new Set(Object.values(placed.regions))];
  const checks = [
    ...regions.map((region) => bootstrap(region)),
    zonesAndTypes(configuration, placed.templates),
    hostedZone(configuration),
    ...named(configuration).map((one) => exists(configuration.region, one)),
    serviceLinkedRoles(placed.templates),
  ];
  return (await Promise.all(checks)).flat();
}

function unknown(what: string, outcome: { readonly refused: string }): Check {
  return { what, met: 'unknown', note: `AWS does not say: ${outcome.refused}` };
}

async function bootstrap(region: string): Promise<Check[]> {
  const what = `bootstrap stack of the CDK in ${region}`;
  const sdk = await import('@aws-sdk/client-cloudformation');
  const client = new sdk.CloudFormationClient({ region });
  const outcome = await asked(() => client.send(new sdk.DescribeStacksCommand({ StackName: 'CDKToolkit' })));
  if ('refused' in outcome) return [unknown(what, outcome)];
  const remedy = `run \`npx cdk bootstrap aws://<account>/${region}\``;
  const [stack] = outcome.answer?.Stacks ?? [];
  if (stack === undefined) return [{ what, met: 'missing', note: remedy }];
  const version = Number(stack.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue);
  if (!(version >= BOOTSTRAP_VERSION)) {
    return [
      {
        what,
        met: 'too little',
        note: `version ${version || 'unknown'}, and ${BOOTSTRAP_VERSION} is asked for: ${remedy}`,
      },
    ];
  }
  return [{ what, met: 'ok', note: `version ${version}` }];
}

async function zonesAndTypes({ region, network, ingress }: Configuration, templates: Templates): Promise<Check[]> {
  const what = `three zones of ${region}`;
  const sdk = await import('@aws-sdk/client-ec2');
  const client = new sdk.EC2Client({ region });
  const outcome = await asked(() => client.send(new sdk.DescribeAvailabilityZonesCommand({})));
  if ('refused' in outcome) return [unknown(what, outcome)];
  const there = (outcome.answer?.AvailabilityZones ?? [])
    .filter(({ State, ZoneType = 'availability-zone' }) => State === 'available' && ZoneType === 'availability-zone')
    .map(({ ZoneName = '', ZoneId = '' }) => ({ name: ZoneName, id: ZoneId }))
    .sort((one, other) => one.name.localeCompare(other.name));
  const names = network.availabilityZones ?? there.slice(0, 3).map(({ name }) => name);
  const gone = names.filter((name) => !there.some((zone) => zone.name === name));
  const offer = `the account has ${there.map(({ name, id }) => `${name} (${id})`).join(', ') || 'none'}`;
  if (names.length < 3 || gone.length > 0) {
    const why = gone.length > 0 ? `${gone.join(', ')} is not among them` : 'which are fewer than three';
    return [{ what, met: 'missing', note: `${offer}; ${why}: set network.availabilityZones` }];
  }
  const chosen = names.map((name) => `${name} (${there.find((zone) => zone.name === name)?.id ?? ''})`);
  const unreached = there.filter(({ name, id }) => names.includes(name) && ZONES_WITHOUT_VPC_ORIGINS.includes(id));
  const hasOrigin = Object.values(templates).some(({ Resources }) =>
    Object.values(Resources).some(({ Type }) => Type === 'AWS::CloudFront::VpcOrigin'),
  );
  const zones: Check =
    unreached.length === 0
      ? { what, met: 'ok', note: chosen.join(', ') }
      : {
          what,
          met: ingress === 'http' && hasOrigin ? 'missing' : 'ok',
          note: `${chosen.join(', ')}; CloudFront reaches no load balancer in ${unreached.map(({ name }) => name).join(', ')}, which counts once there is a load balancer: set network.availabilityZones to others now, they cannot change later`,
        };
  const fleets = Object.values(templates).flatMap(fleetsOf);
  const types = [...new Set(fleets.map(({ instanceType }) => instanceType))];
  // The single server, the NAT instance and app nodes close together have one subnet: that of the first zone.
  const zonesOf = (type: string): readonly string[] =>
    fleets.some(({ instanceType, subnets }) => instanceType === type && subnets > 1) ? names : names.slice(0, 1);
  const offerings = await asked(() =>
    client.send(
      new sdk.DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: types }],
      }),
    ),
  );
  if ('refused' in offerings) return [zones, unknown(`instance types ${types.join(', ')}`, offerings)];
  const offered = offerings.answer?.InstanceTypeOfferings ?? [];
  return [
    zones,
    ...types.map((type): Check => {
      const needed = zonesOf(type);
      const nowhere = needed.filter(
        (zone) => !offered.some(({ InstanceType, Location }) => InstanceType === type && Location === zone),
      );
      const where = `instance type ${type} in ${needed.join(', ')}`;
      return nowhere.length === 0
        ? { what: where, met: 'ok', note: 'offered' }
        : {
            what: where,
            met: 'missing',
            note: `not offered in ${nowhere.join(', ')}: choose another type, or other zones`,
          };
    }),
  ];
}

async function hostedZone({ domain, region }: Configuration): Promise<Check[]> {
  const { name, hostedZoneId, hostedZoneName } = domain;
  if (name === undefined || hostedZoneId === undefined) return [];
  const what = `hosted zone ${hostedZoneId} of ${hostedZoneName}`;
  const sdk = await import('@aws-sdk/client-route-53');
  const client = new sdk.Route53Client({ region });
  const outcome = await asked(() => client.send(new sdk.GetHostedZoneCommand({ Id: hostedZoneId })));
  if ('refused' in outcome) return [unknown(what, outcome)];
  const zone = outcome.answer?.HostedZone;
  if (zone === undefined)
    return [{ what, met: 'missing', note: 'the account has none of that id: see domain.hostedZoneId' }];
  const actual = (zone.Name ?? '').replace(/\.$/, '');
  if (actual !== hostedZoneName)
    return [{ what, met: 'missing', note: `it is the zone of ${actual}: see domain.hostedZoneName` }];
  if (zone.Config?.PrivateZone) {
    return [
      { what, met: 'missing', note: 'it is private: neither users nor the certificate authority see its records' },
    ];
  }
  return [{ what, met: 'ok', note: 'public, in this account; certificates are validated by its records' }];
}

/** A thing that the configuration names and somebody else made. */
interface Named {
  readonly key: string;
  readonly type: string;
  readonly identifier: string;
  /** Problem with its properties; undefined when they are right. */
  readonly sound?: (properties: Readonly<Record<string, unknown>>) => string | undefined;
}

function named({ release, alerts, delivery, phase }: Configuration): Named[] {
  const secrets: readonly (readonly [key: string, arn: string | undefined, from: number])[] = [
    ['release.environmentSecret', release.environmentSecret, 0],
    ['alerts.pagerDutySecret', alerts.pagerDutySecret, FIRST_PHASE_OF.automation],
    ['alerts.sentrySecret', alerts.sentrySecret, FIRST_PHASE_OF.automation],
  ];
  const things = secrets.flatMap(([key, arn, from]): Named[] =>
    arn === undefined || phase < from ? [] : [{ key, type: 'AWS::SecretsManager::Secret', identifier: arn }],
  );
  const { connectionArn, source } = delivery;
  if (source !== 'git' || connectionArn === undefined || phase < FIRST_PHASE_OF.automation) return things;
  const sound = ({ ConnectionStatus: status }: Readonly<Record<string, unknown>>): string | undefined =>
    status === 'AVAILABLE' ? undefined : `it is ${status}: approve it in the console, once`;
  return [
    ...things,
    { key: 'delivery.connectionArn', type: 'AWS::CodeConnections::Connection', identifier: connectionArn, sound },
  ];
}

async function exists(region: string, { key, type, identifier, sound }: Named): Promise<Check[]> {
  const what = `${key} ${identifier.split(':').slice(5).join(':')}`;
  const sdk = await import('@aws-sdk/client-cloudcontrol');
  const client = new sdk.CloudControlClient({ region });
  const outcome: Asked<import('@aws-sdk/client-cloudcontrol').GetResourceCommandOutput | undefined> = await asked(() =>
    client.send(new sdk.GetResourceCommand({ TypeName: type, Identifier: identifier })),
  );
  if ('refused' in outcome) return [unknown(what, outcome)];
  const text = outcome.answer?.ResourceDescription?.Properties;
  if (text === undefined) return [{ what, met: 'missing', note: `${region} has none of that name: see ${key}` }];
  const wrong = sound?.(JSON.parse(text) as Readonly<Record<string, unknown>>);
  return [wrong === undefined ? { what, met: 'ok', note: 'there' } : { what, met: 'missing', note: wrong }];
}

/** Roles that services have in an account, by what first needs them. */
const SERVICE_LINKED: readonly (readonly [type: RegExp, role: string])[] = [
  [/^AWS::AutoScaling::AutoScalingGroup$/, 'AWSServiceRoleForAutoScaling'],
  [/^AWS::ElasticLoadBalancingV2::/, 'AWSServiceRoleForElasticLoadBalancing'],
  [/^AWS::(RDS|DocDB|Neptune)::DB(Instance|Cluster)$/, 'AWSServiceRoleForRDS'],
  [/^AWS::ElastiCache::ReplicationGroup$/, 'AWSServiceRoleForElastiCache'],
  [/^AWS::EC2::NatGateway$/, 'AWSServiceRoleForNATGateway'],
  [/^AWS::CloudFront::VpcOrigin$/, 'AWSServiceRoleForCloudFrontVPCOrigin'],
  [/^AWS::RedshiftServerless::/, 'AWSServiceRoleForRedshift'],
  [/^AWS::ImageBuilder::/, 'AWSServiceRoleForImageBuilder'],
  [/^AWS::Backup::/, 'AWSServiceRoleForBackup'],
  [/^AWS::DSQL::/, 'AWSServiceRoleForAuroraDsql'],
];

/**
 * Roles that AWS makes when a service first needs one. None has to be there; a first use that makes one may fail where the
 * role has only just been made, and works when it is tried again.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html (2026-11-29)
 */
async function serviceLinkedRoles(templates: Templates): Promise<Check[]> {
  const types = new Set(
    Object.values(templates).flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)),
  );
  const roles = SERVICE_LINKED.filter(([type]) => [...types].some((one) => type.test(one))).map(([, role]) => role);
  const what = 'service-linked roles';
  if (roles.length === 0) return [];
  const sdk = await import('@aws-sdk/client-iam');
  const client = new sdk.IAMClient({ region: 'us-east-1' });
  const outcomes = await Promise.all(
    roles.map(async (role) => ({
      role,
      outcome: await asked(() => client.send(new sdk.GetRoleCommand({ RoleName: role }))),
    })),
  );
  const made: string[] = [];
  for (const { role, outcome } of outcomes) {
    if ('refused' in outcome) return [unknown(what, outcome)];
    if (outcome.answer === undefined) made.push(role);
  }
  const note =
    made.length === 0
      ? `${roles.length} there`
      : `AWS makes ${made.join(', ')} at first use; who deploys must be allowed iam:CreateServiceLinkedRole`;
  return [{ what, met: 'ok', note }];
}
