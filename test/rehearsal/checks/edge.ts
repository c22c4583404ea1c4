import { type DistributionConfig, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import type { Rule } from '@aws-sdk/client-wafv2';
import { keyOf } from '../identity';
import { type Check, type Observation, resourcesOf } from '../observation';

/** CloudFront and the firewall before it. */
export const checkEdge: Check = async (seen, evidence, aws) => {
  const { edge, domain, ingress, region } = seen.architecture;
  const distributions = resourcesOf(seen, 'AWS::CloudFront::Distribution');
  const firewalls = resourcesOf(seen, 'AWS::WAFv2::WebACL');
  const expected = edge === undefined ? 0 : 1;
  evidence.equal('firewalls', firewalls.length, expected);
  const { DistributionList } = await aws(region).cloudFront.send(new ListDistributionsCommand({}));
  const all = DistributionList?.Items?.map(({ Id }) => Id) ?? [];
  evidence.equal(
    'distributions',
    all,
    distributions.map(({ physicalId }) => physicalId),
  );
  evidence.equal('number of distributions', all.length, expected);
  if (edge === undefined) return;

  const config = live(seen, 'AWS::CloudFront::Distribution')?.['config'] as DistributionConfig | undefined;
  const firewall = live(seen, 'AWS::WAFv2::WebACL');
  const http = ingress?.kind === 'http';
  evidence.equal('distribution: enabled', config?.Enabled, true);
  evidence.equal('distribution: price class', config?.PriceClass, edge.priceClass);
  evidence.equal('distribution: firewall', config?.WebACLId, firewall?.['ARN']);
  evidence.equal('distribution: names', config?.Aliases?.Items ?? [], http && domain ? [domain.name] : []);
  const behaviours = [config?.DefaultCacheBehavior, ...(config?.CacheBehaviors?.Items ?? [])];
  evidence.equal('distribution: number of behaviours', behaviours.length, http ? 2 : 1);
  const plain = behaviours.filter((behaviour) => behaviour?.ViewerProtocolPolicy !== 'redirect-to-https');
  evidence.equal('distribution: behaviours without TLS', plain.length, 0);
  const bucket = resourcesOf(seen, 'AWS::S3::Bucket', 'BucketsAssets').map(({ physicalId }) => physicalId);
  const origins = config?.Origins?.Items?.filter(({ DomainName = '' }) => DomainName.startsWith(`${bucket}.`));
  const accessControl = resourcesOf(seen, 'AWS::CloudFront::OriginAccessControl').map(({ physicalId }) => physicalId);
  evidence.equal(
    'distribution: assets through',
    origins?.map((origin) => origin.OriginAccessControlId),
    accessControl,
  );
  evidence.equal('distribution: logs', config?.Logging?.Enabled, true);

  const rules = (firewall?.['Rules'] ?? []) as readonly Rule[];
  const limits = rules
    .map(({ Statement }) => Statement?.RateBasedStatement?.Limit)
    .filter((limit) => limit !== undefined);
  evidence.equal('firewall: requests in five minutes', limits, [edge.requestsPer5Minutes]);
};

function live(seen: Observation, type: string) {
  return resourcesOf(seen, type)
    .map((resource) => seen.live.get(keyOf(resource)))
    .at(0);
}
