import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { type Authority, publicKeyOfRsa } from './certificate';
import { laterOf } from './later';

/** The authority of an environment: its key is in KMS, and nobody has it. @throws `Later` when KMS does not answer now. */
export async function authorityOf(keyId: string, name: string, abortSignal: AbortSignal): Promise<Authority> {
  const kms = new KMSClient({});
  const later = (error: unknown): never => {
    throw laterOf(error);
  };
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }), { abortSignal }).catch(later);
  return {
    name,
    publicKey: publicKeyOfRsa(Buffer.from(PublicKey ?? [])),
    sign: async (Message) => {
      const command = new SignCommand({
        KeyId: keyId,
        Message,
        MessageType: 'RAW',
        // Without salt: the same bytes have the same signature, on which `authorityCertificate` stands.
        SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
      });
      const { Signature } = await kms.send(command, { abortSignal }).catch(later);
      if (Signature === undefined) throw new Error('kms gave no signature');
      return Signature;
    },
  };
}
