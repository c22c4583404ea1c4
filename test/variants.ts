import { PHASES } from '../lib/architecture/phases';

/** Context of one synth: an environment, a phase and what a user may set besides. */
export interface Variant {
  readonly name: string;
  readonly context: Readonly<Record<string, string>>;
}

export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

/** A public name with everything that it asks for. */
export const WITH_DOMAIN = {
  'domain.name': 'app.example.com',
  'domain.hostedZoneId': 'Z0123456789ABCDEFGHIJ',
  'domain.hostedZoneName': 'example.com',
  'domain.email': 'ops@example.com',
} as const;

/** Another region than the default one, with its zones: prod pins those of its own. */
export const IN_EUROPE = {
  region: 'eu-west-1',
  'network.availabilityZones': 'eu-west-1a,eu-west-1b,eu-west-1c',
} as const;

/** What users may set that changes which resources there are. */
const CHOICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'as configured': {},
  'with a domain': WITH_DOMAIN,
  'with sockets and a domain': { ...WITH_DOMAIN, ingress: 'sockets' },
  'without a web tier': { 'web.enabled': 'false' },
  'with sockets and no web tier': { ingress: 'sockets', 'web.enabled': 'false' },
  'with NAT gateways': { 'network.egress': 'gateway', 'network.natGateways': '3' },
  'with no egress': {
    'network.egress': 'none',
    'delivery.mode': 'blue-green',
    'operations.goldenImages': 'none',
  },
  'in another region, zones named': { ...WITH_DOMAIN, ...IN_EUROPE },
  'on Graviton and Debian': {
    'node.image': 'debian-13',
    'delivery.mode': 'blue-green',
    'operations.goldenImages': 'none',
    'release.architecture': 'arm64',
    'release.uri': 's3://releases.example/app-1.0.0.tar.gz',
    'box.instanceType': 'c7g.large',
    'app.instanceType': 'c7g.xlarge',
    'workers.instanceType': 'c7g.large',
    'box.sshFrom': '203.0.113.0/24',
    'database.replicas': '0',
  },
};

/** What users may set that only matters from the phase that brings it. */
const LATER_CHOICES: readonly { readonly phase: number; readonly choices: typeof CHOICES }[] = [
  {
    phase: 2,
    choices: { 'with app nodes close together': { 'app.placement': 'cluster', 'app.instanceType': 'c7i.large' } },
  },
  {
    phase: 4,
    choices: {
      'with app nodes close together, sockets and warm nodes': {
        ingress: 'sockets',
        'app.placement': 'cluster',
        'app.instanceType': 'c7i.large',
        'scaling.warmNodes': '1',
      },
      'with a Git source, hot upgrades and all alerts': {
        ...WITH_DOMAIN,
        'delivery.source': 'git',
        'delivery.connectionArn':
          'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef',
        'delivery.repository': 'example/app',
        'delivery.mode': 'hot',
        'alerts.emails': 'ops@example.com',
        'alerts.pagerDutySecret': 'arn:aws:secretsmanager:us-east-1:123456789012:secret:pagerduty-AbCdEf',
        'alerts.slackWorkspaceId': 'T0123ABCD',
        'alerts.slackChannelId': 'C0123ABCD',
        'alerts.sentrySecret': 'arn:aws:secretsmanager:us-east-1:123456789012:secret:sentry-AbCdEf',
      },
      'kept in full': {
        'operations.trail': 'organization',
        'operations.organizationId': 'o-a1b2c3d4e5',
        'operations.vaultLock': 'compliance',
        'operations.copyRegion': 'eu-central-1',
        'operations.restoreTests': 'true',
        'operations.playbook': 's3://books.example/site.zip',
        'operations.goldenImages': 'use',
      },
      'on new nodes, with sockets, a schedule and warm nodes': {
        ingress: 'sockets',
        'delivery.mode': 'blue-green',
        'scaling.predictive': 'scale',
        'scaling.warmNodes': '1',
        'scaling.schedule': '[{"name":"evening","cron":"0 18 * * *","minNodes":2,"maxNodes":4}]',
      },
      'without a pipeline, locked, copied and tested': {
        'delivery.source': 'none',
        'operations.vaultLock': 'governance',
        'operations.copyRegion': 'us-west-2',
        'operations.restoreTests': 'true',
        'operations.trail': 'organization',
        'operations.organizationId': 'o-a1b2c3d4e5',
        'operations.playbook': 's3://playbooks.example/site.zip',
      },
    },
  },
  {
    phase: 5,
    choices: {
      'with FIFO, a schedule and no worker fleet': {
        queues:
          '{"jobs":{"fifo":true,"worker":"lambda","jobSeconds":60},"mail":{"worker":"lambda","jobSeconds":30},"media":null}',
        schedules:
          '{"nightly":{"expression":"cron(0 3 * * ? *)","timeZone":"Europe/Berlin","queue":"jobs","message":"{\\"kind\\":\\"nightly\\",\\"id\\":\\"<aws.scheduler.execution-id>\\"}"}}',
      },
      'with FIFO queues and no least worker': {
        queues: '{"jobs":{"fifo":true},"mail":{"fifo":true}}',
        schedules: '{"nightly":{"expression":"rate(1 day)","queue":"jobs"}}',
        'workers.minNodes': '0',
      },
      'with workers from zero': { 'workers.minNodes': '0', 'web.enabled': 'false' },
    },
  },
  {
    phase: 6,
    choices: {
      'while it expands': { from: '5' },
      'with Limitless and every NoSQL family': {
        'data.sharding.engine': 'limitless',
        'data.documents.enabled': 'true',
        'data.wideColumns.enabled': 'true',
        'data.graph.enabled': 'true',
      },
      'with DSQL and no warehouse': { 'data.sharding.engine': 'dsql', 'data.warehouse.enabled': 'false' },
      'with as many clusters as there can be': { 'data.sharding.clusters': '256', 'data.sharding.readers': '15' },
      'with one function and no shards': {
        'data.functions': '{"users":{},"catalogue":null,"forum":null}',
        'data.sharding.engine': 'none',
      },
    },
  },
];

/** The phases at which every choice of the first kind is tried: where it first matters, and the last. */
const TRIED = [0, 1, 2, 3, PHASES.length - 1];

const staging = (phase: number, choice: string, context: Variant['context']): Variant => ({
  name: `staging at phase ${phase} ${choice}`,
  context: { env: 'staging', phase: String(phase), ...context },
});

/** Every phase of every environment, as it is configured. */
export const PLAIN_VARIANTS: readonly Variant[] = PHASES.flatMap(({ number }) =>
  ENVIRONMENTS.map((env) => ({ name: `${env} at phase ${number}`, context: { env, phase: String(number) } })),
);

/** Every phase of every environment, and one environment with every choice. */
export const VARIANTS: readonly Variant[] = [
  ...PLAIN_VARIANTS,
  ...TRIED.flatMap((phase) => Object.entries(CHOICES).map(([choice, context]) => staging(phase, choice, context))),
  ...LATER_CHOICES.flatMap(({ phase, choices }) =>
    Object.entries(choices).map(([choice, context]) => staging(phase, choice, context)),
  ),
];

/** A live environment that climbs, and what is set on its way. */
export interface Route {
  readonly name: string;
  readonly environment: string;
  readonly settings: Readonly<Record<string, string>>;
  /** The first phase at which the settings change anything. */
  readonly since: number;
}

const route = (environment: string, name: string, settings: Route['settings'], since = 1): Route => ({
  name: `${environment} ${name}`,
  environment,
  settings,
  since,
});

/** A public name, sockets, each part that may be left out, each way out, each engine of sharding. */
export const ROUTES: readonly Route[] = [
  route('prod', 'with a domain', WITH_DOMAIN),
  route('staging', 'with sockets', { ingress: 'sockets' }),
  route('staging', 'with sockets and a domain', { ...WITH_DOMAIN, ingress: 'sockets' }),
  route('staging', 'without a web tier', { 'web.enabled': 'false' }),
  route('staging', 'with sockets, a domain and no web tier', {
    ...WITH_DOMAIN,
    ingress: 'sockets',
    'web.enabled': 'false',
  }),
  route('staging', 'with egress through a NAT instance', { 'network.egress': 'instance' }),
  route('staging', 'with egress through NAT gateways', { 'network.egress': 'gateway', 'network.natGateways': '3' }),
  route('staging', 'with no egress', {
    'network.egress': 'none',
    'delivery.mode': 'blue-green',
    'operations.goldenImages': 'none',
  }),
  ...['clusters', 'limitless', 'dsql', 'none'].map((engine) =>
    route('staging', `with shards: ${engine}`, { 'data.sharding.engine': engine }, PHASES.length - 1),
  ),
];
