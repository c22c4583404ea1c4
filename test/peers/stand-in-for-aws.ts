import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An account as the stand-in answers for it. What is left out is not there; an error is answered in a service's own way. */
export interface StandInAccount {
  /** Values by the codes of Service Quotas. A code that is left out has the default of `defaults`, or is unknown. */
  readonly quotas?: Readonly<Record<string, number>>;
  readonly defaults?: Readonly<Record<string, number>>;
  /** Identifiers of resources, by the type that Cloud Control lists; pages of two. */
  readonly resources?: Readonly<Record<string, readonly string[]>>;
  /** Properties of single resources, by their identifier. */
  readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly instances?: readonly { readonly type: string; readonly environment?: string; readonly spot?: true }[];
  readonly zones?: readonly { readonly name: string; readonly id: string; readonly state?: string }[];
  /** Zones that do not offer a type, by the type. */
  readonly notOffered?: Readonly<Record<string, readonly string[]>>;
  /** Version of the bootstrap stack, by region. */
  readonly bootstrap?: Readonly<Record<string, number>>;
  readonly hostedZones?: Readonly<Record<string, { readonly name: string; readonly private?: true }>>;
  readonly roles?: readonly string[];
  /** Errors by operation, such as `GetServiceQuota: 'AccessDeniedException'`. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** What a client asked, as the wire says it. */
interface Request {
  readonly operation: string;
  readonly region: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly path: string;
}

/**
 * A server on loopback that speaks the protocols of the services that `beamstalk preflight` asks: JSON (Service Quotas,
 * Cloud Control), queries with answers in XML (EC2, CloudFormation, IAM) and REST with XML (Route 53). Set AWS_ENDPOINT_URL
 * to `url`.
 */
export class StandInForAws {
  /** Operations that were asked, each with its region. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    private account: StandInAccount,
  ) {}

  static async start(account: StandInAccount): Promise<StandInForAws> {
    const server = createServer();
    const standIn = new StandInForAws(server, account);
    server.on('request', (request, response) => void standIn.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  become(account: StandInAccount): void {
    this.account = account;
    this.asked.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = requestOf(incoming, Buffer.concat(chunks).toString('utf8'));
    this.asked.push(`${request.operation} ${request.region}`);
    const isJson = incoming.headers['x-amz-target'] !== undefined;
    const refused = this.account.refused?.[request.operation];
    try {
      if (refused !== undefined) throw new ServiceError(refused, 'not allowed here');
      const body = this.reply(request);
      response.writeHead(200, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    } catch (error) {
      const { code, message } =
        error instanceof ServiceError ? error : new ServiceError('InternalFailure', String(error));
      response.writeHead(400, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' });
      response.end(isJson ? JSON.stringify({ __type: code, message }) : errorIn(request, code, message));
    }
  }

  private reply(request: Request): string | object {
    const { operation, body, region } = request;
    switch (operation) {
      case 'GetServiceQuota':
        return this.quota(String(body['QuotaCode']), this.account.quotas);
      case 'GetAWSDefaultServiceQuota':
        return this.quota(String(body['QuotaCode']), this.account.defaults);
      case 'ListResources':
        return this.list(String(body['TypeName']), body['NextToken']);
      case 'GetResource':
        return this.resource(String(body['Identifier']));
      case 'DescribeInstances':
        return this.instances();
      case 'DescribeAvailabilityZones':
        return this.zones();
      case 'DescribeInstanceTypeOfferings':
        return this.offerings(body);
      case 'DescribeStacks':
        return this.stacks(body, region);
      case 'GetRole':
        return this.role(String(body['RoleName']));
      case 'GetHostedZone':
        return this.hostedZone(request.path.split('/').at(-1) ?? '');
      default:
        throw new ServiceError('UnknownOperationException', operation);
    }
  }

  private quota(code: string, values: StandInAccount['quotas'] = {}): object {
    const value = values[code];
    if (value === undefined) throw new ServiceError('NoSuchResourceException', `no quota ${code}`);
    return { Quota: { QuotaCode: code, Value: value } };
  }

  private list(type: string, token: unknown): object {
    const all = this.account.resources?.[type] ?? [];
    const first = Number(token ?? 0);
    const next = first + 2;
    return {
      TypeName: type,
      ResourceDescriptions: all.slice(first, next).map((Identifier) => ({ Identifier, Properties: '{}' })),
      ...(next < all.length && { NextToken: String(next) }),
    };
  }

  private resource(identifier: string): object {
    const properties = this.account.properties?.[identifier];
    if (properties === undefined) throw new ServiceError('ResourceNotFoundException', identifier);
    return { ResourceDescription: { Identifier: identifier, Properties: JSON.stringify(properties) } };
  }

  private instances(): string {
    const items = (this.account.instances ?? []).map(({ type, environment, spot }) => {
      const tag =
        environment === undefined ? '' : `<item><key>beamstalk:environment</key><value>${environment}</value></item>`;
      const lifecycle = spot ? '<instanceLifecycle>spot</instanceLifecycle>' : '';
      const cpu = '<cpuOptions><coreCount>4</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>';
      return `<item><instanceType>${type}</instanceType>${lifecycle}${cpu}<tagSet>${tag}</tagSet></item>`;
    });
    const set = `<reservationSet><item><instancesSet>${items.join('')}</instancesSet></item></reservationSet>`;
    return ec2('DescribeInstances', set);
  }

  private zones(): string {
    const items = (this.account.zones ?? []).map(
      ({ name, id, state = 'available' }) =>
        `<item><zoneName>${name}</zoneName><zoneId>${id}</zoneId><zoneState>${state}</zoneState><zoneType>availability-zone</zoneType></item>`,
    );
    return ec2('DescribeAvailabilityZones', `<availabilityZoneInfo>${items.join('')}</availabilityZoneInfo>`);
  }

  private offerings(body: Request['body']): string {
    const types = Object.entries(body).flatMap(([key, value]) =>
      /^Filter\.1\.Value\.\d+$/.test(key) ? [String(value)] : [],
    );
    const items = types.flatMap((type) =>
      (this.account.zones ?? [])
        .filter(({ name }) => !this.account.notOffered?.[type]?.includes(name))
        .map(
          ({ name }) =>
            `<item><instanceType>${type}</instanceType><locationType>availability-zone</locationType><location>${name}</location></item>`,
        ),
    );
    return ec2('DescribeInstanceTypeOfferings', `<instanceTypeOfferingSet>${items.join('')}</instanceTypeOfferingSet>`);
  }

  private stacks(body: Request['body'], region: string): string {
    const version = this.account.bootstrap?.[region];
    if (body['StackName'] === undefined) return query('DescribeStacks', '<Stacks></Stacks>');
    if (version === undefined)
      throw new ServiceError('ValidationError', `Stack with id ${body['StackName']} does not exist`);
    const output = `<member><OutputKey>BootstrapVersion</OutputKey><OutputValue>${version}</OutputValue></member>`;
    return query(
      'DescribeStacks',
      `<Stacks><member><StackName>CDKToolkit</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>${output}</Outputs></member></Stacks>`,
    );
  }

  private role(name: string): string {
    if (!this.account.roles?.includes(name)) throw new ServiceError('NoSuchEntity', `no role ${name}`);
    return query(
      'GetRole',
      `<Role><RoleName>${name}</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::1:role/${name}</Arn><Path>/</Path><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>`,
    );
  }

  private hostedZone(id: string): string {
    const zone = this.account.hostedZones?.[id];
    if (zone === undefined) throw new ServiceError('NoSuchHostedZone', id);
    return `<GetHostedZoneResponse><HostedZone><Id>/hostedzone/${id}</Id><Name>${zone.name}.</Name><CallerReference>x</CallerReference><Config><PrivateZone>${zone.private === true}</PrivateZone></Config></HostedZone></GetHostedZoneResponse>`;
  }
}

class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function requestOf(incoming: IncomingMessage, text: string): Request {
  const [, region = ''] = /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
  const path = incoming.url ?? '';
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') {
    return { operation: target.split('.').at(-1) ?? '', region, path, body: JSON.parse(text) as Request['body'] };
  }
  if (path.startsWith('/2013-04-01/hostedzone/')) return { operation: 'GetHostedZone', region, path, body: {} };
  const body = Object.fromEntries(new URLSearchParams(text));
  return { operation: body['Action'] ?? '', region, path, body };
}

function ec2(operation: string, inner: string): string {
  return `<${operation}Response><requestId>r</requestId>${inner}</${operation}Response>`;
}

function query(operation: string, inner: string): string {
  return `<${operation}Response><${operation}Result>${inner}</${operation}Result></${operation}Response>`;
}

/** EC2 has a form of its own for errors. */
function errorIn({ operation }: Request, code: string, message: string): string {
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  return operation.startsWith('DescribeStacks') || operation === 'GetRole' || operation === 'GetHostedZone'
    ? `<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`
    : `<Response><Errors><Error>${error}</Error></Errors><RequestID>r</RequestID></Response>`;
}
