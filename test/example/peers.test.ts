import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import { clusterAuthority } from '../peers/cluster-authority';
import { type Ec2, type Instance, startEc2, TARGET_GROUP } from './ec2';
import { type InstanceMetadata, startInstanceMetadata } from './instance-metadata';
import { type Environment, folder, run, until } from './machine';
import { address, certify, elixir, loadedOnDemand, nameOf, peerFiles } from './peer';
import { json, type Node, startNode } from './release';

let ec2: Ec2;
let metadata: InstanceMetadata;
const started: Node[] = [];
const { inside, outside } = folder();

const instance = (number: number, others: Partial<Instance> = {}): Instance => ({
  ...{ id: `i-${number}`, address: address(number), fleet: 'test-app', state: 'running' },
  ...others,
});

const authority = clusterAuthority();

/** Environment of a node, with the arguments that user data writes for it, and a certificate: they speak over TLS. */
function environment(number: number): Environment {
  return {
    ...peerFiles(number),
    ...{ AWS_REGION: 'eu-central-1', BEAMSTALK_ENVIRONMENT: 'test', BEAMSTALK_ROLE: 'app' },
    ...{ AWS_ENDPOINT_URL: ec2.endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint },
  };
}

async function start(number: number, others: Environment = {}): Promise<Node> {
  await certify(number, authority);
  const node = await startNode({ ...environment(number), ...others });
  started.push(node);
  return node;
}

const members = async (node: Node): Promise<unknown> => (await json(`${node.url}/nodes`))['members'];

/** Waits until each of the nodes has just these numbers for members. */
async function mesh(nodes: readonly Node[], numbers: readonly number[], seconds: number): Promise<void> {
  const names = JSON.stringify(numbers.map(nameOf));
  for (const node of nodes)
    await until(`${node.name} with ${names}`, async () => JSON.stringify(await members(node)) === names, seconds);
}

/** Value of an expression on a running node. */
async function asked(node: Node, expression: string): Promise<string> {
  const { code, lines } = await node.program('/release/bin/counter', 'rpc', `IO.inspect((${expression}), width: 1000)`);
  expect({ code, lines }).toMatchObject({ code: 0 });
  return lines.join('\n');
}

beforeAll(async () => {
  [ec2, metadata] = await Promise.all([startEc2(), startInstanceMetadata()]);
  ec2.instances = [
    ...[1, 2, 3].map((number) => instance(number, { state: 'pending' })),
    instance(7, { state: 'terminated' }),
    instance(8, { fleet: 'other-app' }),
  ];
});

afterAll(async () => {
  // One that a failure has left stopped does not hear of an end.
  await Promise.all(started.map((node) => node.stop('SIGKILL')));
  ec2.stop();
  metadata.stop();
});

let one: Node;
let two: Node;
let three: Node;

test('three nodes find each other by their tag, and are a mesh within 10 s', async () => {
  [one, two, three] = await Promise.all([start(1), start(2), start(3)]);
  await mesh([one, two, three], [1, 2, 3], 10);
  expect(ec2.faults).toEqual([]);
  const found = await asked(one, 'Enum.sort(:beamstalk_peers.status().found)');
  expect(found).toBe(`[:"${nameOf(2)}", :"${nameOf(3)}"]`);
});

test('a fleet as a whole asks once a second at most, and each node less often after errors', async () => {
  const pauses = 'for {f, n} <- [{0, 3}, {0, 100}, {1, 0}, {5, 0}, {20, 0}, {1, 3}, {9, 3}, {9, 100}]';
  const times = (chance: string): Promise<string> =>
    asked(one, `${pauses}, do: :beamstalk_fleet.pause(f, n, ${chance})`);
  expect(await times('0.0')).toBe('[8000, 80000, 500, 8000, 30000, 10000, 30000, 50000]');
  expect(await times('1.0')).toBe('[12000, 120000, 1000, 16000, 60000, 20000, 60000, 100000]');
});

test('a peer that is silent is given up within 20 s, and joins again by itself, while AWS throttles', async () => {
  ec2.refusal = { status: 503, code: 'RequestLimitExceeded' };
  three.signal('SIGSTOP');
  await mesh([one, two], [1, 2], 20);
  expect(one.output()).toContain(`peers: ${nameOf(3)} is lost`);
  three.signal('SIGCONT');
  await mesh([one, two, three], [1, 2, 3], 20);
  ec2.refusal = undefined;
});

test('a node that ends leaves its peers before its connections go', async () => {
  let answered = false;
  let send = (): void => undefined;
  const answer = new Promise<number | undefined>((resolve, reject) => {
    const slow = request(`${three.url}/jobs`, { method: 'POST', headers: { 'content-length': 2 } }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
    slow.write('1');
    send = () => {
      answered = true;
      slow.end('2');
    };
  });
  await until('the request', async () => Number(await asked(three, 'length(Counter.Http.Connections.all())')) > 0);
  const ended = three.stop();
  await mesh([one, two], [1, 2], 10);
  // It has left while it waits for what is under way.
  expect(answered).toBe(false);
  send();
  expect(await answer).toBe(503);
  expect((await ended).code).toBe(0);
  for (const { output } of [one, two]) expect(output()).toContain(`peers: ${nameOf(3)} has left`);
  const status = await asked(one, ':beamstalk_peers.status()');
  expect(status).toContain(`left: [:"${nameOf(3)}"]`);
  expect(status).toContain('missing: []');
});

test('one that may not look says so in one line, serves, and joins when it may', async () => {
  ec2.instances = [1, 2, 4].map((number) => instance(number));
  ec2.refusal = { status: 403, code: 'UnauthorizedOperation' };
  const four = await start(4);
  const line = 'level=warning msg="peers: cannot look: UnauthorizedOperation You may not, or not now."\n';
  await until('the line', () => four.output().includes(line)).catch(() => expect(four.output()).toContain(line));
  expect(await members(four)).toEqual([nameOf(4)]);
  ec2.refusal = undefined;
  await mesh([one, two, four], [1, 2, 4], 20);
  expect(four.output().split('cannot look')).toHaveLength(2);
  // Those that were there forget who is gone with their next look. After what was refused above, the pause before it is up to a
  // minute, by chance: so it is asked for.
  await asked(one, 'send(:beamstalk_peers, :look)');
  await until('the next look', async () => (await asked(one, ':beamstalk_peers.status().left')) === '[]');
});

test('where it is asked for, the load balancer says who is there', async () => {
  ec2.instances = [1, 2, 4, 5].map((number) => instance(number));
  ec2.targets = { 'i-1': 'healthy', 'i-2': 'draining', [address(4)]: 'initial', 'i-5': 'unhealthy' };
  const five = await start(5, { PEERS_TARGET_GROUPS: TARGET_GROUP });
  await mesh([five], [1, 2, 4, 5], 20);
  const found = await asked(five, 'Enum.sort(:beamstalk_peers.status().found)');
  expect(found).toBe(`[:"${nameOf(1)}", :"${nameOf(4)}"]`);
});

test('the strategy for libcluster joins by its functions', async () => {
  for (const file of ['examples/counter/discovery/libcluster/beamstalk.ex', 'test/example/libcluster.ex'])
    writeFileSync(join(outside, file.split('/').pop() ?? ''), readFileSync(projectPath(...file.split('/'))));
  const script = `
    for file <- ~w(libcluster.ex beamstalk.ex), do: Code.require_file(file, ${JSON.stringify(inside)})
    connect = {:net_kernel, :connect_node, []}
    list = {:erlang, :nodes, [:connected]}
    state = struct(Cluster.Strategy.State, topology: :fleet, connect: connect, list_nodes: list,
      config: [tag: {"beamstalk:fleet", "test-app"}, target_groups: [${JSON.stringify(TARGET_GROUP)}]])
    {:ok, _} = Supervisor.start_link([{Cluster.Strategy.Beamstalk, [state]}], strategy: :one_for_one)
    Enum.find(1..100, fn _ -> Process.sleep(100) == :ok and length(Node.list()) == 4 end)
    IO.inspect(Enum.sort(Node.list()), width: 1000)
    :beamstalk_peers.leave()
    IO.inspect(Node.list())`;
  await certify(6, authority);
  const files = { ...environment(6), ...peerFiles(6, { args: loadedOnDemand }) };
  const { code, lines } = await run(
    'beamstalk',
    { ...files, HOME: '/home/beamstalk' },
    elixir(files, 'one-for-all', '-pa', '/build/counter/_build/prod/lib/beamstalk_discovery/ebin', '-e', script),
  );
  expect(lines.join('\n')).not.toContain('warning:');
  // Beside the lines of the log. Whom it tried by libcluster's function; `global` brought it together with the others.
  const told = lines.filter((line) => /^fleet: |^\[/.test(line));
  const joined = `[${[1, 2, 4, 5].map((number) => `:"${nameOf(number)}"`).join(', ')}]`;
  expect({ code, told: told.filter((line) => line.startsWith('[')) }).toEqual({ code: 0, told: [joined, '[]'] });
  expect(new Set(told.filter((line) => line.startsWith('fleet: ')))).toEqual(
    new Set([`fleet: ${nameOf(1)}`, `fleet: ${nameOf(4)}`]),
  );
  expect(ec2.faults).toEqual([]);
});
