import { cloudFrontPrefixList } from '../facts/cloudfront-prefix-list';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import { ACCEPTED_ONCE } from './accepted-checks';
import { ASYNCHRONOUS_CHECKS } from './asynchronous-checks';
import type { Check } from './check';
import { DATABASE_ENGINE_CHECKS } from './database-engine-checks';
import { DELIVERY_CHECKS } from './delivery-checks';
import { EXTREME_CHECKS } from './extreme-checks';
import { FAMILY_CHECKS } from './family-checks';
import { KNOWN_REGION } from './known-region';
import { leastMaximum } from './least-maximum';
import { OPERATIONS_CHECKS } from './operations-checks';
import { typesOfItsCpu } from './release-architecture';
import { SCALING_CHECKS } from './scaling-checks';
import { SHARDING_CHECKS } from './sharding-checks';
import { TRAFFIC_CHECKS } from './traffic-checks';

const architectureMatches = (
  fleet: 'box' | 'app',
  isThere: (phase: number, lowestPhase: number) => boolean,
): Check => ({
  keys: [
    `${fleet}.instanceType`,
    'release.architecture',
    fleet === 'app' ? 'box.instanceType' : 'app.instanceType',
    'phase',
  ],
  violated: (settings, lowestPhase) =>
    isThere(settings.phase, lowestPhase)
      ? typesOfItsCpu(settings[fleet].instanceType, settings, lowestPhase)
      : undefined,
});

const rangeOfNodes = (fleet: 'app' | 'web'): Check => ({
  keys: [`${fleet}.maxNodes`, `${fleet}.minNodes`],
  violated: (settings) =>
    settings[fleet].maxNodes >= settings[fleet].minNodes
      ? undefined
      : `at least ${fleet}.minNodes, which is ${settings[fleet].minNodes}`,
});

export const CHECKS: readonly Check[] = [
  KNOWN_REGION,
  ACCEPTED_ONCE,
  {
    keys: ['edge.originPrefixList', 'region', 'phase', 'ingress'],
    violated: ({ edge, region, phase, ingress }) => {
      if (phase < FIRST_PHASE_OF.loadBalancer || ingress !== 'http') return undefined;
      return (edge.originPrefixList ?? cloudFrontPrefixList(region)) !== undefined
        ? undefined
        : `the id that \`aws ec2 describe-managed-prefix-lists --region ${region}\` gives for com.amazonaws.global.cloudfront.origin-facing, which is not known here for ${region}`;
    },
  },
  architectureMatches('box', (_, lowestPhase) => lowestPhase < FIRST_PHASE_OF.loadBalancer),
  architectureMatches('app', (phase) => phase >= FIRST_PHASE_OF.loadBalancer),
  rangeOfNodes('app'),
  rangeOfNodes('web'),
  ...FAMILY_CHECKS,
  {
    keys: ['domain.hostedZoneId', 'domain.name'],
    violated: ({ domain }) =>
      domain.name !== undefined && domain.hostedZoneId === undefined
        ? `the id of the hosted zone that holds ${domain.name}, because domain.name is set`
        : undefined,
  },
  {
    keys: ['domain.hostedZoneName', 'domain.name'],
    violated: ({ domain }) => {
      if (domain.name === undefined) return undefined;
      const zone = domain.hostedZoneName;
      return zone !== undefined && (domain.name === zone || domain.name.endsWith(`.${zone}`))
        ? undefined
        : `the name of the hosted zone, of which ${domain.name} is part, because domain.name is set`;
    },
  },
  {
    keys: ['domain.name', 'domain'],
    violated: ({ domain }) =>
      domain.name === undefined && Object.values(domain).some((value) => value !== undefined)
        ? 'the public name, because other keys of domain are set'
        : undefined,
  },
  {
    keys: ['domain.email', 'domain.name'],
    violated: ({ domain }, lowestPhase) =>
      domain.name !== undefined && domain.email === undefined && lowestPhase < FIRST_PHASE_OF.loadBalancer
        ? 'an e-mail address for the certificate authority, because domain.name is set'
        : undefined,
  },
  {
    keys: ['app.tlsPort', 'app.port'],
    violated: ({ app }) => (app.tlsPort === app.port ? `a port other than app.port, which is ${app.port}` : undefined),
  },
  {
    keys: ['database.maxStorageGiB', 'database.storageGiB'],
    violated: ({ database }) =>
      database.maxStorageGiB >= leastMaximum(database.storageGiB)
        ? undefined
        : `at least ${leastMaximum(database.storageGiB)}, a tenth more than database.storageGiB`,
  },
  {
    keys: ['database.replicaEngineVersion', 'database.engineVersion'],
    violated: ({ database }) => {
      const [major = '', minor = ''] = database.engineVersion.split('.');
      const [ownMajor, ownMinor] = (database.replicaEngineVersion ?? database.engineVersion).split('.');
      return ownMajor === major && Number(ownMinor) >= Number(minor)
        ? undefined
        : `${major}.${minor} or a newer ${major}, because database.engineVersion is ${database.engineVersion}`;
    },
  },
  {
    keys: ['database.passwordDays'],
    // Nodes are replaced in less than this time, one after the other, each after its drain of up to two days.
    violated: ({ database: { passwordDays } }) =>
      passwordDays === 0 || passwordDays >= 7 ? undefined : '0, or a whole number from 7 to 365',
  },
  {
    keys: ['network.availabilityZones', 'region'],
    violated: ({ network, region }) => {
      const zones = network.availabilityZones ?? [];
      const sound = zones.every((zone) => zone.startsWith(region)) && new Set(zones).size === zones.length;
      return sound ? undefined : `three different zones of the region ${region}`;
    },
  },
  ...DATABASE_ENGINE_CHECKS,
  ...SCALING_CHECKS,
  ...OPERATIONS_CHECKS,
  ...DELIVERY_CHECKS,
  ...SHARDING_CHECKS,
  ...EXTREME_CHECKS,
  ...ASYNCHRONOUS_CHECKS,
  ...TRAFFIC_CHECKS,
];
