import { MapError } from '../../sharding/map-items';

/**
 * What AWS answers. Without credentials, without a network or without a permission, it is an error for its user.
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
