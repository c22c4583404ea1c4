import { keyOf } from '../identity';
import { type Check, type Observation, resourcesOf } from '../observation';
import { recordsOf } from '../records';

/** The public name points at what serves users in this phase, the reader name at every replica. */
export const checkNames: Check = async (seen, evidence, aws) => {
  const { domain, ingress, database, functions, region } = seen.architecture;
  const clients = aws(region);
  if (domain !== undefined) {
    const records = (await recordsOf(domain.hostedZoneId, clients)).filter(({ Name }) => Name === `${domain.name}.`);
    const types = records.map(({ Type }) => Type).sort();
    evidence.equal(`${domain.name}: records`, types, ingress === undefined ? ['A'] : ['A', 'AAAA']);
    const address = records.find(({ Type }) => Type === 'A');
    // While a climb expands, box and fleets are both there, and the name has moved to the new.
    if (ingress !== undefined) {
      // Names of AWS compare without regard to case, and may end in a dot.
      const target = address?.AliasTarget?.DNSName?.toLowerCase().replace(/\.$|^dualstack\./g, '');
      evidence.equal(`${domain.name}: alias`, [target], frontNames(seen));
    } else {
      const ip = liveValues(seen, 'AWS::EC2::EIP', 'PublicIp', 'Box');
      evidence.equal(
        `${domain.name}: address`,
        address?.ResourceRecords?.map(({ Value }) => Value),
        ip,
      );
    }
  }

  const zones = resourcesOf(seen, 'AWS::Route53::HostedZone');
  const wanted = (database?.readers === undefined ? 0 : 1) + (functions === undefined ? 0 : 1);
  evidence.equal('private zones', zones.length, wanted);
  const zone = zones.find(({ stack }) => stack.endsWith('-data'));
  if (zone === undefined || database?.readers === undefined) return;
  const records = (await recordsOf(zone.physicalId, clients)).filter(({ Type }) => Type === 'CNAME');
  const targets = records.flatMap(({ ResourceRecords = [] }) => ResourceRecords.map(({ Value }) => Value)).sort();
  const endpoints = resourcesOf(seen, 'AWS::RDS::DBInstance')
    .filter(({ stack }) => stack.endsWith('-data'))
    .filter(
      ({ definition }) =>
        database.readers?.count === 0 || definition.Properties?.['SourceDBInstanceIdentifier'] !== undefined,
    )
    .map((resource) => (seen.live.get(keyOf(resource))?.['Endpoint'] as { Address?: string } | undefined)?.Address);
  evidence.equal('targets of the reader name', targets, endpoints.sort());
  evidence.equal('weights of the reader name', new Set(records.map(({ Weight }) => Weight)).size, 1);
};

/** Who serves users: CloudFront for HTTP, the load balancer itself for sockets. */
function frontNames(seen: Observation): unknown[] {
  const names =
    seen.architecture.ingress?.kind === 'http'
      ? liveValues(seen, 'AWS::CloudFront::Distribution', 'domain')
      : liveValues(seen, 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'DNSName', 'PublicSockets');
  return names.map((name) => String(name).toLowerCase());
}

function liveValues(seen: Observation, type: string, property: string, part?: string): unknown[] {
  return resourcesOf(seen, type, part).map((resource) => seen.live.get(keyOf(resource))?.[property]);
}
