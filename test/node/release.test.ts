import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Machine, machine } from './machine';

describe('the release', () => {
  const X86_64 = [0x3e, 0x00];
  const AARCH64 = [0xb7, 0x00];

  function withRelease(node: Machine, elfMachine: readonly number[], text = 'GLIBC_2.2.5 GLIBC_2.34'): void {
    const release = 'opt/beamstalk/current';
    node.write(
      `${release}/erts-15.2/bin/beam.smp`,
      Buffer.concat([Buffer.alloc(18), Buffer.from(elfMachine), Buffer.from(`\0${text}\0`)]),
    );
    node.write(`${release}/lib/crypto/priv/crypto.so`, 'GLIBC_2.17');
    node.write(`${release}/releases/start_erl.data`, '15.2 0.1.0');
    node.write(`${release}/releases/0.1.0/echo.rel`, '');
    node.write(`${release}/bin/echo`, '#!/bin/sh\n  --hidden --cookie "$RELEASE_COOKIE" \\\nRELEASE_VM_ARGS=\n');
    spawnSync('chmod', ['+x', node.path(`${release}/bin/echo`)]);
  }

  it.each([
    ['for another CPU', AARCH64, '', 'was built for aarch64, this machine is x86_64'],
    [
      'for a newer C library',
      X86_64,
      'GLIBC_2.9 GLIBC_2.42',
      'needs glibc 2.42, this machine has 2.41: build it on debian-13',
    ],
    ['for another C library', X86_64, '/lib/ld-musl-x86_64.so.1', 'was built against musl (Alpine Linux)'],
  ])('%s is refused in one line', (_, cpu, text, reason) => {
    const node = machine({ steps: ['check', 'kernel'] });
    withRelease(node, cpu, text);
    const { output } = node.boot();
    expect(output).toContain(`beamstalk: boot failed at step check: release current ${reason}`);
    expect(output).not.toContain('step kernel');
  });

  it('that fits is let through', () => {
    const node = machine({ steps: ['check'] });
    withRelease(node, X86_64);
    expect(node.boot()).toMatchObject({ status: 0 });
  });

  it.each([
    [
      'with ssl',
      '{release,{"echo","0.1.0"},{erts,"15.2"},[{kernel,"10.2"},{ssl,"11.2.12"},{echo,"0.1.0"}]}.',
      undefined,
    ],
    [
      'without it',
      '{release,{"echo","0.1.0"},{erts,"15.2"},[{kernel,"10.2"},{ssl_verify_fun,"1.1"}]}.',
      'no ssl among its applications',
    ],
  ])('of a cluster over TLS is let through with ssl among its applications: %s', (_, description, reason) => {
    const node = machine({ role: 'app', steps: ['check', 'cluster'] });
    node.write('opt/beamstalk/boot/steps/cluster.sh', '');
    withRelease(node, X86_64);
    node.write('opt/beamstalk/current/releases/0.1.0/echo.rel', description);
    const { status, output } = node.boot();
    expect(status).toBe(reason === undefined ? 0 : 1);
    if (reason !== undefined) {
      expect(output).toContain(
        `boot failed at step check: release current has ${reason}, which cluster.distribution tls needs`,
      );
    }
  });

  it('learns its tables and where the rows are that are spread by key', () => {
    const node = machine({ role: 'app', steps: ['release'] });
    withRelease(node, X86_64);
    node.parameters({
      'tables/events-by-kind': 'prod-tables-events-by-kind-1',
      'shards/engine': 'clusters',
      'shards/map-table': 'prod-shards-map-1',
      'shards/user': 'beamstalk_prod',
    });
    const { status, output } = node.boot();
    expect(output).not.toContain('failed');
    expect(status).toBe(0);
    const environment = node.read('etc/beamstalk/release.env');
    expect(environment).toMatch(/^LISTEN_BACKLOG="32768"$/m);
    const lines = environment.match(/^(TABLE|SHARD).*$/gm);
    expect(lines).toEqual([
      'TABLE_EVENTS_BY_KIND="prod-tables-events-by-kind-1"',
      'SHARDS="clusters"',
      'SHARD_MAP_TABLE="prod-shards-map-1"',
      'SHARDS_USER="beamstalk_prod"',
    ]);
  });

  it('gets its secrets in files, and no command gets them as an argument', () => {
    const node = machine({ role: 'app', steps: ['release'] });
    withRelease(node, X86_64);
    node.parameters(
      {
        'database/endpoint': 'db.test',
        'database/application-secret': 'arn:db',
        'cache/endpoint': 'cache.test',
        'cache/secret': 'arn:cache',
        'app/cookie-secret': 'arn:cookie',
        'app/environment-secret': 'arn:more',
      },
      `*arn:db*) echo '{"username":"u","password":"word/of@the day"}' ;;
      *arn:cache*) echo cacheword ;;
      *arn:cookie*) echo cookieword ;;
      *arn:more*) echo '{"SECRET_KEY_BASE":"key\\"$word"}' ;;`,
    );
    expect(node.boot()).toMatchObject({ status: 0 });
    const environment = node.read('etc/beamstalk/release.env');
    expect(environment).toContain('DATABASE_URL="postgres://u:word%2Fof%40the%20day@db.test:5432/app"\n');
    expect(environment).toContain('CACHE_PASSWORD="cacheword"\n');
    expect(environment).toContain('SECRET_KEY_BASE="key\\"\\$word"\n');
    expect(environment).toContain('RELEASE_NODE="echo@10.0.0.7"\n');
    expect(statSync(node.path('etc/beamstalk/release.env')).mode & 0o777).toBe(0o400);
    expect(node.read('var/lib/beamstalk/home/.erlang.cookie')).toBe('cookieword');
    // Elixir's own script would have handed it on as an argument.
    expect(node.read('opt/beamstalk/current/bin/echo')).not.toContain('--cookie');
    const seen = node.calls().join('\n');
    expect(seen).toContain('arn:cookie');
    expect(seen).not.toMatch(/word|cookieword|word%2F/);
  });

  it('takes connections of other nodes on its own address, whoever made it', () => {
    const node = machine({ role: 'app', steps: ['release'] });
    withRelease(node, X86_64);
    expect(node.boot()).toMatchObject({ status: 0 });
    for (const file of ['vm.args', 'named.vm.args'])
      expect(node.read(`etc/beamstalk/${file}`)).toMatch(/^-kernel inet_dist_use_interface \{10,0,0,7\}$/m);
  });

  it.each([
    ['', 'does not say the address of this instance'],
    ['10.0.0.7}\n-eval halt().', 'says that the address of this instance is'],
    ['10.0.0.256', "says that the address of this instance is '10.0.0.256'"],
  ])('is not started on an address such as %j', (address, reason) => {
    const node = machine({ role: 'app', steps: ['release'] });
    withRelease(node, X86_64);
    node.write('address', address);
    node.answer(
      'curl',
      `case "$*" in
      *latest/api/token*) echo token ;;
      *meta-data/instance-id*) echo i-1 ;;
      *meta-data/local-ipv4*) [[ -s "$BEAMSTALK_ROOT/address" ]] && cat "$BEAMSTALK_ROOT/address" ;;
    esac`,
    );
    const { status, output } = node.boot();
    expect(status).toBe(1);
    expect(output).toContain(`beamstalk: boot failed at step release: instance metadata ${reason}`);
    expect(node.callsOf('systemctl')).toEqual([]);
  });

  it.each([
    ['stays on the box while a climb expands', {}, '127.0.0.1'],
    ['moves when the parameter says so', { 'database/source': 'managed' }, 'db.test'],
    ['moves with the switch that the parameter tells', { 'database/source': 'managed 1764490000.3' }, 'db.test'],
  ])('with a local and a managed database %s', (_, source, host) => {
    const node = machine({ steps: ['release'] });
    withRelease(node, X86_64);
    // As if the step before had run: what it would do is another test's concern.
    node.write('opt/beamstalk/boot/steps/database.sh', '#!/bin/bash\n');
    node.write(
      'opt/beamstalk/boot/node.conf',
      node.read('opt/beamstalk/boot/node.conf').replace("STEPS='release'", "STEPS='database release'"),
    );
    node.write('data/postgresql/password', 'local');
    node.parameters(
      { 'database/endpoint': 'db.test', 'database/application-secret': 'arn:db', ...source },
      `*arn:db*) echo '{"username":"u","password":"p"}' ;;`,
    );
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(/^DATABASE_URL="[^@]*@([^:]*):/m.exec(node.read('etc/beamstalk/release.env'))?.[1]).toBe(host);
  });

  describe('with a database for each function', () => {
    const single = {
      'database/endpoint': 'db.test',
      'database/application-secret': 'arn:db',
      'database/reader-endpoint': 'r.test',
    };
    const functions = {
      'database/users/endpoint': 'users.test',
      'database/users/application-secret': 'arn:users',
      'database/users/name': 'users',
      'database/users/port': '5433',
      'database/users/reader-endpoint': 'r.users.test',
      'database/mail-out/endpoint': 'mail.test',
      'database/mail-out/application-secret': 'arn:mail',
      'database/mail-out/name': 'mail_out',
    };
    const secrets = `*arn:db*) echo '{"username":"u","password":"p"}' ;;
      *arn:users*) echo '{"username":"u","password":"users/word"}' ;;
      *arn:mail*) echo '{"username":"m","password":"mailword"}' ;;`;

    function booted(parameters: Readonly<Record<string, string>>): {
      node: Machine;
      status: number | null;
      output: string;
    } {
      const node = machine({ role: 'app', steps: ['release'] });
      withRelease(node, X86_64);
      node.parameters(parameters, secrets);
      return { node, ...node.boot() };
    }
    /** The variables of the databases, without those of others. */
    function variables(parameters: Readonly<Record<string, string>>): Record<string, string> {
      const { node, status, output } = booted(parameters);
      expect(output).not.toContain('failed');
      expect(status).toBe(0);
      const lines = node.read('etc/beamstalk/release.env').matchAll(/^(DATABASE_\w+)="(.*)"$/gm);
      return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
    }

    it('has the address of each, and no single one', () => {
      expect(variables(functions)).toEqual({
        DATABASE_SSL: 'true',
        DATABASE_CA_FILE: expect.stringMatching(/\/boot\/database-authorities\.pem$/),
        DATABASE_USERS_URL: 'postgres://u:users%2Fword@users.test:5433/users',
        DATABASE_USERS_SECRET_ARN: 'arn:users',
        DATABASE_USERS_READER_HOST: 'r.users.test',
        DATABASE_MAIL_OUT_URL: 'postgres://m:mailword@mail.test:5432/mail_out',
        DATABASE_MAIL_OUT_SECRET_ARN: 'arn:mail',
      });
    });

    it('works on the single one for all, while a climb expands', () => {
      const url = 'postgres://u:p@db.test:5432/app';
      expect(variables({ ...functions, ...single })).toEqual({
        DATABASE_SSL: 'true',
        DATABASE_CA_FILE: expect.stringMatching(/\/boot\/database-authorities\.pem$/),
        DATABASE_URL: url,
        DATABASE_SECRET_ARN: 'arn:db',
        DATABASE_READER_HOST: 'r.test',
        DATABASE_USERS_URL: url,
        DATABASE_USERS_SECRET_ARN: 'arn:db',
        DATABASE_USERS_READER_HOST: 'r.test',
        DATABASE_MAIL_OUT_URL: url,
        DATABASE_MAIL_OUT_SECRET_ARN: 'arn:db',
        DATABASE_MAIL_OUT_READER_HOST: 'r.test',
      });
    });

    it('moves one at a time, when its parameter says so, and back', () => {
      const moved = { ...functions, ...single, 'database/users/source': 'own' };
      expect(variables(moved)).toMatchObject({
        DATABASE_URL: 'postgres://u:p@db.test:5432/app',
        DATABASE_USERS_URL: 'postgres://u:users%2Fword@users.test:5433/users',
        DATABASE_USERS_READER_HOST: 'r.users.test',
        DATABASE_MAIL_OUT_URL: 'postgres://u:p@db.test:5432/app',
      });
      expect(variables({ ...moved, 'database/users/source': 'shared' })).toMatchObject({
        DATABASE_USERS_URL: 'postgres://u:p@db.test:5432/app',
        DATABASE_USERS_READER_HOST: 'r.test',
      });
    });

    it('asks for no secret of a database that it does not work on', () => {
      const { node } = booted({ ...functions, ...single, 'database/users/source': 'own' });
      const seen = node.calls().join('\n');
      expect(seen).toContain('arn:users');
      expect(seen).not.toContain('arn:mail');
      expect(seen).not.toMatch(/users\/word|users%2Fword/);
    });

    it.each([
      ['other', { ...single, 'database/users/source': 'other' }, 'is other; expected shared or own'],
      ['no number', { ...single, 'database/users/source': 'own 3' }, "says 'own 3'; expected a place, and the number"],
      ['shared with none', { 'database/users/source': 'shared' }, 'is shared, but there is no single database'],
    ])('stops at a source that is %s', (_, more, reason) => {
      const { status, output } = booted({ ...functions, ...more });
      expect(status).not.toBe(0);
      expect(output).toContain(`database/users/source ${reason}`);
    });

    it.each([
      ['database/endpoint', 'db;test'],
      ['database/port', '5432x'],
      ['database/name', '-app'],
      ['database/users/endpoint', 'users test'],
      ['database/users/port', '0x10'],
    ])('stops at %s that says %s, which is part of an address', (name, value) => {
      const own = { 'database/users/source': 'own', 'database/mail-out/source': 'own' };
      const { status, output } = booted({ ...functions, ...single, ...own, [name]: value });
      expect(output).toContain(`${name} is no `);
      expect(status).not.toBe(0);
    });
  });

  it('has the ways to the other families of stores that there are', () => {
    const node = machine({ role: 'app', steps: ['release'] });
    withRelease(node, X86_64);
    node.parameters(
      {
        'documents/endpoint': 'docs.test',
        'documents/secret': 'arn:docs',
        'graph/endpoint': 'graph.test',
        'graph/port': '8182',
        'wide-columns/keyspace': 'rows',
      },
      `*arn:docs*) echo '{"username":"u","password":"pass/word"}' ;;`,
    );
    expect(node.boot()).toMatchObject({ status: 0 });
    const environment = node.read('etc/beamstalk/release.env');
    expect(environment).toContain(
      'DOCUMENTS_URL="mongodb://u:pass%2Fword@docs.test:27017/?tls=true&replicaSet=rs0&retryWrites=false"\n',
    );
    expect(environment).toContain('GRAPH_HOST="graph.test"\nGRAPH_PORT="8182"\n');
    expect(environment).toContain('WIDE_COLUMNS_KEYSPACE="rows"\n');
    expect(environment).not.toContain('WIDE_COLUMNS_HOST');
    expect(node.calls().join('\n')).not.toMatch(/pass\/word|pass%2Fword/);
  });

  it('reports its errors where a secret says, and only then', () => {
    const boot = (parameters: Readonly<Record<string, string>>): string => {
      const node = machine({ role: 'app', steps: ['release'] });
      withRelease(node, X86_64);
      node.parameters(parameters, `*arn:sentry*) echo 'https://key$1@sentry.test/7' ;;`);
      expect(node.boot()).toMatchObject({ status: 0 });
      expect(node.calls().join('\n')).not.toContain('sentry.test');
      return node.read('etc/beamstalk/release.env');
    };
    expect(boot({})).not.toContain('SENTRY');
    expect(boot({ 'app/sentry-secret': 'arn:sentry' })).toContain(
      'SENTRY_DSN="https://key\\$1@sentry.test/7"\nSENTRY_ENVIRONMENT="dev"\n',
    );
  });

  it('that does not match its checksum is refused', () => {
    const node = machine({ steps: ['fetch'] });
    node.parameters(
      { 'release/uri': 's3://releases/echo.tar.gz' },
      `*.sha256*) echo 'abc  echo.tar.gz' > "\${@: -1}" ;;\n's3 cp '*) echo other > "\${@: -1}" ;;`,
    );
    expect(node.boot().output).toMatch(
      /release s3:\/\/releases\/echo\.tar\.gz has checksum [0-9a-f]{64}; its \.sha256 says 'abc'\n/,
    );
  });

  it('may be none yet', () => {
    const node = machine({ steps: ['fetch', 'check', 'release'] });
    // With ports of its own for what a release would use.
    node.parameters(
      { 'release/uri': 'none', 'database/endpoint': 'db.test', 'database/application-secret': 'arn:db' },
      `*get-secret-value*) echo '{"username":"u","password":"p"}' ;;`,
    );
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(node.read('etc/systemd/system/beamstalk.service')).toMatch(
      /^ExecStart=\/usr\/bin\/python3 -I \S+\/responder\.py 4000 \/echo\?message=health$/m,
    );
  });
});
