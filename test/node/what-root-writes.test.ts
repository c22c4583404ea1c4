import { chmodSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Machine, machine } from './machine';

/** Output of a line of bash after the library of all boot scripts is read. */
function says(node: Machine, line: string) {
  node.write('opt/beamstalk/boot/try.sh', `source "\${BASH_SOURCE[0]%/*}/lib.sh"\nbegin_step\n${line}\n`);
  return node.bash(['opt/beamstalk/boot/try.sh']);
}

describe('a file that root writes', () => {
  it('takes the place of a link, and of nothing that the link leads to', () => {
    const node = machine();
    node.write('etc/passwords', 'kept');
    node.write('etc/mine/.keep', '');
    symlinkSync(node.path('etc/passwords'), node.path('etc/mine/file'));
    symlinkSync(node.path('etc/passwords'), node.path('etc/mine/file.new'));
    expect(says(node, 'echo new | put 0640 root:root "$R/etc/mine/file"')).toMatchObject({ status: 0 });
    expect(node.read('etc/passwords')).toBe('kept');
    expect(lstatSync(node.path('etc/mine/file')).isFile()).toBe(true);
    expect(node.read('etc/mine/file')).toBe('new\n');
    expect(lstatSync(node.path('etc/mine/file')).mode & 0o777).toBe(0o640);
  });

  it.each([
    ['in a folder that others may write to', (node: Machine) => chmodSync(node.path('shared/inside'), 0o777)],
    ['below a folder that others may write to', (node: Machine) => chmodSync(node.path('shared'), 0o1777)],
    [
      'by a link to such a folder',
      (node: Machine) => {
        node.write('open/.keep', '');
        chmodSync(node.path('open'), 0o777);
        symlinkSync(node.path('open'), node.path('shared/inside/link'));
      },
    ],
  ])('is not written %s', (_, open) => {
    const node = machine();
    node.write('shared/inside/.keep', '');
    open(node);
    const { status, output } = says(
      node,
      'echo new | put 0644 root:root "$R/shared/inside/link/file" || true; cat "$REASON"; exit 1',
    );
    expect(status).toBe(1);
    expect(output).toContain('is not written: others may write to ');
  });

  it('holds what was checked: a value that would bring a line of its own is refused', () => {
    const node = machine();
    node.write('template', 'User=beamstalk\nExecStart=@COMMAND@\n');
    expect(says(node, `(render "$R/template" $'COMMAND=x\\nUser=root') || true; cat "$REASON"`).output).toBe(
      'COMMAND holds a control character\n',
    );
  });
});

describe('a parameter', () => {
  it.each([
    ['a newline', 'x\ny'],
    ['a tab', 'x\ty'],
    ['an escape', 'x\u001b[2Jy'],
    ['a line of Unicode', 'x\u2028y'],
    ['half a character', 'x\ud800y'],
  ])('with %s is refused when it is asked for, and hides no other', (_, value) => {
    const node = machine({ steps: ['fetch', 'release'] });
    node.parameters({ 'app/sentry-secret': value, 'release/uri': 'none' });
    expect(says(node, 'read_parameters; parameter release/uri').output).toBe('none\n');
    expect(says(node, '(parameter app/sentry-secret default) || true; cat "$REASON"').output).toBe(
      'parameter /beamstalk/dev/app/sentry-secret holds a control character\n',
    );
  });

  it.each(['queues/$(touch owned)', 'queues/a b', 'queues/`id`', 'queues/é'])(
    'called %s is left out, and said',
    (name) => {
      const node = machine({ steps: ['release'] });
      node.parameters({ [name]: 'x', 'queues/mail': 'y' });
      const { output } = says(node, 'read_parameters; names_below queues');
      expect(output).toMatch(/^beamstalk: a parameter is left out: its name is '/m);
      expect(output).toMatch(/^mail$/m);
      expect(output).not.toMatch(/^(\$|a b|`)/m);
    },
  );

  it.each([
    ['host', ['db.test', 'a-1.b'], ['-x', 'a b', 'a/b', 'a@b', 'a;b', 'a$b', "a'", 'a.', '']],
    ['endpoint', ['app.test', 'app.test:443'], ['app.test:', 'app.test:0', 'x:1;', '[::1]', 'x y:1']],
    ['port', ['1', '65535'], ['0', '-1', '123456', '1 ', '1;']],
    ['domain', ['shop.test'], ['Shop.test', 'shop', '-a.b', 'a..b', 'a.b;', '*.a.b']],
    ['address', ['ops+1@shop.test'], ['--pre-hook=x@y.z', '-x@y.z', 'a@b c', 'a@b;c', '@b']],
    ['database', ['app', 'App_2'], ['1app', 'app;', 'a-b', '"a"', '']],
    [
      'release',
      ['none', 's3://bucket/a/b-1.0.tar.gz'],
      ['s3://bucket/.tar.gz ', 's3://b/x', 'S3://bucket/a.tar.gz', 's3://bucket/a b.tar.gz'],
    ],
  ])('of the shape %s lets through what it has to, and no more', (kind, right, wrong) => {
    const node = machine();
    const values = [...right, ...wrong];
    node.write('values', values.join('\0'));
    const { output } = says(
      node,
      `mapfile -d '' -t values < "$R/values"; for value in "\${values[@]}"; do if in_shape ${kind} "$value"; then echo yes; else echo no; fi; done`,
    );
    // A last value without an end is none to mapfile.
    const asked = values.at(-1) === '' ? values.slice(0, -1) : values;
    expect(output.trim().split('\n')).toEqual(asked.map((value) => (right.includes(value) ? 'yes' : 'no')));
  });
});

describe('a runbook', () => {
  const commands = readFileSync('docs/runbooks.md', 'utf8')
    .split('\n')
    .filter((line) => /^ {4}/.test(line));

  it('writes no file: a dump or a password would lie there for whoever may read it', () => {
    expect(commands.filter((line) => /(?:^|\s)(?:>|-o) ?\/\S+/.test(line))).toEqual([]);
  });

  it('puts no password into a statement or an argument that a log or a list of processes would show', () => {
    for (const line of commands) {
      expect(line).not.toMatch(/password '|PGPASSWORD=|postgres(ql)?:\/\/\S+:\S+@|--password[= ]\S/);
    }
  });
});
