import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { Tiers } from '../../lib/constructs/ingress/tiers';
import {
  all,
  architecture,
  hooksOf,
  network,
  one,
  openings,
  required,
  singleStack,
  templateOf,
  textOf,
  VPC_CIDR,
} from './single-stack';

interface Choice {
  readonly ingress: 'http' | 'sockets';
  readonly web: boolean;
}

const CHOICES: readonly Choice[] = [
  { ingress: 'http', web: true },
  { ingress: 'http', web: false },
  { ingress: 'sockets', web: true },
  { ingress: 'sockets', web: false },
];

function tiers({ ingress, web }: Choice, certificate = false) {
  const plan = architecture(2, { ingress, 'web.enabled': web });
  const stack = singleStack();
  new Tiers(stack, 'Tiers', {
    environment: 'dev',
    ingress: required(plan.ingress),
    app: required(plan.app),
    web: plan.web,
    node: plan.node,
    vpc: network(stack),
    accessLogs: s3.Bucket.fromBucketName(stack, 'Logs', 'the-logs'),
    cloudFrontPrefixList: 'pl-3b927c52',
    ...(certificate && {
      certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:the-certificate'),
    }),
  });
  return templateOf(stack);
}

const TEMPLATES = CHOICES.map((choice) => ({ ...choice, template: tiers(choice) }));

const balancers = (template: (typeof TEMPLATES)[number]['template']) =>
  all(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer');

describe.each(TEMPLATES)('$ingress, web tier $web', ({ ingress, web, template }) => {
  const rules = openings(template);
  const appGroup = one(template, 'AWS::EC2::SecurityGroup', 'TiersAppSecurityGroup').id;

  test('the distribution port is open within the group of the app fleet and from nowhere else', () => {
    expect(rules.filter((rule) => rule.endsWith(' 4370'))).toEqual([`${appGroup} -> ${appGroup} tcp 4370`]);
    const ranges = rules.filter((rule) => / -1| \d+-\d+$|undefined/.test(rule));
    expect(ranges).toEqual([]);
  });

  test('one fleet and one load balancer for each tier', () => {
    const fleets = all(template, 'AWS::AutoScaling::AutoScalingGroup');
    expect(fleets).toHaveLength(web ? 2 : 1);
    expect(balancers(template)).toHaveLength(web ? 2 : 1);
    for (const { properties } of fleets) expect(properties['HealthCheckType']).toBe('ELB');
  });

  test('the app fleet is reached by its load balancer alone, and that one by the web tier where there is one', () => {
    const into = (id: string) =>
      rules.filter((rule) => rule.includes(`-> ${id}`)).map((rule) => rule.split(' ')[0] ?? '');
    const others = into(appGroup).filter((source) => source !== appGroup);
    expect(others.length).toBeGreaterThan(0);
    for (const source of others) expect(source).toMatch(/^TiersApp(Public|Edge)?(Http|Sockets)/);
    if (!web) return;
    const webGroup = one(template, 'AWS::EC2::SecurityGroup', 'TiersWebSecurityGroup').id;
    expect(new Set(into('TiersAppHttp').concat(into('TiersAppSockets')))).toEqual(new Set([webGroup]));
  });

  test('only the outermost load balancer for sockets faces the internet, and nothing does for HTTP', () => {
    const facing = balancers(template).filter(({ properties }) => properties['Scheme'] === 'internet-facing');
    const outermost = `Tiers${web ? 'Web' : 'App'}PublicSockets`;
    expect(facing.map(({ id }) => id)).toEqual(ingress === 'http' ? [] : [expect.stringMatching(`^${outermost}`)]);
    const world = rules.filter((rule) => /^(0\.0\.0\.0|::)\/0/.test(rule));
    expect(world).toHaveLength(ingress === 'http' ? 0 : 4);
  });

  test('every fleet drains before a node ends', () => {
    const groups = all(template, 'AWS::AutoScaling::AutoScalingGroup');
    expect(groups).toHaveLength(web ? 2 : 1);
    for (const group of groups) expect(Object.keys(hooksOf(group))).toEqual(['leave']);
  });
});

describe('HTTP', () => {
  test('comes from the addresses of CloudFront, to the outermost load balancer only', () => {
    for (const { template } of TEMPLATES.filter(({ ingress }) => ingress === 'http')) {
      const fromCloudFront = openings(template).filter((rule) => rule.startsWith('pl-3b927c52'));
      expect(fromCloudFront).toEqual([expect.stringMatching(/EdgeHttpCloudFront80\w* tcp 80$/)]);
      expect(openings(template).filter((rule) => rule.startsWith(VPC_CIDR))).toEqual([]);
      const { id } = required(
        all(template, 'AWS::EC2::SecurityGroup').find((group) => group.id.includes('EdgeHttpCloudFront80')),
      );
      const bearers = all(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').filter(({ properties }) =>
        textOf(properties['SecurityGroups']).includes(id),
      );
      expect(bearers.map((bearer) => bearer.id)).toEqual([expect.stringMatching(/EdgeHttpAlb/)]);
    }
  });

  test('another port is another group: the list fills nearly all the rules that a group may have', () => {
    const template = tiers({ ingress: 'http', web: true }, true);
    expect(openings(template).filter((rule) => rule.startsWith('pl-'))).toEqual([
      expect.stringMatching(/EdgeHttpCloudFront443\w* tcp 443$/),
    ]);
  });

  test('a client is pinned to an app node only: two cookies of one name would overwrite each other', () => {
    const { template } = required(TEMPLATES.find(({ ingress, web }) => ingress === 'http' && web));
    const pinned = all(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').filter(({ properties }) =>
      textOf(properties['TargetGroupAttributes']).includes('"stickiness.enabled","Value":"true"'),
    );
    expect(pinned.map(({ id }) => id)).toEqual([expect.stringMatching(/^TiersAppHttp/)]);
  });

  test('the certificate is for the outermost load balancer; inside the network HTTP does', () => {
    const listeners = all(tiers({ ingress: 'http', web: true }, true), 'AWS::ElasticLoadBalancingV2::Listener');
    expect(listeners.map(({ id, properties }) => [id.replace(/Alb.*/, ''), properties['Protocol']])).toEqual([
      ['TiersAppHttp', 'HTTP'],
      ['TiersWebEdgeHttp', 'HTTPS'],
    ]);
  });

  test('a proxy answers for itself, a node for itself', () => {
    const { template } = required(TEMPLATES[0]);
    const paths = all(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').map(({ id, properties }) => [
      id.slice(0, 'TiersApp'.length),
      properties['HealthCheckPath'],
    ]);
    expect(Object.fromEntries(paths)).toEqual({ TiersApp: '/', TiersWeb: '/proxy-health' });
  });
});

describe('changing one choice for another', () => {
  test.each(
    TEMPLATES.flatMap((before) => TEMPLATES.filter((after) => after !== before).map((after) => ({ before, after }))),
  )(
    '$before.ingress, web tier $before.web -> $after.ingress, web tier $after.web turns no load balancer into another',
    ({ before, after }) => {
      for (const { id, properties } of balancers(before.template)) {
        const { Properties } = after.template.Resources[id] ?? {};
        if (Properties === undefined) continue;
        expect([Properties['Type'], Properties['Scheme']]).toEqual([properties['Type'], properties['Scheme']]);
      }
      for (const { id, properties } of all(before.template, 'AWS::ElasticLoadBalancingV2::TargetGroup')) {
        const { Properties } = after.template.Resources[id] ?? {};
        if (Properties === undefined) continue;
        expect([Properties['Protocol'], Properties['Port']]).toEqual([properties['Protocol'], properties['Port']]);
      }
    },
  );

  test('keeps the group of the app fleet', () => {
    const groups = TEMPLATES.map(({ template }) => one(template, 'AWS::AutoScaling::AutoScalingGroup', 'TiersApp').id);
    expect(new Set(groups).size).toBe(1);
  });
});
