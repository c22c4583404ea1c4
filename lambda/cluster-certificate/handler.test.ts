import { createSign, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import { clusterAuthority, publicDer } from '../../test/peers/cluster-authority';
import { SIGNED_HEADERS } from './caller';
import { authorityCertificate } from './certificate';
import type { CertificateAnswer, CertificateRequest, handler as Handler } from './handler';

// The handler as it is deployed: bundled, with the SDK beside it, over HTTP to what stands for AWS.
const { handler } = createRequire(import.meta.url)(
  projectPath('.build', 'lambda', 'cluster-certificate', 'handler.js'),
) as { handler: typeof Handler };

const INSTANCE = 'i-0123456789abcdef0';
const ROLE = 'dev-app-TiersAppRole0A1B2C3D-1GXCJN4S8Y2Z';
const ARN = `arn:aws:sts::111122223333:assumed-role/${ROLE}/${INSTANCE}`;
const authority = generateKeyPairSync('rsa', { modulusLength: 2048 });
const node = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** Answers of AWS. */
const aws = {
  ...{ arn: ARN, status: 200, code: 'SignatureDoesNotMatch', fleet: 'dev-app' as string | undefined },
  ...{ state: 'running', address: '10.0.1.5', refusal: undefined as string | undefined },
  ...{ kms: undefined as string | undefined, refusalStatus: 400, silence: undefined as Error | undefined },
};
/** Calls to AWS, by their names. */
const asked: string[] = [];
/** What whoever may write parameters has put wherever somebody looks. */
let planted: string | undefined;
/** Requests that STS was sent. */
let sent: { url: string; options: RequestInit } | undefined;
let server: Server;
const environment = { ...process.env };

/** Answer of the handler with a certificate. */
async function answered(request: Partial<CertificateRequest>): Promise<CertificateAnswer> {
  const answer = await handler(request);
  if (!('certificate' in answer)) throw new Error(answer.errorMessage);
  return answer;
}

/** Failure of `fetch`, as it comes with that of the connection. */
function failed(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

const question: CertificateRequest = {
  publicKey: publicDer(node.publicKey).toString('base64'),
  authorization: `AWS4-HMAC-SHA256 Credential=ASIAEXAMPLEEXAMPLE/20261130/eu-west-1/sts/aws4_request, SignedHeaders=${SIGNED_HEADERS}, Signature=${'0'.repeat(64)}`,
  date: '20261130T120000Z',
  token: 'of/the+hour==',
};

function described(): string {
  const instance = `<instanceId>${INSTANCE}</instanceId><instanceState><name>${aws.state}</name></instanceState>
    <privateIpAddress>${aws.address}</privateIpAddress>
    <tagSet>${aws.fleet === undefined ? '' : `<item><key>beamstalk:fleet</key><value>${aws.fleet}</value></item>`}</tagSet>`;
  return `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item>${instance}</item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1];
      asked.push(operation ?? 'DescribeInstances');
      if (aws.kms !== undefined && operation !== undefined) {
        response.writeHead(aws.refusalStatus);
        response.end(JSON.stringify({ __type: aws.kms, message: 'Not now.' }));
      } else if (operation === 'GetPublicKey') {
        response.end(JSON.stringify({ PublicKey: publicDer(authority.publicKey).toString('base64') }));
      } else if (operation === 'Sign') {
        const { Message } = JSON.parse(body) as { Message: string };
        const signature = createSign('sha256').update(Buffer.from(Message, 'base64')).sign(authority.privateKey);
        response.end(JSON.stringify({ Signature: signature.toString('base64') }));
      } else if (operation === 'GetParameter') {
        response.end(JSON.stringify({ Parameter: { Value: planted ?? '' } }));
      } else if (aws.refusal !== undefined) {
        response.writeHead(aws.refusalStatus);
        response.end(
          `<Response><Errors><Error><Code>${aws.refusal}</Code><Message>Not now.</Message></Error></Errors></Response>`,
        );
      } else {
        response.end(described());
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  Object.assign(process.env, {
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    ...{ ACCOUNT: '111122223333', ENVIRONMENT: 'dev', IDENTITY_HOST: 'sts.eu-west-1.amazonaws.com' },
    ...{ KEY_ID: 'key', CERTIFICATE_PARAMETER: '/anywhere', FLEETS: 'dev-app dev-worker', DAYS: '7' },
    ROLES: 'dev-app/TiersAppRole0A1B2C3D dev-workers/WorkersNodesRole4E5F6A7B',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  vi.stubGlobal('fetch', (url: string, options: RequestInit) => {
    sent = { url, options };
    if (aws.silence !== undefined) return Promise.reject(aws.silence);
    const said = aws.status === 200 ? `<Arn>${aws.arn}</Arn>` : `<Error><Code>${aws.code}</Code></Error>`;
    return Promise.resolve(
      new Response(`<GetCallerIdentityResponse>${said}</GetCallerIdentityResponse>`, { status: aws.status }),
    );
  });
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});

afterAll(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  server.close();
  process.env = environment;
});

beforeEach(() => {
  Object.assign(aws, { arn: ARN, status: 200, code: 'SignatureDoesNotMatch', fleet: 'dev-app' });
  Object.assign(aws, { state: 'running', address: '10.0.1.5', refusal: undefined });
  Object.assign(aws, { kms: undefined, refusalStatus: 400, silence: undefined });
  sent = undefined;
  asked.length = 0;
  planted = undefined;
});

describe('a node that asks', () => {
  test.each(['dev-app', 'dev-worker'])(
    'of %s is certified by the address that EC2 knows, for seven days',
    async (fleet) => {
      aws.fleet = fleet;
      const { certificate, authorities } = await answered(question);
      const [own, trusted] = [new X509Certificate(certificate), new X509Certificate(authorities)];
      expect(own.subjectAltName).toBe('DNS:10.0.1.5, IP Address:10.0.1.5');
      expect(own.publicKey.equals(node.publicKey)).toBe(true);
      expect([
        own.checkIssued(trusted),
        own.verify(authority.publicKey),
        trusted.publicKey.equals(authority.publicKey),
      ]).toEqual([true, true, true]);
      const days = (Date.parse(own.validTo) - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(6.9);
      expect(days).toBeLessThanOrEqual(7);
    },
  );

  test('is asked for at STS of the region alone, with its key and the environment among what it signed', async () => {
    await handler(question);
    expect(sent?.url).toBe('https://sts.eu-west-1.amazonaws.com/');
    const names = Object.keys(sent?.options.headers ?? {}).filter((name) => name !== 'authorization');
    expect([...names, 'host'].sort().join(';')).toBe(SIGNED_HEADERS);
    expect(sent?.options.headers).toMatchObject({ 'x-beamstalk-environment': 'dev' });
  });
});

describe('the certificate of the authority', () => {
  test('is the same for all to the letter, and follows from the key in KMS: what lies elsewhere is not read', async () => {
    const [one, other] = [await answered(question), await answered(question)];
    expect(one.authorities).toBe(other.authorities);
    expect(new Set(asked)).toEqual(new Set(['DescribeInstances', 'GetPublicKey', 'Sign']));
  });

  test.each<[string, () => Promise<string>]>([
    [
      'another authority beside it',
      async () =>
        (await authorityCertificate(clusterAuthority('beamstalk dev'))) + (await answered(question)).authorities,
    ],
    ['another authority of the same name', () => authorityCertificate(clusterAuthority('beamstalk dev'))],
    ['garbage', () => Promise.resolve('-----BEGIN CERTIFICATE-----')],
  ])('is its own and alone when somebody has written %s', async (_, write) => {
    planted = await write();
    const { certificate, authorities } = await answered(question);
    expect(authorities.match(/-----BEGIN/g)).toHaveLength(1);
    const trusted = new X509Certificate(authorities);
    expect(trusted.publicKey.equals(authority.publicKey)).toBe(true);
    expect(new X509Certificate(certificate).verify(trusted.publicKey)).toBe(true);
  });
});

test.each<[string, Partial<typeof aws>, string, name?: string]>([
  [
    'AWS does not vouch',
    { status: 403 },
    'sts does not vouch for the signed question: 403 SignatureDoesNotMatch',
    'Error',
  ],
  ['a person asks', { arn: 'arn:aws:sts::111122223333:assumed-role/admin/somebody' }, 'who asks is no instance'],
  ['a user asks', { arn: 'arn:aws:iam::111122223333:user/i-0123456789abcdef0' }, 'who asks is no instance'],
  [
    'another account asks',
    { arn: ARN.replace('111122223333', '444455556666') },
    `${INSTANCE} is of the account 444455556666`,
  ],
  ...[
    'dev-app-ReportsRole0A1B2C3D-1GXCJN4S8Y2Z',
    'dev-app-TiersAppRole0A1B2C3DX-1GXCJN4S8Y2Z',
    'x-dev-app-TiersAppRole0A1B2C3D-1GXCJN4S8Y2Z',
    'prod-app-TiersAppRole0A1B2C3D-1GXCJN4S8Y2Z',
    'dev-app-TiersAppRole0A1B2C3D',
  ].map((role): [string, Partial<typeof aws>, string] => [
    `somebody asks who has taken the role ${role} and named the session like a node`,
    { arn: ARN.replace(ROLE, role) },
    `${role} is no role of a fleet of dev`,
  ]),
  [
    'a node of another environment asks',
    { fleet: 'prod-app' },
    `${INSTANCE} is of the fleet prod-app; expected dev-app or dev-worker`,
  ],
  ['a proxy asks', { fleet: 'dev-web' }, `${INSTANCE} is of the fleet dev-web; expected dev-app or dev-worker`],
  ['AWS may not be asked', { refusal: 'UnauthorizedOperation' }, 'Not now.', 'UnauthorizedOperation'],
  ['the name of STS does not resolve', { silence: failed('ENOTFOUND') }, 'fetch failed', 'TypeError'],
  ['its key may not be used', { kms: 'AccessDeniedException' }, 'Not now.', 'AccessDeniedException'],
  ['an instance asks that has ended', { state: 'shutting-down' }, `${INSTANCE} is shutting-down`],
])('nothing is certified when %s', async (_, changes, reason, name = 'Refused') => {
  Object.assign(aws, changes);
  await expect(handler(question)).rejects.toMatchObject({ name, message: expect.stringContaining(reason) as string });
});

// The alarm on the function's errors says that a node does not boot.
test.each<[string, Partial<typeof aws>, string]>([
  [
    'AWS does not know the credentials yet',
    { status: 403, code: 'InvalidClientTokenId' },
    'sts does not vouch for the signed question: 403 InvalidClientTokenId',
  ],
  ['STS does not answer', { status: 503, code: '' }, 'sts does not vouch for the signed question: 503'],
  ['the tags are not known yet', { fleet: undefined }, `${INSTANCE} is of no fleet; expected dev-app`],
  ['the instance has no address yet', { address: '' }, `${INSTANCE} has no private address`],
  ['EC2 does not know the instance yet', { refusal: 'InvalidInstanceID.NotFound' }, 'NotFound: Not now.'],
  ['all ask at once', { refusal: 'RequestLimitExceeded' }, 'RequestLimitExceeded: Not now.'],
  ['all ask at once, in another word', { refusal: 'Throttling' }, 'Throttling: Not now.'],
  ['EC2 fails', { refusal: 'ServiceUnavailable', refusalStatus: 503 }, 'ServiceUnavailable: Not now.'],
  ['STS is silent', { silence: new DOMException('aborted due to timeout', 'TimeoutError') }, 'TimeoutError: aborted'],
  ...['ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ECONNABORTED', 'EPROTO'].map(
    (why): [string, Partial<typeof aws>, string] => [
      `a connection to STS breaks with ${why}`,
      { silence: failed(why) },
      'TypeError: fetch failed',
    ],
  ),
  [
    'an answer for STS is no HTTP',
    { silence: new TypeError('fetch failed', { cause: Object.assign(new Error('bad'), { name: 'HTTPParserError' }) }) },
    'TypeError: fetch failed',
  ],
  ...['RequestLimitExceeded', 'Throttling', 'ThrottlingException'].map(
    (code): [string, Partial<typeof aws>, string] => [
      `STS is asked too much: ${code}`,
      { status: 400, code },
      `sts does not vouch for the signed question: 400 ${code}`,
    ],
  ),
  ['KMS is asked too much', { kms: 'ThrottlingException' }, 'ThrottlingException: Not now.'],
  ['KMS fails', { kms: 'KMSInternalException', refusalStatus: 500 }, 'KMSInternalException: Not now.'],
])('the node is told to ask again, and no alarm rings, when %s', async (_, changes, reason) => {
  Object.assign(aws, changes);
  expect(await handler(question)).toEqual({
    errorType: 'Later',
    errorMessage: expect.stringContaining(reason) as string,
  });
});

test.each<[string, Partial<CertificateRequest>]>([
  ['without our headers', { authorization: question.authorization.replace(';x-beamstalk-key', '') }],
  ['for another region', { authorization: question.authorization.replace('eu-west-1', 'us-east-1') }],
  ['for another service', { authorization: question.authorization.replace('/sts/', '/s3/') }],
  ['with a line of its own', { token: 'a\r\nhost: elsewhere' }],
  ['without a token', { token: '' }],
  ['of another form', { date: 'yesterday' }],
])('a question %s is not asked', async (_, changes) => {
  await expect(handler({ ...question, ...changes })).rejects.toMatchObject({
    name: 'Refused',
    message: expect.stringContaining('the signed question is none for sts in eu-west-1') as string,
  });
  expect(sent).toBeUndefined();
});

test('what is no request is refused with what was expected', async () => {
  const { date: _, ...without } = question;
  await expect(handler(without)).rejects.toThrow('expected date as text, got undefined');
  await expect(handler({ ...question, publicKey: 'AAAA' })).rejects.toThrow(
    'the key is no public key of the curve P-256',
  );
  expect(sent).toBeUndefined();
});
