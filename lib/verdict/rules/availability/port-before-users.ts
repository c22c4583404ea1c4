import { keyOf, type Place, placeOf } from '../../../template/references';
import type { TemplateResource, Templates } from '../../../template/template';
import { numberOf } from '../../../template/values';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';

export const PORT_BEFORE_USERS: Check = {
  rules: [
    {
      id: 'port-before-users',
      severity: 'needs-migration',
      summary: 'A load balancer stops answering on a port that another stack points at.',
      why: 'Stacks are deployed one after the other: until the stack that points has followed, its users reach nobody.',
    },
  ],
  find: portsBeforeUsers,
};

/** Ports that go while another stack, which is deployed later, still comes by them. */
function portsBeforeUsers({ before, after }: Step): Finding[] {
  const [had, has] = [portsIn(before), portsIn(after)];
  return [...had].flatMap(([key, { place, ports }]): Finding[] => {
    // Gone with its load balancer: a rule of its own.
    if (after[place.stack]?.Resources[place.id] === undefined) return [];
    const gone = [...ports].filter((port) => !(has.get(key)?.ports.has(port) ?? false));
    const users = usersOf(place, before).filter(({ ports: used }) => gone.some((port) => used.has(port)));
    if (users.length === 0) return [];
    const who = users.map(({ consumer }) => keyOf(consumer)).join(', ');
    return [
      {
        severity: 'needs-migration',
        rule: 'port-before-users',
        ...place,
        message: `no longer answers on port ${gone.join(' and ')}, by which ${who} still comes until its stack is deployed`,
        remedy:
          'set edge.originPorts to both for one deployment and to https with the next; in an application of your own, a listener for each port',
      },
    ];
  });
}

interface Answering {
  readonly place: Place;
  readonly ports: ReadonlySet<number>;
}

/** Listening ports of the load balancers, by their place. */
function portsIn(templates: Templates): ReadonlyMap<string, Answering> {
  const found = new Map<string, { place: Place; ports: Set<number> }>();
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type !== 'AWS::ElasticLoadBalancingV2::Listener') continue;
      const place = placeOf(Properties['LoadBalancerArn'], stack, templates);
      const port = numberOf(Properties['Port']);
      if (place === undefined || port === undefined) continue;
      const known = found.get(keyOf(place)) ?? { place, ports: new Set<number>() };
      known.ports.add(port);
      found.set(keyOf(place), known);
    }
  }
  return found;
}

/** Consumers of a load balancer in other stacks, with the ports that they use. */
function usersOf(balancer: Place, templates: Templates): { consumer: Place; ports: ReadonlySet<number> }[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    stack === balancer.stack
      ? []
      : Object.entries(Resources).flatMap(([id, resource]) => {
          const way = wayOf(resource);
          const place = way && placeOf(way.to, stack, templates);
          return way !== undefined && place !== undefined && keyOf(place) === keyOf(balancer)
            ? [{ consumer: { stack, id }, ports: way.ports }]
            : [];
        }),
  );
}

/** Target and ports of a resource that leads users to a load balancer; undefined for any other. */
function wayOf({ Type, Properties = {} }: TemplateResource): { to: unknown; ports: ReadonlySet<number> } | undefined {
  const part = (name: string) => (Properties[name] ?? {}) as Readonly<Record<string, unknown>>;
  switch (Type) {
    case 'AWS::CloudFront::VpcOrigin': {
      const { Arn, OriginProtocolPolicy, HTTPPort, HTTPSPort } = part('VpcOriginEndpointConfig');
      const [http, https] = [numberOf(HTTPPort) ?? 80, numberOf(HTTPSPort) ?? 443];
      const only = { 'http-only': [http], 'https-only': [https] }[String(OriginProtocolPolicy)] ?? [http, https];
      return { to: Arn, ports: new Set(only) };
    }
    // Users of a name come by what their browsers try.
    case 'AWS::Route53::RecordSet':
      return { to: part('AliasTarget')['DNSName'] ?? Properties['ResourceRecords'], ports: new Set([80, 443]) };
    default:
      return undefined;
  }
}
