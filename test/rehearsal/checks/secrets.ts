import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { type Check, resourcesOf } from '../observation';

/** The secrets that an architecture needs exist and hold a value. Their values are not read. */
export const checkSecrets: Check = async (seen, evidence, aws) => {
  const { environment, app, cache, database, functions = [], region, mover, localDatabase } = seen.architecture;
  const secrets = resourcesOf(seen, 'AWS::SecretsManager::Secret');
  const expected: readonly string[] = [
    ...(cache ? ['Cache'] : []),
    ...(app ? ['Cookie'] : []),
    ...(mover && localDatabase ? ['MoverBoxLogin'] : []),
    // Of the administrator, and of the release.
    ...(database ? ['data/Database', 'logins/Database'] : []),
    ...functions.flatMap(({ function: name }) => {
      const id = name.replaceAll('-', '');
      return [`federation/Functions${id}`, `logins/Function${id}`];
    }),
  ];
  const found = secrets.map(({ stack, logicalId }) => `${stack.slice(environment.length + 1)}/${logicalId}`);
  // The constructs library puts the stack's name before the id of an administrator's secret.
  const isPart = (part: string, id: string): boolean =>
    part.includes('/')
      ? id.replace(`/${environment}${part.split('/')[0] ?? ''}`, '/').startsWith(part)
      : id.includes(part);
  for (const part of expected) {
    evidence.equal(`secrets: ${part}`, found.filter((id) => isPart(part, id)).length, 1);
  }
  evidence.equal('secrets', found.length, expected.length);
  for (const { physicalId, logicalId } of secrets) {
    const { VersionIdsToStages = {} } = await aws(region).secrets.send(
      new DescribeSecretCommand({ SecretId: physicalId }),
    );
    const current = Object.values(VersionIdsToStages).filter((stages) => stages.includes('AWSCURRENT'));
    evidence.equal(`${logicalId}: current versions`, current.length, 1);
  }
};
