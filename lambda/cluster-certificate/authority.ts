import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { type Authority, authorityCertificate, publicKeyOfP256 } from './certificate';

/** The authority of an environment: its key is in KMS, and nobody has it. */
export async function authorityOf(keyId: string, name: string, abortSignal: AbortSignal): Promise<Authority> {
  const kms = new KMSClient({});
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }), { abortSignal });
  return {
    name,
    publicKey: publicKeyOfP256(Buffer.from(PublicKey ?? [])),
    sign: async (Message) => {
      const command = new SignCommand({
        KeyId: keyId,
        Message,
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      const { Signature } = await kms.send(command, { abortSignal });
      if (Signature === undefined) throw new Error('kms gave no signature');
      return Signature;
    },
  };
}

/**
 * The one certificate of the authority, PEM: whoever asks first has it made, and who asks at the same time takes that one.
 *
 * @param parameter Where it is kept; of another key, another one.
 */
export async function keptCertificate(
  authority: Authority,
  parameter: string,
  abortSignal: AbortSignal,
): Promise<string> {
  const ssm = new SSMClient({});
  const read = async (): Promise<string | undefined> => {
    const answer = await ssm.send(new GetParameterCommand({ Name: parameter }), { abortSignal });
    return answer.Parameter?.Value;
  };
  try {
    return (await read()) ?? '';
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
  const Value = await authorityCertificate(authority);
  try {
    await ssm.send(new PutParameterCommand({ Name: parameter, Value, Type: 'String' }), { abortSignal });
    return Value;
  } catch (error) {
    if (!(error instanceof ParameterAlreadyExists)) throw error;
    return (await read()) ?? '';
  }
}
