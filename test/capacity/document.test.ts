import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LADDER, LADDERS } from '../../lib/architecture/ladder';
import { architectureOf } from '../../lib/architecture/phases';
import { capacityOf } from '../../lib/capacity/capacity';
import { architectureWith } from '../../lib/capacity/choice';
import { COEFFICIENTS } from '../../lib/capacity/coefficients';
import { loadOf } from '../../lib/capacity/load';
import { usableCores } from '../../lib/capacity/machine';
import { ASSUMED_WORK } from '../../lib/capacity/measured';
import { growthOf } from '../../lib/capacity/second-node';
import { sizesFor } from '../../lib/capacity/size/search';
import { TRAFFIC } from '../../lib/commands/size/traffic-flags';
import { DEFAULTS } from '../../lib/config/defaults';
import { ASSUMED } from '../../lib/cost/assumptions';
import { billOf } from '../../lib/cost/bill';
import { amountOf } from '../../lib/cost/price-book';
import { instanceType } from '../../lib/facts/instance-type';
import { nodeSize } from '../../lib/node/size';
import { BOOK } from '../cost/book';
import { wantedFor } from './workloads';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'capacity.md'), 'utf8');

const dollars = (usd: number): string =>
  usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const count = (value: number): string => value.toLocaleString('en-US');

function monthly(id: string, quantity = 730): number {
  const price = BOOK.price(id);
  if (price === undefined) throw new Error(`no price ${id}`);
  return amountOf(price, quantity);
}

describe('docs/capacity.md', () => {
  test('lists every coefficient as it is', () => {
    const rows = Object.entries(COEFFICIENTS).map(
      ([name, { value, unit, basis, source }]) => `| \`${name}\` | ${value} ${unit} | ${basis} | ${source} |`,
    );
    expect(PAGE.split('\n').filter((line) => /^\| `/.test(line))).toEqual(rows);
  });

  test.each(LADDER)('has the rung of $name', (rung) => {
    const { name, vcpu, memoryMiB, networkMbps } = rung;
    const connections = nodeSize(rung).connectionBudget;
    const usd = monthly(`ec2.${name}`);
    const size = [vcpu, memoryMiB / 1024, networkMbps, connections].map(count);
    expect(PAGE).toContain(`| ${[name, ...size, dollars(usd), dollars((usd * 1000) / connections)].join(' | ')} |`);
  });

  test.each(LADDERS)('has the ladder of $name', ({ name, why, rungs }) => {
    const [first, last] = [rungs[0], rungs.at(-1)];
    if (first === undefined || last === undefined) throw new Error('a ladder without rungs');
    const idle = [...new Set(rungs.map(({ idleConnectionSeconds }) => count(idleConnectionSeconds)))].join(', ');
    const sizes = [
      `${first.name} to ${last.name}`,
      `${first.vcpu} to ${last.vcpu}`,
      `${count(first.memoryMiB / 1024)} to ${count(last.memoryMiB / 1024)}`,
    ];
    expect(PAGE).toContain(`| ${[name, why, ...sizes, idle].join(' | ')} |`);
  });

  test('says how much more two nodes carry than a bigger one', () => {
    const busy = (name: string): number => usableCores(instanceType(name), 1, ASSUMED_WORK);
    const percent = (few: number, many: number): number => Math.round((few / many - 1) * 100);
    expect(PAGE).toContain(`carry ${percent(2 * busy('c7i.4xlarge'), busy('c7i.8xlarge'))} % more`);
    expect(percent(4 * busy('c7i.12xlarge'), busy('c7i.48xlarge'))).toBe(50);
    const points = LADDERS.map(({ rungs: [first] }) => first && growthOf(first, ASSUMED_WORK).secondNodeFrom?.name);
    expect(points.map((name) => name?.split('.').at(-1))).toEqual(LADDERS.map(() => '4xlarge'));
  });

  test('compares Kubernetes by the list', () => {
    const shared = [monthly('elb.alb'), monthly('rds.db.t4g.medium.single') + monthly('rds.gp3.single', 20)];
    const volume = monthly('ebs.gp3', 16);
    const kafka = 3 * monthly('msk.kafka.t3.small') + monthly('msk.gb', 300);
    const kubernetes = [monthly('eks.cluster'), 2 * monthly('ec2.c7i.large'), 2 * volume, monthly('vpc.nat')];
    const sums = [
      [monthly('ec2.c7i.xlarge'), volume, ...shared],
      [...kubernetes, kafka, ...shared],
      [...kubernetes, ...shared],
      [2 * monthly('ec2.c7i.large'), 2 * volume, ...shared],
    ].map((parts) => `**${dollars(parts.reduce((sum, part) => sum + part, 0))}**`);
    expect(PAGE).toContain(`| sum | ${sums.join(' | ')} |`);
    expect(PAGE).toContain(
      `two more of them ($${dollars(2 * (monthly('ec2.c7i.large') + volume))} with their volumes)`,
    );
  });

  test('compares nodes of as many vCPUs in each column, at the price of the list', () => {
    const [row = ''] = PAGE.match(/^\| nodes \|.*$/m) ?? [];
    const nodes = [...row.matchAll(/(?:(\d+) )?(c7i\.\w+) ([\d.]+)/g)].map(([, count = '1', type = '', usd]) => ({
      vcpu: Number(count) * instanceType(type).vcpu,
      isListed: dollars(Number(count) * monthly(`ec2.${type}`)) === usd,
    }));
    expect(nodes).toEqual(Array.from({ length: 4 }, () => ({ vcpu: 4, isListed: true })));
  });

  describe('at the scale of the guide', () => {
    const [, settings = ''] = /`npm run beamstalk -- size --env prod ([^`]*)`, 2026/.exec(PAGE) ?? [];
    const keys = Object.fromEntries(TRAFFIC.map(([flag, key]) => [flag, key] as const));
    const said = Object.fromEntries(
      [...settings.matchAll(/--(?:set (\S+?)=|(\w+) )(\S+)/g)].map(([, key, flag = '', value]) => [
        key ?? keys[flag] ?? '',
        value,
      ]),
    );
    const wanted = wantedFor('prod', said);
    const { traffic } = wanted.configuration;

    test('rows, bytes and hours go together', () => {
      const { rows, dataGiB } = loadOf(traffic, architectureOf(wanted.configuration));
      const { recovery } = Object.fromEntries(
        capacityOf(architectureWith(wanted.configuration, { phase: 2 }), traffic).ceilings.map((one) => [
          one.resource,
          Math.round(one.load),
        ]),
      );
      const terabytes = (rows * traffic.rowBytes) / 1e12;
      const sizes = `are ${terabytes} TB, and ${(dataGiB / 1024).toFixed(1)} TiB with their indexes`;
      expect(PAGE).toContain(
        `${rows / 1e9} billion rows of ${traffic.rowBytes.toLocaleString('en-US')} bytes ${sizes}`,
      );
      expect(PAGE).toMatch(new RegExp(`of gp3 takes ${recovery} hours`));
    });

    test('a load balancer is paid for its bytes, and a CDN for requests', () => {
      const Resources = { One: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer' } };
      const units = (bytes: number): number =>
        billOf({ one: { Resources } }, { ...traffic, payloadBytes: bytes, connections: 0 }, BOOK).lines.find(
          ({ price }) => price.id === 'elb.alb-lcu',
        )?.usd ?? 0;
      const newConnections =
        (traffic.requestsPerMonth / ASSUMED.requestsPerConnection / (730 * 3600) / 25) * monthly('elb.alb-lcu');
      const whole = (usd: number): string => `$${Math.round(usd).toLocaleString('en-US')}`;
      expect(units(traffic.payloadBytes)).toBeGreaterThan(newConnections);
      expect(PAGE).toContain(`come to ${whole(units(traffic.payloadBytes))}, which its bytes decide`);
      expect(PAGE).toContain(`alone would ask for ${whole(newConnections)}.`);
      expect(PAGE).toContain(`${whole(monthly('cloudfront.https', 1e11))} a month for these`);
      expect(PAGE).toContain(`firewall ${whole(monthly('waf.requests', 1e11))}, before`);
    });

    test('direct is cheaper by what the page says', () => {
      const { plans } = sizesFor(wanted);
      const usd = (kind: string): string =>
        `$${Math.round(plans.find(({ ingress }) => ingress === kind)?.usd ?? 0).toLocaleString('en-US')}`;
      expect(PAGE).toContain(`the whole comes to ${usd('sockets')} instead of ${usd('http')}.`);
      expect(PAGE).toContain('carries it with ten clusters');
      expect(plans[0]?.choice['data.sharding.clusters']).toBe(10);
    });
  });

  test('says what a job takes as its source reckons it', () => {
    const { jobsAtOnce, averageJobSeconds, instanceType: type } = DEFAULTS.workers;
    const perSecond = jobsAtOnce / averageJobSeconds;
    expect(COEFFICIENTS.secondsPerJob.value).toBeCloseTo(instanceType(type).vcpu / perSecond, 9);
    expect(COEFFICIENTS.secondsPerRequest.value).toBeCloseTo((0.2 * 2) / (DEFAULTS.scaling.requestsPerNode / 60), 9);
  });

  test('has no figure that is called sourced by a page that nobody opened', () => {
    const unread = Object.entries(COEFFICIENTS).filter(
      ([, { basis, source }]) => basis === 'sourced' && /not opened/.test(source),
    );
    expect(unread).toEqual([]);
  });
});
