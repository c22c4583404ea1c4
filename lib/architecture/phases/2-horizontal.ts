import type { Configuration } from '../../config/configuration';
import { nodeLifetime } from '../../config/password-age';
import { cloudFrontPrefixList } from '../../facts/cloudfront-prefix-list';
import { instanceType } from '../../facts/instance-type';
import type { Architecture, EgressPlan, FleetPlan, Phase } from '../architecture';

export const phase2 = {
  number: 2,
  name: 'horizontal',
  adds: 'load balancer, app fleet over three zones, web tier, CloudFront with a firewall, draining',
  retires: ['box'],
  moves: 'traffic',
} as const satisfies Phase;

/** One server stops being the ceiling and the single point of failure. */
export function horizontal(below: Architecture, configuration: Configuration): Architecture {
  const { app, web, edge, ingress, cluster } = configuration;
  return {
    ...below,
    network: { ...below.network, egress: egressPlan(configuration) },
    ingress: { kind: ingress, stickySessions: true },
    app: {
      ...fleet('app', app),
      ...(app.placement === 'cluster' && { placement: app.placement }),
      ...nodeLifetime(configuration),
    },
    ...(cluster.distribution === 'tls' && { cluster: { certificateDays: cluster.certificateDays } }),
    ...(web.enabled && { web: fleet('web', web) }),
    edge: { ...edge, originPrefixList: edge.originPrefixList ?? cloudFrontPrefixList(below.region) ?? '' },
  };
}

function egressPlan({ network }: Configuration): EgressPlan {
  return network.egress === 'gateway' ? { kind: 'gateway', gateways: network.natGateways } : { kind: network.egress };
}

function fleet(role: 'app' | 'web', settings: Configuration['app' | 'web']): FleetPlan {
  const { minNodes, maxNodes } = settings;
  return { role, instanceType: instanceType(settings.instanceType), minNodes, maxNodes };
}
