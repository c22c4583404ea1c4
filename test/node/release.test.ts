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

  it('gets its secrets in files, and no command gets them as an argument', () => {
    const node = machine({ role: 'app', steps: ['release'] });
    withRelease(node, X86_64);
    node.parameters(
      {
        'database/endpoint': 'db.test',
        'database/secret': 'arn:db',
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

  it.each([
    ['stays on the box while a climb expands', {}, '127.0.0.1'],
    ['moves when the parameter says so', { 'database/source': 'managed' }, 'db.test'],
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
      { 'database/endpoint': 'db.test', 'database/secret': 'arn:db', ...source },
      `*arn:db*) echo '{"username":"u","password":"p"}' ;;`,
    );
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(/^DATABASE_URL="[^@]*@([^:]*):/m.exec(node.read('etc/beamstalk/release.env'))?.[1]).toBe(host);
  });

  it('that does not match its checksum is refused', () => {
    const node = machine({ steps: ['fetch'] });
    node.parameters(
      { 'release/uri': 's3://releases/echo.tar.gz' },
      `*.sha256*) echo 'abc  echo.tar.gz' > "\${@: -1}" ;;\n's3 cp '*) echo other > "\${@: -1}" ;;`,
    );
    expect(node.boot().output).toMatch(
      /release s3:\/\/releases\/echo\.tar\.gz has checksum [0-9a-f]{64}; its \.sha256 says abc\n/,
    );
  });

  it('may be none yet', () => {
    const node = machine({ steps: ['fetch', 'check', 'release'] });
    node.parameters({ 'release/uri': 'none' });
    expect(node.boot()).toMatchObject({ status: 0 });
    expect(node.read('etc/systemd/system/beamstalk.service')).toMatch(
      /^ExecStart=\/usr\/bin\/python3 \S+\/responder\.py 4000 \/echo\?message=health$/m,
    );
  });
});
