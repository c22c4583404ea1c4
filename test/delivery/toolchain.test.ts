import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Bench } from './bench';
import { toolchainBench as bench, sha256 } from './toolchain-bench';

const provide = (made: Bench, more: Readonly<Record<string, string>> = {}) =>
  made.run('provide-beam.sh', { TOOLCHAINS: 'bucket', BEAM_HOME: join(made.root, 'beam'), ...more }, [
    join(made.root, 'answer'),
  ]);

describe('the toolchain of a build', () => {
  test('is made once, of downloads that were known before, and named with its checksum', () => {
    const made = bench();
    expect(provide(made)).toMatchObject({ status: 0 });
    const [sum = '', uri = ''] = made.read('answer').trim().split(' ');
    expect(uri).toMatch(
      /^s3:\/\/bucket\/toolchains\/otp-1\.2\.3-elixir-4\.5\.6-rebar-7\.8\.9-\S+-[0-9a-f]{16}-0\.tar\.gz$/,
    );
    const archive = readFileSync(join(made.root, uri.replace('s3://', '')));
    expect(sha256(archive)).toBe(sum);
    // The line that names it was written after it.
    expect(made.aws('put-object').map((call) => /--key \S+?(\.line|\.tar\.gz)/.exec(call)?.[1])).toEqual([
      '.tar.gz',
      '.line',
    ]);
    const calls = made.calls().length;
    expect(provide(made)).toMatchObject({ status: 0 });
    expect(
      made
        .calls()
        .slice(calls)
        .map((call) => call.split(' ').slice(0, 3).join(' ')),
    ).toEqual(['aws s3api get-object']);
  });

  test.each(['otp_src_1.2.3.tar.gz', 'elixir-otp-1.zip', 'rebar3'])(
    'is not made when %s is another than it was',
    (name) => {
      const made = bench();
      made.write(`downloads/${name}`, 'planted');
      const { status, output } = provide(made);
      expect(status).toBe(1);
      expect(output).toContain('has another checksum than the one that is known');
      expect([existsSync(join(made.root, 'bucket')), existsSync(join(made.root, 'answer'))]).toEqual([false, false]);
    },
  );

  test('of a version that nobody knows a checksum of is refused, with what to add', () => {
    const made = bench();
    made.write('source/.tool-checksums', '');
    const { status, output } = provide(made);
    expect([status, made.calls()]).toEqual([1, []]);
    expect(output).toContain('no one checksum is known of otp_src_1.2.3.tar.gz: add `<sha256 or sha512>');
  });

  test('has one checksum: a source cannot add another to one that is known here', () => {
    const made = bench('erlang 27.3.4\n');
    made.write('source/.tool-checksums', `${sha256('planted')}  otp_src_27.3.4.tar.gz\n`);
    expect(provide(made).output).toContain('no one checksum is known of otp_src_27.3.4.tar.gz');
  });

  test.each(['../../evil', '1.2.3/../x', '$(id)', '1.2.3;id', '-rf', 'latest'])(
    'refuses %s for a version',
    (version) => {
      const made = bench(`erlang ${version}\n`);
      const { status, output } = provide(made);
      expect([status, made.calls()]).toEqual([1, []]);
      expect(output).toContain('.tool-versions: erlang: received');
    },
  );

  test('that S3 does not answer for is no reason to make another', () => {
    const made = bench();
    const { status, output } = provide(made, { ABSENT: 'ServiceUnavailable' });
    expect(status).toBe(1);
    expect(output).toContain('(ServiceUnavailable)');
    expect(made.aws('put-object')).toEqual([]);
  });

  test('is the known one for the versions that builds take by themselves', () => {
    const sums = readFileSync('lib/constructs/delivery/files/toolchains.sums', 'utf8').replace(/^#.*\n/gm, '');
    const script = readFileSync('lib/constructs/delivery/files/provide-beam.sh', 'utf8');
    const of = (tool: string): string | undefined => new RegExp(`version ${tool} ([\\d.]+)`).exec(script)?.[1];
    const otp = of('erlang');
    for (const file of [
      `otp_src_${otp}.tar.gz`,
      `elixir-${of('elixir')}-otp-${otp?.split('.')[0]}.zip`,
      `rebar3-${of('rebar')}`,
    ]) {
      expect(sums).toMatch(new RegExp(`^([0-9a-f]{64}|[0-9a-f]{128})  ${file.replaceAll('.', '\\.')}$`, 'm'));
    }
  });
});

describe('a build that runs the source', () => {
  const use = (made: Bench, sum: string, uri: string) =>
    made.run('use-beam.sh', {
      TOOLCHAIN_SHA256: sum,
      TOOLCHAIN_URI: uri,
      BEAM_HOME: join(made.root, 'used'),
      BIN: join(made.root, 'bin'),
    });

  test('takes the toolchain that was made for it', () => {
    const made = bench();
    provide(made);
    const [sum = '', uri = ''] = made.read('answer').trim().split(' ');
    expect(use(made, sum, uri)).toMatchObject({ status: 0 });
    expect(made.read('used/otp/bin/erl')).toBe('erl\n');
    expect(existsSync(join(made.root, 'bin', 'mix'))).toBe(true);
  });

  test('takes no other: what was planted in its place does not run', () => {
    const made = bench();
    provide(made);
    const [sum = '', uri = ''] = made.read('answer').trim().split(' ');
    made.write(uri.replace('s3://', ''), 'planted');
    const { status, output } = use(made, sum, uri);
    expect(status).toBe(1);
    expect(output).toContain('is not the toolchain that was made for this run');
    expect(existsSync(join(made.root, 'used'))).toBe(false);
  });
});
