import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetsAsXml } from './fleets-as-xml';
import { NODE_PROGRAMS } from './node-programs';
import { ParameterStore, Refusal } from './parameter-store';
import { StandInCommands, type StandInNode } from './stand-in-commands';

export interface EnvironmentProps {
  readonly environment?: string;
  /** Engine that answers what is not answered here; left out, parameters are kept here, and the rest is refused. */
  readonly behind?: string;
}

type Body = Readonly<Record<string, unknown>>;

/**
 * A server on loopback that speaks the protocols of Systems Manager, Auto Scaling, CodeDeploy and CloudWatch Logs for one
 * environment. Run Command runs each script really, by a shell, in the folder of its node. Parameters behave as in
 * Parameter Store: made once without `Overwrite`, with a history.
 *
 * Sources: https://docs.aws.amazon.com/systems-manager/latest/APIReference/ (SendCommand, GetCommandInvocation,
 * DescribeInstanceInformation, PutParameter, GetParameterHistory; 2026-11-29)
 */
export class DeployedEnvironment {
  readonly nodes: StandInNode[] = [];
  /** Operations that were asked, in order. */
  readonly asked: string[] = [];
  /** Writes of objects that did not ask S3 to look first. */
  readonly unconditional: string[] = [];
  /** Errors by operation. */
  readonly refused: Record<string, string> = {};
  /** Operations that are never answered. */
  readonly silent = new Set<string>();
  /** Called with each script that a node is sent, before it runs. */
  onScript: (node: StandInNode, script: string) => void = () => undefined;
  readonly events: { group: string; at: number; stream: string; message: string; id: string }[] = [];
  /** Ids of deployments of CodeDeploy that have not ended. */
  readonly deployments: string[] = [];
  /** Machines that the group of the mover is to have; undefined while there is no such group. */
  mover: number | undefined;
  /** Objects of the bucket, by key. */
  readonly objects = new Map<string, string>();
  readonly environment: string;
  private made = 0;
  private readonly parameters = new ParameterStore();
  private readonly commands = new StandInCommands(this.nodes);
  private readonly home = mkdtempSync(join(tmpdir(), 'beamstalk-nodes-'));

  private constructor(
    private readonly server: Server,
    private readonly props: EnvironmentProps,
  ) {
    this.environment = props.environment ?? 'prod';
  }

  static async start(props: EnvironmentProps = {}): Promise<DeployedEnvironment> {
    const server = createServer();
    const environment = new DeployedEnvironment(server, props);
    server.on('request', (incoming, response) => void environment.answer(incoming, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return environment;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Adds a node that runs a release. */
  add(role: StandInNode['role'], uri = 'none', lifecycle = 'InService'): StandInNode {
    this.made += 1;
    const id = `i-${String(this.made).padStart(8, '0')}`;
    const folder = join(this.home, id);
    mkdirSync(folder);
    writeFileSync(join(folder, 'uri'), `${uri}\n`);
    writeFileSync(join(folder, 'calls'), '');
    for (const [name, text] of Object.entries(NODE_PROGRAMS)) {
      writeFileSync(join(folder, name), text.replaceAll('@ROLE@', role));
      chmodSync(join(folder, name), 0o755);
    }
    const node: StandInNode = { id, role, lifecycle, ping: 'Online', instanceType: 'c7i.xlarge', folder };
    this.nodes.push(node);
    return node;
  }

  remove(id: string): void {
    const at = this.nodes.findIndex((node) => node.id === id);
    if (at >= 0) this.nodes.splice(at, 1);
  }

  /** Release that each node runs, by its id. */
  get running(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.nodes.map(({ id, folder }) => [id, readFileSync(join(folder, 'uri'), 'utf8').trim()]),
    );
  }

  /** Arguments of the rollouts on a node. */
  calls({ folder }: StandInNode): string[] {
    return readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
  }

  /** Adds a release to the bucket; its address. */
  release(version: string, { name = 'shop', whole = true } = {}): string {
    const key = `releases/${version}/${name}-${version}.tar.gz`;
    this.objects.set(key, 'x');
    if (whole) this.objects.set(`${key}.sha256`, `${'0'.repeat(64)}  ${name}-${version}.tar.gz\n`);
    return `s3://releases-of-${this.environment}/${key}`;
  }

  /** Parameters of an environment that was deployed, with nothing released. */
  deploy(): void {
    this.put('release/uri', 'none');
    this.put('delivery/releases-bucket', `releases-of-${this.environment}`);
    this.put('climb/state', '{"phase":0,"at":"2026-11-29T12:00:00.000Z"}');
  }

  put(name: string, value: string): void {
    this.parameters.put(`/beamstalk/${this.environment}/${name}`, value);
  }

  parameter(name: string): string | undefined {
    return this.parameters.value(`/beamstalk/${this.environment}/${name}`);
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      // Whoever asked has gone in the middle.
      return;
    }
    const raw = Buffer.concat(chunks);
    const target = incoming.headers['x-amz-target'];
    const isJson = typeof target === 'string';
    const isQuery = String(incoming.headers['content-type']).startsWith('application/x-www-form-urlencoded');
    const body: Body = isJson
      ? (JSON.parse(raw.toString('utf8')) as Body)
      : isQuery
        ? Object.fromEntries(new URLSearchParams(raw.toString('utf8')))
        : {};
    const operation = isJson
      ? (target.split('.').at(-1) ?? '')
      : String(body['Action'] ?? `${incoming.method} ${incoming.url}`);
    this.asked.push(operation);
    // S3's: a part cannot ask, and everything that makes an object has to.
    const makesObject = /^PUT (?!.*partNumber=)|^POST .*[?&]uploadId=/.test(operation);
    if (makesObject && incoming.headers['if-none-match'] !== '*') this.unconditional.push(operation);
    if (this.silent.has(operation)) return;
    try {
      const refused = this.refused[operation];
      if (refused !== undefined) throw new Refusal(refused, 'not allowed here');
      const reply = this.reply(operation, body);
      if (reply === undefined) return this.pass(incoming, raw, response);
      response.writeHead(200, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' });
      response.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    } catch (error) {
      const { code, message } = error instanceof Refusal ? error : new Refusal('InternalFailure', String(error));
      response.writeHead(400, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' });
      const xml = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
      response.end(isJson ? JSON.stringify({ __type: code, message }) : `<Response><Errors>${xml}</Errors></Response>`);
    }
  }

  /** Hands a request on as it is: nobody here checks signatures. */
  private pass(incoming: IncomingMessage, raw: Buffer, response: ServerResponse): void {
    if (this.props.behind === undefined) {
      response.writeHead(501).end();
      return;
    }
    const onward = request(new URL(incoming.url ?? '/', this.props.behind), {
      method: incoming.method,
      headers: incoming.headers,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    onward.end(raw);
  }

  private reply(operation: string, body: Body): object | string | undefined {
    switch (operation) {
      case 'SendCommand':
        return this.commands.send(body, this.onScript);
      case 'GetCommandInvocation':
        return this.commands.invocation(body);
      case 'DescribeInstanceInformation':
        return {
          InstanceInformationList: this.nodes
            .filter(({ ping }) => ping !== 'not registered')
            .map(({ id, ping }) => ({ InstanceId: id, PingStatus: ping })),
        };
      case 'DescribeAutoScalingGroups':
        return fleetsAsXml(this, body);
      case 'SetDesiredCapacity':
        return this.setMover(Number(body['DesiredCapacity']));
      case 'ListApplications':
        return {
          applications: this.deployments.length === 0 ? [] : [`${this.environment}-delivery-Application`, 'of-others'],
        };
      case 'ListDeploymentGroups':
        return { deploymentGroups: ['app'] };
      case 'ListDeployments':
        return { deployments: this.deployments };
      default:
        if (this.props.behind !== undefined) return undefined;
        if (operation === 'FilterLogEvents') return this.filtered(body);
        return operation.startsWith('GET /')
          ? this.bucket(operation.slice('GET '.length))
          : this.parameters.reply(operation, body);
    }
  }

  /** Listing of the bucket, or an object of it; addressed by path. */
  private bucket(address: string): string | undefined {
    const { pathname, searchParams } = new URL(address, this.url);
    if (!searchParams.has('list-type')) return this.objects.get(pathname.split('/').slice(2).join('/'));
    const prefix = searchParams.get('prefix') ?? '';
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix));
    const contents = found.map(
      ([key, text]) =>
        `<Contents><Key>${key}</Key><Size>${text.length}</Size><LastModified>2026-11-29T12:00:00.000Z</LastModified></Contents>`,
    );
    return `<ListBucketResult>${contents.join('')}</ListBucketResult>`;
  }

  /** Starts or ends the mover, as its group does. */
  private setMover(desired: number): string {
    if (this.mover === undefined) throw new Refusal('ValidationError', 'AutoScalingGroup name not found');
    this.mover = desired;
    const running = this.nodes.find(({ role }) => role === 'mover');
    if (desired === 0 && running !== undefined) this.remove(running.id);
    if (desired === 1 && running === undefined) this.add('mover');
    return '<SetDesiredCapacityResponse/>';
  }

  /** Pages of three, in the order of time. */
  private filtered(body: Body): object {
    const since = Number(body['startTime'] ?? 0);
    const all = this.events
      .filter(({ group, at }) => group === body['logGroupName'] && at >= since)
      .sort((one, other) => one.at - other.at);
    const first = Number(body['nextToken'] ?? 0);
    return {
      events: all
        .slice(first, first + 3)
        .map(({ at, stream, message, id }) => ({ timestamp: at, logStreamName: stream, message, eventId: id })),
      ...(first + 3 < all.length && { nextToken: String(first + 3) }),
    };
  }
}
