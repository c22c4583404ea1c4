import { generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DISTRIBUTION_PORT } from '../../lib/node/ports';
import { certified, clusterAuthority, publicDer } from '../peers/cluster-authority';
import { type Environment, run, type Service, start, until } from './machine';
import { address, certify, elixir, loadedOnDemand, nameOf, peerFiles } from './peer';
import { type Node, startNode } from './release';

const COOKIE = 'one-for-all';
const authority = clusterAuthority();
const another = clusterAuthority();
const started: Service[] = [];
let one: Node;
let two: Node;

// Erlang looks every two minutes whether a file with certificates has changed; the test does not wait for so long.
const LOOKS_OFTEN = '-ssl ssl_pem_cache_clean 2000\n';

/** Nodes are joined by hand: what finds them has a test of its own. */
const node = async (number: number): Promise<Node> => {
  await certify(number, authority);
  const made = await startNode({
    ...peerFiles(number, { args: (text) => text + LOOKS_OFTEN }),
    RELEASE_COOKIE: COOKIE,
  });
  started.push(made);
  return made;
};

async function asked({ program }: Node, expression: string): Promise<string> {
  const { code, lines } = await program('/release/bin/counter', 'rpc', `IO.inspect((${expression}), width: 1000)`);
  expect({ code, lines }).toMatchObject({ code: 0 });
  return lines.join('\n');
}

const atom = (number: number): string => `:"${nameOf(number)}"`;

beforeAll(async () => {
  [one, two] = await Promise.all([node(1), node(2)]);
});

afterAll(async () => {
  await Promise.all(started.map((service) => service.stop('SIGKILL')));
});

test('the release starts in embedded mode over TLS, joins, and is reached by the commands beside it', async () => {
  const said = await asked(one, `{:code.get_mode(), :net_kernel.connect_node(${atom(2)}), Node.list()}`);
  expect(said).toBe(`{:embedded, true, [${atom(2)}]}`);
  expect(await asked(two, 'Node.list()')).toBe(`[${atom(1)}]`);
});

const HOME: Environment = { HOME: '/home/beamstalk' };
const YEAR = 31_536_000_000;

describe('a stranger is refused, with a line in the log of the node that it calls', () => {
  const withoutCertificate = (tls: string): string =>
    tls.replace(/(client, \[)\s*\{certfile[^}]*\},\s*\{keyfile[^}]*\},/, '$1');
  test.each<[string, () => Promise<Environment>, string, string]>([
    [
      'without a certificate',
      async () => {
        await certify(3, authority);
        return peerFiles(3, { args: loadedOnDemand, tls: withoutCertificate });
      },
      COOKIE,
      'Fatal - Certificate required',
    ],
    [
      'with one of another authority',
      async () => {
        await certify(3, another);
        return peerFiles(3, {
          args: loadedOnDemand,
          // It takes whoever answers.
          tls: (text) => text.replace(/(client, [\s\S]*)verify_peer/, '$1verify_none'),
        });
      },
      COOKIE,
      'Fatal - Unknown CA',
    ],
    [
      'with one that is expired',
      async () => {
        const ago = (years: number): Date => new Date(Date.now() - years * YEAR);
        await certify(3, authority, { from: ago(2), to: ago(1) });
        return peerFiles(3, { args: loadedOnDemand });
      },
      COOKIE,
      'Fatal - Certificate Expired',
    ],
    [
      'with another cookie',
      async () => {
        await certify(3, authority);
        return peerFiles(3, { args: loadedOnDemand });
      },
      'another',
      'rejected. Invalid challenge reply.',
    ],
    [
      'that speaks plain',
      async () => {
        await certify(3, authority);
        return peerFiles(3, {
          args: (text) => loadedOnDemand(text).replace(/^-(proto_dist|ssl_dist_optfile).*\n/gm, ''),
        });
      },
      COOKIE,
      'Fatal - Unexpected Message',
    ],
  ])('%s', async (_, files, cookie, line) => {
    const before = one.output().length;
    const stranger = await files();
    const script = `IO.inspect({:connected, :net_kernel.connect_node(${atom(1)})})`;
    const { code, lines } = await run('beamstalk', { ...HOME, ...stranger }, elixir(stranger, cookie, '-e', script));
    expect(code).toBe(0);
    expect(lines).toContain('{:connected, false}');
    const said = (): string => one.output().slice(before);
    await until('the line', () => said().includes(line), 10).catch(() => expect(said()).toContain(line));
  });

  test('who has the certificate of another address is called by nobody', async () => {
    await certify(4, authority, { address: address(5) });
    const files = peerFiles(4, { args: loadedOnDemand });
    const ready = 'IO.puts("ready"); Process.sleep(:infinity)';
    const impostor = start('beamstalk', { ...HOME, ...files }, elixir(files, COOKIE, '-e', ready));
    started.push(impostor);
    await until('the impostor', () => impostor.output().includes('ready'));
    const before = one.output().length;
    expect(await asked(one, `:net_kernel.connect_node(${atom(4)})`)).toBe('false');
    const said = (): string => one.output().slice(before);
    const line = 'hostname_check_failed';
    await until('the line', () => said().includes(line), 10).catch(() => expect(said()).toContain(line));
  });
});

test('certificates are renewed under traffic: none is lost, nobody is down, and new connections show the new ones', async () => {
  const first = await serialOf(1);
  // Receives numbers, and counts those that were out of turn and the nodes that went down.
  await asked(
    two,
    `spawn(fn ->
      Process.register(self(), :probe)
      :net_kernel.monitor_nodes(true)
      Enum.reduce(Stream.cycle([0]), {0, 0, 0}, fn _, {next, gaps, downs} ->
        receive do
          {:number, n} -> {n + 1, gaps + abs(n - next), downs}
          {:nodedown, _} -> {next, gaps, downs + 1}
          {:ask, from} -> send(from, {:told, next, gaps, downs}); {next, gaps, downs}
          _ -> {next, gaps, downs}
        end
      end)
    end) |> is_pid()`,
  );
  await asked(
    one,
    `spawn(fn ->
      Enum.each(Stream.iterate(0, & &1 + 1), fn n -> send({:probe, ${atom(2)}}, {:number, n}); Process.sleep(1) end)
    end) |> is_pid()`,
  );
  const told = async (): Promise<number[]> => {
    const text = await asked(
      two,
      'send(:probe, {:ask, self()}); receive do {:told, n, gaps, downs} -> [n, gaps, downs] end',
    );
    return JSON.parse(text) as number[];
  };
  const [before = 0] = await told();
  const serials = await Promise.all([certify(1, authority), certify(2, authority)]);
  await until(
    'the new certificate',
    async () => (await serialOf(1)) === serials[0] && (await serialOf(2)) === serials[1],
    30,
  );
  expect(serials[0]).not.toBe(first);
  const [after = 0, gaps, downs] = await told();
  expect({ gaps, downs, more: after > before }).toEqual({ gaps: 0, downs: 0, more: true });
  // Whoever comes now is known by the same authority.
  await certify(6, authority);
  const files = peerFiles(6, { args: loadedOnDemand });
  const script = `IO.inspect({:connected, :net_kernel.connect_node(${atom(1)})})`;
  const { lines } = await run('beamstalk', { ...HOME, ...files }, elixir(files, COOKIE, '-e', script));
  expect(lines).toContain('{:connected, true}');
});

/** Serial number of the certificate that a node shows to a new connection. */
async function serialOf(number: number): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const { certificate } = await certified(authority, { address: address(7), publicKey: publicDer(publicKey) });
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host: address(number), port: DISTRIBUTION_PORT, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      ...{ cert: certificate, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) },
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
  });
}
