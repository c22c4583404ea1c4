import { endpointNames, type NodeService, SERVICE_ENDPOINTS, type ServiceEndpoint } from '../facts/endpoints';

/** A service that something on a node calls. */
export interface Call {
  readonly service: NodeService;
  /** True when the caller can be given another endpoint name than the plain one; the Systems Manager agent is not. */
  readonly anyName: boolean;
}

/** Services that the scripts of every node call; `elbv2` is called by hot deployments alone, which need IPv4. */
const BY_SCRIPTS = ['autoscaling', 'cloudformation', 'ec2', 's3', 'secretsmanager', 'ssm'] as const;

/** By the CloudWatch agent, which the boot tells a name for each. */
const BY_REPORTS = ['cloudwatch', 'ec2', 'logs'] as const;

/**
 * By the Systems Manager agent, which is in the image and asks for plain names. It takes commands by `ssmmessages`, and by
 * `ec2messages` only where that cannot be reached.
 *
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html (2026-11-29)
 */
const BY_SYSTEMS_MANAGER = ['ssm', 'ssmmessages'] as const;

/**
 * Services that the nodes of fleets call to boot, to be deployed to, to signal and to log.
 *
 * @param certified whether they ask a function for certificates.
 */
export function callsOfFleets(certified: boolean): readonly Call[] {
  return [
    ...[...BY_SCRIPTS, ...BY_REPORTS, ...(certified ? (['lambda'] as const) : [])].map((service) => ({
      service,
      anyName: true,
    })),
    ...BY_SYSTEMS_MANAGER.map((service) => ({ service, anyName: false })),
  ];
}

/**
 * The interface endpoints without which nodes that can leave the network by IPv6 alone would reach nobody: of services
 * for which AWS documents no name in the region that answers over IPv6, or whose caller knows the plain name only.
 *
 * @returns names as VPC endpoints have them, such as `monitoring`, sorted.
 */
export function endpointsWithoutIpv4(calls: readonly Call[], region: string): readonly string[] {
  const lacking = calls.filter(({ service, anyName }) => {
    if ((SERVICE_ENDPOINTS[service] as ServiceEndpoint).gateway) return false;
    const names = endpointNames(service, region).filter(({ kind }) => anyName || kind === 'plain');
    return !names.some(({ answersIpv6 }) => answersIpv6);
  });
  const labelOf = ({ service }: Call): string => (SERVICE_ENDPOINTS[service] as ServiceEndpoint).label ?? service;
  return [...new Set(lacking.map(labelOf))].sort();
}
