import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { type Check, resourcesOf } from '../observation';

/** The secrets that an architecture needs exist and hold a value. Their values are not read. */
export const checkSecrets: Check = async (seen, evidence, aws) => {
  const { app, cache, database, functions = [], region } = seen.architecture;
  const secrets = resourcesOf(seen, 'AWS::SecretsManager::Secret');
  const own = functions.map((plan) => [`Functions${plan.function.replaceAll('-', '')}`, plan]);
  const wanted = { Cache: cache, Cookie: app, Database: database, ...Object.fromEntries(own) };
  const expected = Object.entries(wanted).flatMap(([part, plan]) => (plan === undefined ? [] : [part]));
  const parts = expected.filter((part) => secrets.some(({ logicalId }) => logicalId.includes(part)));
  evidence.equal('secrets', [parts, secrets.length], [expected, expected.length]);
  for (const { physicalId, logicalId } of secrets) {
    const { VersionIdsToStages = {} } = await aws(region).secrets.send(
      new DescribeSecretCommand({ SecretId: physicalId }),
    );
    const current = Object.values(VersionIdsToStages).filter((stages) => stages.includes('AWSCURRENT'));
    evidence.equal(`${logicalId}: current versions`, current.length, 1);
  }
};
