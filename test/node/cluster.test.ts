import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { callerOf } from '../../lambda/cluster-certificate/caller';
import { authorityCertificate, type NodeIdentity } from '../../lambda/cluster-certificate/certificate';
import type { CertificateRequest } from '../../lambda/cluster-certificate/handler';
import { certified, clusterAuthority, publicDer } from '../peers/cluster-authority';
import { type Machine, machine, type Run } from './machine';
import { type Headers, isSigned, KEY } from './signed';

const HOST = 'sts.eu-west-1.amazonaws.com';
const ROLE = {
  AWS_ACCESS_KEY_ID: KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  AWS_SESSION_TOKEN: 'of/the+hour==',
  // Of tests in which nobody answers for good.
  BEAMSTALK_PATIENCE_SECONDS: '1',
};
const DAY = 86_400_000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY);
const OWN = 'etc/beamstalk/cluster/node.pem';
const TRUSTED = 'etc/beamstalk/cluster/authorities.pem';

/** A function that certifies whoever asks, with what a test changes; it keeps what it was asked. */
async function certifier() {
  const of = {
    authority: clusterAuthority(),
    identity: {} as Partial<NodeIdentity>,
    /** Text that comes behind the authority. */
    more: '',
    /** Answer instead of a certificate. */
    says: undefined as string | undefined,
    /** Number of the request from which on there is a certificate all the same. */
    until: Number.POSITIVE_INFINITY,
    requests: [] as CertificateRequest[],
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as CertificateRequest;
      of.requests.push(asked);
      const publicKey = Buffer.from(asked.publicKey, 'base64');
      void certified(of.authority, {
        address: '10.0.0.7',
        publicKey,
        from: inDays(-1),
        to: inDays(6),
        ...of.identity,
      }).then(({ certificate, authorities }) =>
        response.end(
          (of.requests.length < of.until ? of.says : undefined) ??
            JSON.stringify({ certificate, authorities: authorities + of.more }),
        ),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return Object.assign(of, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

type Certifier = Awaited<ReturnType<typeof certifier>>;

function node({ url }: Pick<Certifier, 'url'>): Machine {
  const made = machine({ role: 'app', steps: ['cluster'] });
  made.answer('openssl', 'exec /usr/bin/openssl "$@"');
  made.write('stubs/function', 'dev-app-Cluster-1\n');
  made.parameters(
    {},
    `'ssm get-parameter --name /beamstalk/dev/cluster/function '*) cat "$STUBS/function" ;;
    'lambda invoke'*)
      while [[ "$1" != --payload ]]; do shift; done
      /usr/bin/curl -sf --data-binary "@\${2#fileb://}" -o "$3" ${url} || { echo 'Could not connect' >&2; exit 255; } ;;`,
  );
  return made;
}

const boot = (made: Machine, more: Readonly<Record<string, string>> = {}): Promise<Run> =>
  made.bashAside(['opt/beamstalk/boot/boot.sh', 'stack', 'fleet'], { ...ROLE, ...more });
const renew = (made: Machine, more: Readonly<Record<string, string>> = {}): Promise<Run> =>
  made.bashAside(['opt/beamstalk/boot/files/bin/cluster-certificate.sh'], { ...ROLE, ...more });

describe('a node of a cluster', () => {
  it('boots with a certificate for its address, whose key nobody else has or may read', async () => {
    const by = await certifier();
    const made = node(by);
    const { status, output } = await boot(made);
    expect(output).toMatch(/^beamstalk: cluster certificate for 10\.0\.0\.7, notAfter=/m);
    expect(status).toBe(0);
    const own = made.read(OWN);
    expect(own).toMatch(/-----BEGIN CERTIFICATE-----[\s\S]*-----BEGIN PRIVATE KEY-----/);
    const key = new X509Certificate(own).publicKey;
    expect(publicDer(key).toString('base64')).toBe(by.requests[0]?.publicKey);
    expect(new X509Certificate(made.read(TRUSTED)).ca).toBe(true);
    expect(statSync(made.path(OWN)).mode & 0o777).toBe(0o440);
    expect(made.callsOf('chown').join('\n')).toMatch(/root:beamstalk .*\/etc\/beamstalk\/cluster\/\.new/);
    expect(made.read('etc/beamstalk/cluster/tls.conf')).toContain('{fail_if_no_peer_cert, true}');
    expect(made.callsOf('systemctl')).toContain('systemctl restart beamstalk-cluster.timer');
    // Neither key nor credentials stay behind, or were an argument.
    expect(made.calls().join('\n')).not.toMatch(/of\/the|wJalr|PRIVATE/);
    expect(readdirSync(made.path('run/beamstalk'))).not.toContainEqual(expect.stringMatching(/^cluster\./));
  });

  it('says who it is by a question that AWS takes, for this key and environment alone', async () => {
    const by = await certifier();
    await boot(node(by));
    const [request] = by.requests;
    if (request === undefined) throw new Error('nothing was asked');
    let taken: boolean | undefined;
    vi.stubGlobal('fetch', async (_: string, options: { headers: Headers; body: string }) => {
      taken = await isSigned('sts', { ...options.headers, host: HOST }, options.body);
      const arn = 'arn:aws:sts::111122223333:assumed-role/node/i-0123456789abcdef0';
      return new Response(taken ? `<Arn>${arn}</Arn>` : '', { status: taken ? 200 : 403 });
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const key = Buffer.from(request.publicKey, 'base64');
    const asking = { host: HOST, region: 'eu-west-1', environment: 'dev' };
    expect(await callerOf(request, key, asking)).toEqual({
      account: '111122223333',
      role: 'node',
      instance: 'i-0123456789abcdef0',
    });
    const other = publicDer(
      new X509Certificate((await certified(by.authority, { address: '10.0.0.8', publicKey: key })).authorities)
        .publicKey,
    );
    await expect(callerOf(request, other, asking)).rejects.toThrow('sts does not vouch');
    await expect(callerOf(request, key, { ...asking, environment: 'prod' })).rejects.toThrow('sts does not vouch');
  });

  it('renews when half of the days are over, not before, and with another key', async () => {
    const by = await certifier();
    const made = node(by);
    await boot(made);
    const first = made.read(OWN);
    expect(await renew(made)).toEqual({ status: 0, output: '' });
    expect([by.requests.length, made.read(OWN)]).toEqual([1, first]);

    by.identity = { from: inDays(-4), to: inDays(3) };
    await boot(made);
    by.identity = {};
    const { status, output } = await renew(made);
    expect(output).toMatch(/^beamstalk: cluster certificate for 10\.0\.0\.7, notAfter=/);
    expect([status, by.requests.length]).toEqual([0, 3]);
    expect(new Set(by.requests.map(({ publicKey }) => publicKey)).size).toBe(3);
    const left = Date.parse(new X509Certificate(made.read(OWN)).validTo) - Date.now();
    expect(left / DAY).toBeGreaterThan(5.9);
    expect(made.callsOf('systemctl').filter((call) => call.includes('beamstalk.service'))).toEqual([]);
  });

  it.each([
    [3, 'not renewed yet'],
    [1, 'near its end'],
  ])('keeps a certificate of %d more days of 7 while nobody certifies, and says that it is %s', async (days, how) => {
    const by = await certifier();
    const made = node(by);
    by.identity = { from: inDays(days - 7), to: inDays(days) };
    await boot(made);
    const before = made.read(OWN);
    by.says = JSON.stringify({ errorType: 'Refused', errorMessage: 'i-1 is shutting-down' });
    const { status, output } = await renew(made);
    expect(output).toMatch(
      new RegExp(
        `^beamstalk: cluster certificate ${how} \\(notAfter=.*\\): the function dev-app-Cluster-1 gives no certificate: i-1 is shutting-down\\n$`,
      ),
    );
    expect([status, made.read(OWN)]).toEqual([1, before]);
  });

  it.each<[string, (made: Machine) => void, string]>([
    [
      'metadata do not answer',
      (made) => made.answer('curl', 'exit 7'),
      'instance metadata does not say the address of this instance',
    ],
    [
      'metadata say no address',
      (made) => made.answer('curl', 'case "$*" in *local-ipv4*) echo here ;; *) echo token ;; esac'),
      "instance metadata says that the address of this instance is 'here'",
    ],
    ['there is no room', (made) => made.replace('mktemp', 'exit 1'), '`mktemp -d '],
    [
      'parameters do not answer',
      (made) => made.answer('aws', 'exit 255'),
      'parameter /beamstalk/dev/cluster/function cannot be read',
    ],
    [
      'the parameter is gone',
      (made) => made.answer('aws', 'echo "An error occurred (ParameterNotFound)" >&2; exit 254'),
      'parameter /beamstalk/dev/cluster/function is no function',
    ],
    [
      'no key can be made',
      (made) =>
        made.answer(
          'openssl',
          'if [[ "$1" == genpkey ]]; then echo no entropy >&2; exit 1; fi; exec /usr/bin/openssl "$@"',
        ),
      'no certificate can be asked for: no entropy',
    ],
    [
      'systemd has waited long enough',
      (made) =>
        made.answer('aws', 'case "$*" in *get-parameter*) cat "$STUBS/function" ;; *) kill -TERM "$PPID" ;; esac'),
      'ended from outside before there was an answer',
    ],
  ])('says that a certificate is near its end when %s', async (_, breakIt, reason) => {
    const by = await certifier();
    const made = node(by);
    by.identity = { from: inDays(-6), to: inDays(1) };
    await boot(made);
    const before = made.read(OWN);
    breakIt(made);
    const { status, output } = await renew(made);
    const last = output.trimEnd().split('\n').at(-1);
    expect(last).toMatch(/^beamstalk: cluster certificate near its end \(notAfter=.* GMT\): /);
    expect(last).toContain(`): ${reason}`);
    expect([status, made.read(OWN)]).toEqual([1, before]);
  });

  // At what passes by itself the function's own alarm does not ring (lambda/cluster-certificate/later.ts).
  it('says that a certificate is near its end when what was to pass by itself does not', async () => {
    const by = await certifier();
    const made = node(by);
    by.identity = { from: inDays(-6), to: inDays(1) };
    await boot(made);
    by.says = JSON.stringify({ errorType: 'Later', errorMessage: 'TimeoutError: aborted' });
    const asked = by.requests.length;
    const { status, output } = await renew(made, { BEAMSTALK_PATIENCE_SECONDS: '2' });
    expect(by.requests.length).toBeGreaterThan(asked + 1);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(
      /^beamstalk: cluster certificate near its end \(notAfter=.* GMT\): .* gives no certificate: TimeoutError: aborted$/,
    );
    expect(status).toBe(1);
  });

  it('asks the function that there is now, not the one of its boot', async () => {
    const by = await certifier();
    const made = node(by);
    by.identity = { from: inDays(-6), to: inDays(1) };
    await boot(made);
    made.write('stubs/function', 'dev-app-Cluster-2\n');
    await renew(made);
    expect(
      made
        .callsOf('aws')
        .filter((call) => call.startsWith('aws lambda invoke'))
        .map((call) => call.split(' ')[4]),
    ).toEqual(['dev-app-Cluster-1', 'dev-app-Cluster-2']);
  });

  it.each([
    ['it fails inside', { errorType: 'TypeError', errorMessage: 'x is not a function' }, 3],
    ['STS does not vouch yet', { errorType: 'Error', errorMessage: 'sts does not vouch' }, 3],
    ['STS does not know its credentials yet', { errorType: 'Later', errorMessage: 'sts does not vouch' }, 3],
    ['it refuses for good', { errorType: 'Refused', errorMessage: 'i-1 is shutting-down' }, 1],
  ])('asks until there is an answer that stands, and says once why: %s', async (_, says, asked) => {
    const by = await certifier();
    by.says = JSON.stringify(says);
    by.until = 3;
    const { status, output } = await boot(node(by), { BEAMSTALK_PATIENCE_SECONDS: '60' });
    expect(by.requests).toHaveLength(asked);
    expect(status).toBe(asked === 1 ? 1 : 0);
    expect(output.split(says.errorMessage)).toHaveLength(2);
    // Each time with another key and another question.
    expect(new Set(by.requests.map(({ publicKey }) => publicKey)).size).toBe(asked);
  });

  it('says that the authority is another one', async () => {
    const by = await certifier();
    const made = node(by);
    await boot(made);
    expect((await boot(made)).output).not.toContain('authority');
    by.authority = clusterAuthority();
    expect((await boot(made)).output).toContain(
      'beamstalk: the authority of the cluster is another one now: peers with',
    );
  });

  it('replaces at once what trusts a second authority', async () => {
    const by = await certifier();
    const made = node(by);
    await boot(made);
    const trusted = made.read(TRUSTED);
    made.write(TRUSTED, trusted + (await authorityCertificate(clusterAuthority())));
    const { output } = await renew(made);
    expect(output).toContain('the cluster certificate comes with 2 authorities; expected 1');
    expect(made.read(TRUSTED)).toBe(trusted);
  });

  it('replaces at once what is for an address that it had before', async () => {
    const by = await certifier();
    const made = node(by);
    await boot(made);
    made.answer('curl', 'case "$*" in *api/token*) echo token ;; *local-ipv4*) echo 10.0.0.8 ;; esac');
    by.identity = { address: '10.0.0.8' };
    const { output } = await renew(made);
    expect(output).toContain(
      'the cluster certificate is for another address than 10.0.0.8: DNS:10.0.0.7, IP Address:10.0.0.7',
    );
    expect(new X509Certificate(made.read(OWN)).checkIP('10.0.0.8')).toBe('10.0.0.8');
  });
});

describe('a boot ends in one line, with nothing of the certificate in place, when it', () => {
  const other = clusterAuthority();
  let stranger = '';
  beforeAll(async () => {
    stranger = await authorityCertificate(other);
  });
  it.each<[string, (by: Certifier) => void, string]>([
    ['is not valid yet', (by) => (by.identity = { from: inDays(1), to: inDays(2) }), 'is not valid yet: notBefore='],
    ['is expired', (by) => (by.identity = { from: inDays(-2), to: inDays(-1) }), 'is expired: notAfter='],
    [
      'is of another name',
      (by) => (by.identity = { address: '10.0.0.9' }),
      'is for another address than 10.0.0.7: DNS:10.0.0.9, IP Address:10.0.0.9',
    ],
    ['comes with a second authority', (by) => (by.more = stranger), 'comes with 2 authorities; expected 1'],
    ['is of another key', (by) => (by.identity = { publicKey: other.publicKey }), 'is for another key'],
    ['is unreadable', (by) => (by.says = '{"certificate":"-----BEGIN","authorities":""}'), 'cannot be read'],
  ])('%s', async (_, change, reason) => {
    const by = await certifier();
    change(by);
    const made = node(by);
    const { status, output } = await boot(made);
    expect(output).toContain(
      `\nbeamstalk: boot failed at step cluster: the certificate of the function dev-app-Cluster-1 ${reason}`,
    );
    expect([status, existsSync(made.path(OWN))]).toEqual([1, false]);
  });

  it.each([
    [
      'is refused',
      '{"errorType":"Refused","errorMessage":"i-1 is of the fleet prod-app"}',
      'gives no certificate: i-1 is of the fleet prod-app',
    ],
    ['is no answer', 'nothing', 'gives no certificate: json.decoder.JSONDecodeError'],
  ])('%s', async (_, says, reason) => {
    const by = await certifier();
    by.says = says;
    const { status, output } = await boot(node(by));
    expect(output).toContain(`\nbeamstalk: boot failed at step cluster: the function dev-app-Cluster-1 ${reason}`);
    expect(status).toBe(1);
  });

  it('cannot be asked for', async () => {
    const { status, output } = await boot(node({ url: 'http://127.0.0.1:1/' }));
    expect(output).toContain(
      '\nbeamstalk: boot failed at step cluster: the function dev-app-Cluster-1 cannot be asked for a certificate: Could not connect',
    );
    expect(status).toBe(1);
  });
});
