import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Architecture } from '../../../lib/architecture/architecture';
import type { Clients } from '../clients';
import type { Evidence } from '../evidence';
import { type Check, resourcesOf } from '../observation';

/** Load balancers with their listeners and target groups: the outermost before the last tier, one more in between. */
export const checkIngress: Check = async (seen, evidence, aws) => {
  const { architecture } = seen;
  const { ingress, web } = architecture;
  const expected = ingress === undefined ? [] : web === undefined ? ['App'] : ['App', 'Web'];
  const resources = resourcesOf(seen, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  evidence.equal('load balancers', resources.length, expected.length);
  const clients = aws(architecture.region);
  for (const tier of expected) {
    const resource = resources.find(({ logicalId }) => logicalId.startsWith(`Tiers${tier}`));
    const request = new DescribeLoadBalancersCommand({ LoadBalancerArns: [resource?.physicalId ?? ''] });
    const live = (await clients.elb.send(request)).LoadBalancers?.[0];
    if (live !== undefined) await checkFront(tier, tier === expected.at(-1), architecture, live, clients, evidence);
  }
};

/** Listeners of an application load balancer: CloudFront may still come by the plain one when there is a certificate. */
function listenersOf(tls: boolean, edge: Architecture['edge']): string[] {
  if (!tls) return ['HTTP 80'];
  return edge?.originPorts === 'both' ? ['HTTP 80', 'HTTPS 443'] : ['HTTPS 443'];
}

async function checkFront(
  tier: string,
  outermost: boolean,
  { ingress, node, domain, edge }: Architecture,
  balancer: LoadBalancer,
  { elb }: Clients,
  evidence: Evidence,
): Promise<void> {
  const sockets = ingress?.kind === 'sockets';
  const tls = outermost && domain !== undefined;
  const name = `load balancer of tier ${tier}`;
  const LoadBalancerArn = balancer.LoadBalancerArn ?? '';
  evidence.equal(`${name}: type`, balancer.Type, sockets ? 'network' : 'application');
  evidence.equal(`${name}: scheme`, balancer.Scheme, sockets && outermost ? 'internet-facing' : 'internal');
  evidence.equal(`${name}: zones`, new Set(balancer.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).size, 3);

  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const ports = Listeners.map(({ Port, Protocol }) => `${Protocol} ${Port}`).sort();
  evidence.equal(`${name}: listeners`, ports, sockets ? ['TCP 443', 'TCP 80'] : listenersOf(tls, edge));
  if (!sockets && tls) {
    evidence.equal(
      `${name}: certificates`,
      Listeners.find(({ Protocol }) => Protocol === 'HTTPS')?.Certificates?.length,
      1,
      'listener certificate',
    );
  }
  if (!sockets) {
    const { Attributes = [] } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
    for (const key of ['access_logs.s3.enabled', 'routing.http.drop_invalid_header_fields.enabled']) {
      const value = Attributes.find(({ Key }) => Key === key)?.Value;
      evidence.equal(`${name}: ${key}`, value, 'true', 'load balancer attributes');
    }
  }

  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
  const targetPorts = TargetGroups.map(({ Port }) => Port).sort();
  const [http, secure] = tier === 'App' ? [node.appPort, node.tlsPort] : [80, 443];
  evidence.equal(`${name}: ports of the nodes`, targetPorts, (sockets ? [http, secure] : [http]).sort());
  for (const { TargetGroupArn, HealthCheckPath, HealthCheckProtocol, Matcher, TargetType } of TargetGroups) {
    evidence.equal(`${name}: targets`, TargetType, 'instance');
    if (tier === 'App') evidence.equal(`${name}: health check`, HealthCheckPath, node.healthPath);
    else evidence.holds(`${name}: health check has no path`, HealthCheckPath?.startsWith('/') ?? false);
    evidence.equal(`${name}: healthy answer`, Matcher?.HttpCode, '200-399');
    evidence.holds(`${name}: health check is not HTTP`, [undefined, 'HTTP'].includes(HealthCheckProtocol));
    const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    const value = (key: string): string | undefined => Attributes.find(({ Key }) => Key === key)?.Value;
    const delay = Number(value('deregistration_delay.timeout_seconds'));
    evidence.equal(`${name}: deregistration delay is set`, delay > 0, true, 'target group attributes');
    if (!sockets) {
      const sticky = value('stickiness.enabled');
      evidence.equal(`${name}: sticky sessions`, sticky, String(ingress?.stickySessions), 'target group attributes');
    }
  }
}
