import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROGRAMS } from '../../lib/facts/programs';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { GOLDEN_PACKAGES } from '../../lib/node/golden-image';
import { natUserData } from '../../lib/node/nat-user-data';
import { userData } from '../../lib/node/user-data';
import { commandsIn } from './bash-commands';

type Image = keyof typeof PROGRAMS;
const IMAGES = Object.keys(PROGRAMS) as Image[];

const FILES = readdirSync(BOOT_DIRECTORY, { recursive: true, encoding: 'utf8' });
const read = (name: string): string => readFileSync(join(BOOT_DIRECTORY, name), 'utf8');

/** Of os.sh a node runs what is common and what is its image's. */
function osOf(image: Image): string {
  const text = read('os.sh');
  const [common = '', cases = ''] = text.split(/^case "\$IMAGE" in$/m);
  const own = cases.split(/^ {4};;$/m).find((part) => part.trimStart().startsWith(`${image})`));
  return `${common}\n${(own ?? '').replace(`${image})`, '')}`;
}

/** All that nodes of an image run by bash: name -> text. */
function scriptsOf(image: Image): Map<string, string> {
  const scripts = new Map(FILES.filter((name) => name.endsWith('.sh')).map((name) => [name, read(name)]));
  scripts.set('os.sh', osOf(image));
  const of = { region: 'eu-west-1', stackName: 's' };
  scripts.set(
    'user data',
    userData({ ...of, image, bundleUrl: 's3://b/k.zip', environment: 'dev', role: 'app', fleetLogicalId: 'f' }),
  );
  // The NAT instance is Amazon's own image always.
  if (image === 'amazon-linux-2023') {
    scripts.set('NAT', natUserData({ ...of, networkInterfaceId: 'eni-1', groupLogicalId: 'g' }));
  }
  return scripts;
}

const BUILTINS = new Set(
  (
    '[ [[ : break case command compgen continue declare do done echo elif else esac eval exec exit export false fi for ' +
    'function if in jobs local mapfile printf read return select set shift source test then time trap true type ulimit umask unset until ' +
    'wait while cd pwd'
  ).split(' '),
);

const functionsIn = (text: string): string[] =>
  [...text.matchAll(/^\s*(?:function )?([a-z_]\w*)\(\) \{/gm)].map((match) => match[1] ?? '');

/** What scripts install: names and arrays of names after `install_packages`, dnf and apt-get. */
function installed(scripts: ReadonlyMap<string, string>): string[] {
  const all = [...scripts.values()].join('\n');
  const arrays = new Map(
    [...all.matchAll(/^\s*([A-Z_]+_PACKAGES)=\(([^)]*)\)/gm)].map((match) => [match[1], (match[2] ?? '').split(/\s+/)]),
  );
  const direct = [
    ...all.matchAll(/\bdnf install -yq '([a-z][a-z0-9-]*) >= /g),
    ...all.matchAll(/\binstall_packages ((?:[a-z0-9"$][^\s;&|]*[ \t]*)+)/g),
    ...all.matchAll(/\b(?:dnf install -y|apt-get install -yq) ((?:[a-z][a-z0-9-]*\s+)*[a-z][a-z0-9-]*)/g),
  ].flatMap((match) => (match[1] ?? '').trim().split(/\s+/));
  const named = direct.filter((word) => /^[a-z][a-z0-9.-]*$/.test(word));
  return [...new Set([...named, ...[...arrays.values()].flat()])].filter((word) => word !== '').sort();
}

describe.each(IMAGES)('on %s', (image) => {
  const packages = PROGRAMS[image];
  const scripts = scriptsOf(image);
  const programs = new Set(Object.values(packages).flatMap(({ programs: of }) => of));
  const functions = new Set([...scripts.values()].flatMap(functionsIn));

  test.each([...scripts])('%s runs nothing that no package brings', (_name, text) => {
    const unknown = commandsIn(text).filter(
      (word) => !programs.has(word) && !functions.has(word) && !BUILTINS.has(word),
    );
    expect(unknown).toEqual([]);
  });

  test('every package names its source, and is there for something', () => {
    const used = new Set([...scripts.values()].flatMap(commandsIn));
    for (const [name, { programs: of, source, by }] of Object.entries(packages)) {
      expect(source, name).toMatch(/\(\d{4}-\d\d(-\d\d)?\)|assumed|of \d{4}-\d\d|, \d{4}-\d\d-\d\d\)/);
      if (by === 'boot' && of.length > 0) expect([...used], name).toEqual(expect.arrayContaining([of[0]]));
    }
  });

  test('what no image has is installed, and nothing else', () => {
    const brought = Object.entries(packages).flatMap(([name, { by }]) => (by === 'boot' ? [name] : []));
    expect(installed(scripts)).toEqual(brought.sort());
  });
});

test('a golden image holds packages of the list', () => {
  for (const [image, packages] of Object.entries(GOLDEN_PACKAGES)) {
    expect(Object.keys(PROGRAMS[image as Image])).toEqual(expect.arrayContaining([...packages]));
  }
});
