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

/** What users may set that changes which resources there are. */
const CHOICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'as configured': {},
  'with a domain': WITH_DOMAIN,
  'with sockets and a domain': { ...WITH_DOMAIN, ingress: 'sockets' },
  'without a web tier': { 'web.enabled': 'false' },
  'with sockets and no web tier': { ingress: 'sockets', 'web.enabled': 'false' },
  'with NAT gateways': { 'network.egress': 'gateway', 'network.natGateways': '3' },
  'with no egress': { 'network.egress': 'none' },
  'in another region, zones named': {
    ...WITH_DOMAIN,
    region: 'eu-west-1',
    'network.availabilityZones': 'eu-west-1a,eu-west-1b,eu-west-1c',
  },
  'on Graviton and Debian': {
    'node.image': 'debian-13',
    'release.architecture': 'arm64',
    'release.uri': 's3://releases.example/app-1.0.0.tar.gz',
    'box.instanceType': 'c7g.large',
    'app.instanceType': 'c7g.xlarge',
    'box.sshFrom': '203.0.113.0/24',
    'database.replicas': '0',
  },
};

/** Every phase of every environment, and one environment with every choice. */
export const VARIANTS: readonly Variant[] = PHASES.flatMap(({ number }) => [
  ...ENVIRONMENTS.map((env) => ({ name: `${env} at phase ${number}`, context: { env, phase: String(number) } })),
  ...Object.entries(CHOICES).map(([choice, context]) => ({
    name: `staging at phase ${number} ${choice}`,
    context: { env: 'staging', phase: String(number), ...context },
  })),
]);
