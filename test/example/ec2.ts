import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { CREDENTIALS } from './instance-metadata';

/** An instance as EC2 describes it. */
export interface Instance {
  readonly id: string;
  readonly address: string;
  readonly fleet: string;
  readonly state: 'pending' | 'running' | 'stopped' | 'terminated';
}

/**
 * EC2's DescribeInstances and the load balancer's DescribeTargetHealth, by their query protocol, for whoever signs with the
 * credentials of the instance. Nothing of theirs is in any package that can be had here, so that answers are written after
 * the examples of the API references.
 *
 * Sources, read 2026-11-30: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html,
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export interface Ec2 {
  readonly endpoint: string;
  /** Settings from now on. */
  instances: readonly Instance[];
  /** State of each target of the one target group, by its id. */
  targets: Readonly<Record<string, string>>;
  /** Error that every call gets. */
  refusal: { readonly status: number; readonly code: string } | undefined;
  /** Actions that were asked for, in their order. */
  readonly asked: string[];
  /** Reasons for which a call was no call that AWS would answer. */
  readonly faults: string[];
  readonly stop: () => void;
}

export const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/app/0123456789abcdef';

/** Instances of a page; the caller asks for more, and has to follow the token all the same. */
const PAGE = 2;

export function startEc2(): Promise<Ec2> {
  const state = {
    instances: [] as readonly Instance[],
    targets: {} as Readonly<Record<string, string>>,
    refusal: undefined as Ec2['refusal'],
    asked: [] as string[],
    faults: [] as string[],
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const parameters = new URLSearchParams(body);
      const action = parameters.get('Action') ?? '';
      state.asked.push(action);
      const fault = faultOf(request, body, action === 'DescribeInstances' ? 'ec2' : 'elasticloadbalancing');
      if (fault !== undefined) state.faults.push(fault);
      const refusal = fault === undefined ? state.refusal : { status: 403, code: 'AuthFailure' };
      if (refusal !== undefined) {
        const message = '<Message>You may not, or not now.</Message>';
        response.writeHead(refusal.status, { 'content-type': 'text/xml' });
        response.end(
          `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${refusal.code}</Code>${message}</Error></Errors><RequestID>r-1</RequestID></Response>`,
        );
      } else {
        const text =
          action === 'DescribeInstances' ? described(state.instances, parameters) : health(state.targets, parameters);
        response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' }).end(text);
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const stop = (): void => {
        server.closeAllConnections();
        server.close();
      };
      resolve(Object.assign(state, { endpoint: `http://127.0.0.1:${port}`, stop }));
    });
  });
}

function described(instances: readonly Instance[], parameters: URLSearchParams): string {
  const tag = parameters.get('Filter.1.Name')?.replace(/^tag:/, '');
  const states = [1, 2].map((number) => parameters.get(`Filter.2.Value.${number}`));
  const found = instances.filter(
    ({ fleet, state }) =>
      tag === 'beamstalk:fleet' && fleet === parameters.get('Filter.1.Value.1') && states.includes(state),
  );
  const from = Number(parameters.get('NextToken') ?? 0);
  const reservations = found.slice(from, from + PAGE).map(
    // An interface has addresses of its own, the first of them the instance's.
    ({ id, address, state }) => `
    <item><reservationId>r-${id}</reservationId><ownerId>111122223333</ownerId><groupSet/><instancesSet><item>
      <instanceId>${id}</instanceId><instanceState><code>16</code><name>${state}</name></instanceState>
      <privateIpAddress>${address}</privateIpAddress>
      <tagSet><item><key>Name</key><value>one &amp; other</value></item></tagSet>
      <networkInterfaceSet><item><privateIpAddress>${address}</privateIpAddress><privateIpAddressesSet>
        <item><privateIpAddress>127.0.9.9</privateIpAddress><primary>false</primary></item>
      </privateIpAddressesSet></item></networkInterfaceSet>
    </item></instancesSet></item>`,
  );
  const token = from + PAGE < found.length ? `<nextToken>${from + PAGE}</nextToken>` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>r-1</requestId><reservationSet>${reservations.join('')}</reservationSet>${token}
</DescribeInstancesResponse>`;
}

function health(targets: Ec2['targets'], parameters: URLSearchParams): string {
  const known = parameters.get('TargetGroupArn') === TARGET_GROUP ? Object.entries(targets) : [];
  const members = known.map(
    ([id, state]) => `
    <member><HealthCheckPort>4000</HealthCheckPort><TargetHealth><State>${state}</State></TargetHealth>
      <Target><Port>4000</Port><Id>${id}</Id></Target></member>`,
  );
  return `<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
  <DescribeTargetHealthResult><TargetHealthDescriptions>${members.join('')}</TargetHealthDescriptions></DescribeTargetHealthResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
</DescribeTargetHealthResponse>`;
}

/** Reason for which AWS would refuse a request, if any: no signature of Signature Version 4, or one of something else. */
function faultOf({ method, url, headers }: IncomingMessage, body: string, service: string): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/((\d{8})\/eu-central-1\/(\w+)\/aws4_request), SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, key, scope = '', day = '', named, signed = '', signature] = pattern.exec(headers.authorization ?? '') ?? [];
  const time = String(headers['x-amz-date']);
  const names = signed.split(';');
  if (key !== CREDENTIALS.AccessKeyId || named !== service) return `authorization ${headers.authorization}`;
  if (headers['x-amz-security-token'] !== CREDENTIALS.Token) return 'another token';
  if (!time.startsWith(day) || Math.abs(Date.now() - dateOf(time)) > 300_000) return `time ${time}`;
  if (!['content-type', 'host', 'x-amz-date', 'x-amz-security-token'].every((name) => names.includes(name)))
    return `signed ${signed}`;
  const lines = names.map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', lines.join(''), signed, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const derived = scope
    .split('/')
    .reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${CREDENTIALS.SecretAccessKey}`);
  return hmac(derived, toSign).toString('hex') === signature ? undefined : `signature of ${canonical}`;
}

function dateOf(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
