import type { Configuration } from '../../config/configuration';
import { subnetPlan } from '../../config/subnet-plan';
import { parseCidr } from '../../facts/cidr';
import { instanceType } from '../../facts/instance-type';
import type { Architecture, DomainPlan, Phase } from '../architecture';

export const phase0 = {
  number: 0,
  name: 'single server',
  adds: 'one box with the release and PostgreSQL on its own volume, Elastic IP, DNS name',
  retires: [],
} as const satisfies Phase;

/** The ground on which every later phase stands. */
export function singleServer(configuration: Configuration): Architecture {
  const { network, node, release, box, app, storage } = configuration;
  const cidr = parseCidr(network.cidr);
  if (cidr === undefined) throw new Error(`network.cidr ${network.cidr} was not checked`);
  const domain = domainPlan(configuration);
  return {
    environment: configuration.environment,
    region: configuration.region,
    logDays: configuration.logDays,
    network: {
      cidr: network.cidr,
      subnets: subnetPlan(cidr),
      ...(network.availabilityZones && { availabilityZones: network.availabilityZones }),
      // The box stands in a public subnet: nothing private needs a way out yet.
      egress: { kind: 'none' },
      interfaceEndpoints: network.interfaceEndpoints,
      flowLogDays: network.flowLogDays,
    },
    storage: { ...storage, userFiles: false },
    node: {
      image: node.image,
      rootVolumeGiB: node.rootVolumeGiB,
      releaseUri: release.uri,
      ...(release.environmentSecret && { releaseSecretArn: release.environmentSecret }),
      releaseArchitecture: release.architecture,
      appPort: app.port,
      tlsPort: app.tlsPort,
      healthPath: app.healthPath,
      evictPerSecond: app.evictPerSecond,
    },
    ...(domain && { domain }),
    box: { role: 'box', instanceType: instanceType(box.instanceType), minNodes: 1, maxNodes: 1, sshFrom: box.sshFrom },
    localDatabase: { name: configuration.database.name, volumeGiB: box.dataVolumeGiB, snapshotDays: box.snapshotDays },
  };
}

function domainPlan({ domain }: Configuration): DomainPlan | undefined {
  const { name, hostedZoneId, hostedZoneName, email } = domain;
  if (name === undefined || hostedZoneId === undefined || hostedZoneName === undefined) return undefined;
  return { name, hostedZoneId, hostedZoneName, ...(email !== undefined && { email }) };
}
