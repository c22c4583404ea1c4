import { askElasticIp } from './ask';
import { question } from './question';
import type { Address } from './report';

/** Addresses at which users reach an environment, by what its stacks have published. */
export async function addressesIn(
  known: ReadonlyMap<string, string>,
  region: string,
  limitMs: number,
): Promise<readonly Address[]> {
  const published = (of: Address['of'], name: string): Address[] => {
    const value = known.get(name);
    return value === undefined ? [] : [{ of, address: { answer: value } }];
  };
  const allocation = known.get('box/address');
  const box: Address[] =
    allocation === undefined
      ? []
      : [{ of: 'box', address: await question(limitMs, () => askElasticIp(region, allocation)) }];
  return [
    ...published('name', 'ingress/domain'),
    ...published('CloudFront', 'edge/cdn-domain'),
    ...published('load balancer', 'ingress/app-endpoint'),
    ...box,
  ];
}
