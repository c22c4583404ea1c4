import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Bench } from './bench';

const variables = { RELEASES: 'bucket', BUILD: 'e1', MODE: 'rolling', CODEBUILD_BUILD_NUMBER: '7' };
const KEY = 'releases/e1-7/echo-1.2.3.tar.gz';

/** What S3 does with a request that asks first: it keeps what is there. */
const BUCKET = `case "$*" in
  's3api put-object '*)
    while (($#)); do case "$1" in --key) key="$2" ;; --body) body="$2" ;; --if-none-match) asks="$2" ;; esac; shift; done
    [[ "\${asks:-}" == '*' ]] || { echo 'An error occurred (AccessDenied)' >&2; exit 254; }
    [[ ! -e "$ROOT/bucket/$key" ]] || { echo 'An error occurred (PreconditionFailed)' >&2; exit 254; }
    mkdir -p "$(dirname "$ROOT/bucket/$key")" && cp "$body" "$ROOT/bucket/$key" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac`;

/** An archive of these files under the name, in what the build has handed over. */
function archive(made: Bench, name: string, files: readonly string[] = ['./releases/start_erl.data', './bin/echo']) {
  for (const file of files) made.write(`tree/${file}`, 'text');
  spawnSync('tar', ['-czf', join(made.root, 'source', name), '-C', join(made.root, 'tree'), '.']);
}

function bench(): Bench {
  const made = new Bench();
  made.answer('aws', BUCKET);
  return made;
}

describe('publishing', () => {
  test('uploads the archive as it was built, its checksum first, and asks S3 to keep what is there', () => {
    const made = bench();
    archive(made, 'echo-1.2.3.tar.gz');
    expect(made.run('publish.sh', variables)).toMatchObject({ status: 0 });
    expect(made.aws('put-object').map((call) => /--key (\S+)/.exec(call)?.[1])).toEqual([`${KEY}.sha256`, KEY]);
    const at = (name: string): Buffer => readFileSync(join(made.root, name));
    expect(at(`bucket/${KEY}`).equals(at('source/echo-1.2.3.tar.gz'))).toBe(true);
    const { stdout } = spawnSync('sha256sum', [join(made.root, 'bucket', KEY)], { encoding: 'utf8' });
    expect(made.read(`bucket/${KEY}.sha256`).split(' ')[0]).toBe(stdout.split(' ')[0]);
    expect(made.read('source/bundle/release')).toBe(`s3://bucket/${KEY}\nrolling\n`);
  });

  test('never writes over what was released, and leaves no bundle that would deploy it', () => {
    const made = bench();
    made.write(`bucket/${KEY}`, 'what nodes boot');
    archive(made, 'echo-1.2.3.tar.gz');
    const { status, output } = made.run('publish.sh', variables);
    expect(status).toBe(1);
    expect(output).toContain(`s3://bucket/${KEY} was not written; what is released is never overwritten`);
    expect(made.read(`bucket/${KEY}`)).toBe('what nodes boot');
    expect(readdirSync(join(made.root, 'source'))).not.toContain('bundle');
  });

  test('started again after a failure writes beside what it had written', () => {
    const made = bench();
    made.write(`bucket/${KEY}.sha256`, 'of the first try');
    archive(made, 'echo-1.2.3.tar.gz');
    expect(made.run('publish.sh', { ...variables, CODEBUILD_BUILD_NUMBER: '8' })).toMatchObject({ status: 0 });
    expect(made.read('source/bundle/release')).toContain('s3://bucket/releases/e1-8/echo-1.2.3.tar.gz');
  });

  test.each<[string, (made: Bench) => void, string]>([
    ['nothing', () => {}, 'one <name>-<version>.tar.gz is expected'],
    [
      'two archives',
      (made) => {
        for (const name of ['a-1.tar.gz', 'b-1.tar.gz']) archive(made, name);
      },
      'is expected',
    ],
    ['another file', (made) => made.write('source/echo.zip', ''), 'is expected'],
    ['a name with a newline', (made) => archive(made, 'a\nb.tar.gz'), 'is expected'],
    ['a name with a space', (made) => archive(made, 'a b.tar.gz'), 'is expected'],
    ['a name that begins as an option does', (made) => archive(made, './--checkpoint.tar.gz'), 'is expected'],
    ['a folder', (made) => mkdirSync(join(made.root, 'source', 'echo-1.tar.gz')), 'echo-1.tar.gz is no file'],
    ['no archive', (made) => made.write('source/echo-1.tar.gz', 'text'), 'echo-1.tar.gz is no tar.gz'],
    ['no release', (made) => archive(made, 'echo-1.tar.gz', ['bin/echo']), 'releases/start_erl.data is missing'],
    [
      'a link to what is not its own',
      (made) => {
        archive(made, '../secret.tar.gz');
        symlinkSync('../secret.tar.gz', join(made.root, 'source', 'echo-1.tar.gz'));
      },
      'echo-1.tar.gz is no file',
    ],
  ])('refuses a build that hands over %s', (_case, hand, message) => {
    const made = bench();
    hand(made);
    const { status, output } = made.run('publish.sh', variables);
    expect(status).toBe(1);
    expect(output).toContain(message);
    expect(made.aws('')).toEqual([]);
  });

  test('leaves a bundle that CodeDeploy understands', () => {
    const made = bench();
    archive(made, 'echo-1.2.3.tar.gz');
    made.run('publish.sh', variables);
    const { version, os, hooks } = parse(made.read('source/bundle/appspec.yml'));
    expect([version, os]).toEqual([0, 'linux']);
    for (const [hook] of Object.values(hooks) as { location: string }[][]) {
      expect(made.read(`source/bundle/${hook?.location}`)).toContain('deploy.sh');
    }
  });
});
