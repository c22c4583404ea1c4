import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { type Authority, publicKeyOfRsa } from './certificate';

/** The authority of an environment: its key is in KMS, and nobody has it. */
export async function authorityOf(keyId: string, name: string, abortSignal: AbortSignal): Promise<Authority> {
  const kms = new KMSClient({});
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }), { abortSignal });
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
      const { Signature } = await kms.send(command, { abortSignal });
      if (Signature === undefined) throw new Error('kms gave no signature');
      return Signature;
    },
  };
}
