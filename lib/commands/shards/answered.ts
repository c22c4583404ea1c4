import { MapError } from '../../sharding/map-items';

/**
 * Answer of AWS. Missing credentials, network or permission become an error for the user.
 *
 * @throws MapError when it does not answer, or refuses.
 */
export async function answered<Answer>(asked: () => Promise<Answer>): Promise<Answer> {
  try {
    return await asked();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new MapError(
      name === 'CredentialsProviderError'
        ? 'the shard map is read and changed with AWS credentials only; set AWS_PROFILE, or what every AWS tool finds'
        : `AWS refuses, or does not answer (${name}: ${message})`,
    );
  }
}
