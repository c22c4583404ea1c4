import { SSMClient } from '@aws-sdk/client-ssm';

export const KEY = { accessKeyId: 'AKIDEXAMPLEEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

/** Headers of a request of which nobody has changed a letter. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Signs a POST to `/` that came once more, with the signer of AWS's own library, and compares. */
export async function isSigned(service: string, headers: Headers, body: string): Promise<boolean> {
  const { authorization, ...others } = headers;
  const said = String(authorization ?? '');
  const [, names = ''] = /SignedHeaders=([^,]*)/.exec(said) ?? [];
  const kept = Object.fromEntries(names.split(';').map((name) => [name, String(others[name])]));
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(kept['x-amz-date'] ?? '') ?? [];
  const sessionToken = kept['x-amz-security-token'];
  const credentials = { ...KEY, ...(sessionToken !== undefined && { sessionToken }) };
  const client = new SSMClient({ region: 'eu-west-1', credentials });
  const signer = await client.config.signer();
  const [hostname = '', port = ''] = (kept['host'] ?? '').split(':');
  const again = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: '/',
      query: {},
      headers: kept,
      body,
    } as never,
    { signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`), signingService: service },
  );
  const of = (text: string | undefined): string | undefined => /Signature=([0-9a-f]{64})$/.exec(text ?? '')?.[1];
  const expected = of((again as { headers: Record<string, string> }).headers['authorization']);
  return expected !== undefined && of(said) === expected;
}
