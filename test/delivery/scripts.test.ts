import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Bench } from './bench';

describe('building a release', () => {
  // What `mix release` and `rebar3 release` leave behind.
  const release = (runtime: boolean): string => `
    root="$ROOT/source/_build/prod/rel/echo"
    mkdir -p "$root/releases" "$root/bin"
    printf '15.2 1.2.3' > "$root/releases/start_erl.data"
    ${runtime ? 'mkdir -p "$root/erts-15.2/bin"; touch "$root/erts-15.2/bin/beam.smp"' : ''}`;

  function bench(file: string, runtime = true): Bench {
    const made = new Bench();
    made.write(`source/${file}`, '');
    made.answer('mix', `case "$*" in release*) ${release(runtime)} ;; test) exit "\${TEST_STATUS:-0}" ;; esac`);
    made.answer('rebar3', `case "$*" in 'as prod release') ${release(runtime)} ;; esac`);
    made.answer('aws', '');
    return made;
  }

  test.each(['mix.exs', 'rebar.config'])('with %s leaves one archive, and asks AWS for nothing', (file) => {
    const made = bench(file);
    expect(made.run('build.sh', {})).toMatchObject({ status: 0 });
    expect(readdirSync(join(made.root, 'source', 'built'))).toEqual(['echo-1.2.3.tar.gz']);
    const listed = spawnSync('tar', ['-tzf', 'built/echo-1.2.3.tar.gz'], {
      cwd: join(made.root, 'source'),
      encoding: 'utf8',
    });
    expect(listed.stdout).toContain('./erts-15.2/bin/beam.smp');
    expect(made.aws('')).toEqual([]);
  });

  test('tests before it builds, and builds nothing that fails its tests', () => {
    const made = bench('mix.exs');
    expect(made.run('build.sh', { TEST_STATUS: '2' }).status).toBe(2);
    expect(made.calls().filter((call) => call.startsWith('mix release'))).toEqual([]);
    expect(existsSync(join(made.root, 'source', 'built'))).toBe(false);
  });

  // What it does with a PostgreSQL is tried with a real one in test/boot/builds.sh.
  test.each([
    ['mix.exs', 'test/echo_test.exs', 'mix test'],
    ['mix.exs', 'apps/echo/test/echo_test.exs', 'mix test'],
    ['rebar.config', 'test/echo_SUITE.erl', 'bash -euc rebar3 eunit && rebar3 ct'],
    ['rebar.config', 'src/echo_tests.erl', 'bash -euc rebar3 eunit && rebar3 ct'],
  ])('with %s runs %s beside a database, and builds nothing without it', (file, tests, command) => {
    const made = bench(file);
    made.write(`source/${tests}`, '');
    made.write('tools/with-database.sh', 'echo "beside a database: $*" >> "$ROOT/calls"; exit "$DATABASE"\n');
    expect(made.run('build.sh', { DATABASE: '1' }).status).toBe(1);
    expect(made.calls().at(-1)).toBe(`beside a database: ${command}`);
    expect(made.run('build.sh', { DATABASE: '0' }).status).toBe(0);
    expect(readdirSync(join(made.root, 'source', 'built'))).toEqual(['echo-1.2.3.tar.gz']);
  });

  test.each([
    ['mix.exs', 'deps/other/test/other_test.exs'],
    ['rebar.config', '_build/default/lib/other/test/other_SUITE.erl'],
  ])('with %s needs no database for tests of others', (file, tests) => {
    const made = bench(file);
    made.write(`source/${tests}`, '');
    made.write('tools/with-database.sh', 'exit 1\n');
    expect(made.run('build.sh', {})).toMatchObject({ status: 0 });
  });

  test('hands over nothing that the source has named like a release', () => {
    const made = bench('mix.exs');
    made.write('source/built/planted-1.0.0.tar.gz', '');
    expect(made.run('build.sh', { TEST_STATUS: '2' }).status).toBe(2);
    expect(existsSync(join(made.root, 'source', 'built'))).toBe(false);
  });

  test.each([
    ['neither mix.exs nor rebar.config', 'README.md', true],
    ['carries no Erlang runtime', 'mix.exs', false],
  ])('says what is wrong: %s', (message, file, runtime) => {
    const { status, output } = bench(file, runtime).run('build.sh', {});
    expect(status).toBe(1);
    expect(output).toContain(message);
  });
});

describe('a deployment that has succeeded', () => {
  const variables = { ENVIRONMENT: 'prod', DEPLOYMENT_ID: 'd-1', GROUP: 'group' };

  function bench(release: string): Bench {
    const made = new Bench();
    made.write('bundle/release', `${release}\nrolling\n`);
    made.answer(
      'aws',
      `case "$*" in
      'deploy get-deployment '*) printf 'artifacts\\tpipeline/x.zip\\tv7\\n' ;;
      's3api get-object '*) (cd "$ROOT/bundle" && python3 -m zipfile -c "\${@: -1}" release) ;;
      'ssm get-parameter '*) echo s3://old/app.tar.gz ;;
      'deploy list-deployment-targets '*) printf 'i-1\\ti-2\\n' ;;
      'autoscaling describe-auto-scaling-groups '*"'Standby'"*) echo i-4 ;;
      'autoscaling describe-auto-scaling-groups --auto-scaling-group-names gone '*) echo None ;;
      'autoscaling describe-auto-scaling-groups '*) printf 'i-1\\ti-2\\ti-3\\n' ;;
      esac`,
    );
    return made;
  }

  test('decides what nodes boot from then on, as long as the configuration says what it said then', () => {
    const made = bench('s3://bucket/releases/e1/echo-2.0.0.tar.gz');
    expect(made.run('promote.sh', variables)).toMatchObject({ status: 0 });
    expect(made.aws('s3api get-object')[0]).toContain('--bucket artifacts --key pipeline/x.zip --version-id v7');
    expect(made.aws('ssm put-parameter')[0]).toContain(
      '--name /beamstalk/prod/release/current --value s3://bucket/releases/e1/echo-2.0.0.tar.gz s3://old/app.tar.gz',
    );
  });

  test('has no node replaced of a group that is gone', () => {
    const made = bench('s3://bucket/releases/e1/echo-2.0.0.tar.gz');
    expect(made.run('promote.sh', { ...variables, GROUP: 'gone' }).status).toBe(0);
    expect(made.aws('set-instance-health')).toEqual([]);
  });

  test('has the nodes replaced that booted while it went on, and no others', () => {
    const made = bench('s3://bucket/releases/e1/echo-2.0.0.tar.gz');
    const { output } = made.run('promote.sh', variables);
    expect(output).toContain('i-4 is in standby and runs the release of before');
    expect(made.aws('set-instance-health').map((call) => /--instance-id (\S+)/.exec(call)?.[1])).toEqual(['i-3']);
  });

  test.each(['hello', 's3://bucket/a b.tar.gz', 's3://bucket/$(id).tar.gz', 'http://x/s3://b/c.tar.gz'])(
    'of something else (%s) changes nothing',
    (release) => {
      const made = bench(release);
      expect(made.run('promote.sh', variables)).toMatchObject({ status: 1 });
      expect(made.aws('ssm put-parameter')).toEqual([]);
    },
  );
});

describe('replacing all nodes', () => {
  const variables = {
    ENVIRONMENT: 'prod',
    GROUPS_TO_REPLACE: 'app worker',
    MAX_HEALTHY: '150',
    ALARMS: 'errors,unhealthy',
    RELEASE_URI: 's3://bucket/releases/e2/echo-3.0.0.tar.gz',
  };
  const set = (made: Bench): (string | undefined)[] =>
    made.aws('put-parameter').map((call) => /--value (.*)$/.exec(call)?.[1]);
  const refreshed = (made: Bench): (string | undefined)[] =>
    made.aws('start-instance-refresh').map((call) => /--auto-scaling-group-name (\S+)/.exec(call)?.[1]);

  function bench(statuses: readonly string[], current = 's3://now none'): Bench {
    const made = new Bench();
    made.write('statuses', statuses.map((status) => `${status}\n`).join(''));
    made.answer(
      'aws',
      `case "$*" in
      'ssm get-parameter '*) echo none ;;
      'ssm get-parameters '*) echo '${current}' ;;
      'autoscaling start-instance-refresh '*) echo refresh-1 ;;
      'autoscaling describe-instance-refreshes '*) next=$(head -n 1 "$ROOT/statuses"); sed -i 1d "$ROOT/statuses"; echo "$next" ;;
      esac`,
    );
    return made;
  }

  test('has new nodes come before old ones go, fleet after fleet, watched by the alarms', () => {
    const made = bench(['InProgress x', 'Successful done', 'Successful done']);
    expect(made.run('replace.sh', variables)).toMatchObject({ status: 0 });
    expect(refreshed(made)).toEqual(['app', 'worker']);
    expect(made.aws('start-instance-refresh')[0]).toContain(
      '{"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150, "SkipMatching": false, "ScaleInProtectedInstances": "Refresh", "AlarmSpecification": {"Alarms": ["errors", "unhealthy"]}}',
    );
    // The nodes that bring it migrate it, and those that boot afterwards do not.
    expect(set(made)).toEqual([`${variables.RELEASE_URI} none migrate`, `${variables.RELEASE_URI} none`]);
    expect(made.calls().findIndex((call) => call.includes('none migrate'))).toBeLessThan(
      made.calls().findIndex((call) => call.includes('start-instance-refresh')),
    );
  });

  test.each([
    ['to what was deployed before', 's3://now none', 's3://now none'],
    ['to what the configuration names, where nothing was', 'None', 'none none'],
  ])('goes back %s when an alarm calls, and replaces what has come', (_case, before, after) => {
    const made = bench(['Successful done', 'Failed alarm', 'Successful done', 'Successful done'], before);
    const { status, output } = made.run('replace.sh', variables);
    expect(status).toBe(1);
    expect(output).toContain('worker: Failed: alarm');
    expect(set(made)).toEqual([`${variables.RELEASE_URI} none migrate`, after]);
    expect(refreshed(made)).toEqual(['app', 'worker', 'app', 'worker']);
    // The alarm would stop the way back.
    expect(made.aws('start-instance-refresh').at(-1)).not.toContain('AlarmSpecification');
  });

  test.each(['', 'None'])('goes back when nobody knows the refresh any more (%j)', (nothing) => {
    const made = bench([nothing, 'Successful done']);
    const { status, output } = made.run('replace.sh', variables);
    expect(output).toContain('app: nobody says how the refresh refresh-1 goes');
    expect([status, refreshed(made)]).toEqual([1, ['app', 'app']]);
  });

  test('does nothing without a release', () => {
    const made = bench([]);
    const { status, output } = made.run('replace.sh', { ...variables, RELEASE_URI: '' });
    expect([status, made.calls()]).toEqual([1, []]);
    expect(output).toContain('RELEASE_URI is not set; expected s3://<bucket>/<key>.tar.gz');
  });
});
