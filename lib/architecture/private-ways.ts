import type { Architecture } from './architecture';
import { callsOfFleets, endpointsWithoutIpv4 } from './private-calls';

/**
 * Adds the interface endpoints that private nodes cannot do without where nothing takes their IPv4 out of the network
 * (ADR 0018). A box has an IPv4 address of its own.
 */
export function withPrivateWays(architecture: Architecture): Architecture {
  const { network, region, app, cluster } = architecture;
  if (app === undefined || network.egress.kind !== 'none') return architecture;
  const needed = endpointsWithoutIpv4(callsOfFleets(cluster !== undefined), region);
  const interfaceEndpoints = [...new Set([...network.interfaceEndpoints, ...needed])].sort();
  return { ...architecture, network: { ...network, interfaceEndpoints } };
}
