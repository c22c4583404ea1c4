import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Fixture {
  /** Where the file would stand in this project: the rules of a room go by its path. */
  readonly path: string;
  readonly source: string;
}

/** Rule -> files that break it, each alone. */
const BAD: Readonly<Record<string, readonly Fixture[]>> = {
  'lint/suspicious/noExplicitAny': [{ path: 'lib/a.ts', source: 'export const a = (b: any): string => String(b);' }],
  'lint/style/noNonNullAssertion': [{ path: 'lib/b.ts', source: 'export const a = (b?: string): string => b!;' }],
  'lint/correctness/noUnusedVariables': [{ path: 'lib/c.ts', source: 'const a = 1;\nexport {};' }],
  'lint/correctness/noUnusedImports': [{ path: 'lib/d.ts', source: "import { join } from 'node:path';\nexport {};" }],
  'lint/suspicious/noConsole': [{ path: 'lib/e.ts', source: 'console.log(1);' }],
  'lint/style/useImportType': [
    { path: 'lib/f.ts', source: "import { Stats } from 'node:fs';\nexport type A = Stats;" },
  ],
  'lint/suspicious/noImportCycles': [
    { path: 'lib/g.ts', source: "import { h } from './h';\nexport const g = (): number => h;" },
    { path: 'lib/h.ts', source: "import { g } from './g';\nexport const h = g();" },
    { path: 'lib/i.ts', source: "import type { J } from './j';\nexport type I = J | 1;" },
    { path: 'lib/j.ts', source: "import type { I } from './i';\nexport type J = I | 2;" },
  ],
  'lint/style/noRestrictedImports': [
    ...imports('lib/facts/bad', ['../config/schema', '../node/blueprint', 'aws-cdk-lib', 'node:process']),
    ...imports('lib/config/bad', ['../architecture/ladder', '../node/blueprint', '../stacks/app', 'constructs']),
    ...imports('lib/node/bad', ['../config/schema', '../architecture/ladder', 'aws-cdk-lib/aws-ec2', 'node:process']),
    ...imports('lib/architecture/bad', ['../node/drain', '../policies/acknowledge', '../stacks/app', 'cdk-nag']),
    ...imports('lib/architecture/phases/bad', ['../../node/drain', '../../app', '../../stacks/app', 'aws-cdk-lib']),
    ...imports('lib/policies/bad', ['../stacks/app', '../constructs/box/box', '../app', 'process']),
    ...imports('lib/constructs/box/bad', ['../../stacks/app', '../../app', '../../../bin/app', 'node:process']),
    ...imports('lib/constructs/config/bad', ['../../config/defaults']),
    { path: 'lib/stacks/type.ts', source: "export type { X } from '../config/configuration';" },
    { path: 'lib/stacks/star.ts', source: "export * from '../config/defaults';" },
    { path: 'lib/stacks/late.ts', source: "export const a = import('../config/defaults');" },
    ...imports('lib/stacks/bad', ['../config/defaults', '../app', '../../bin/app', 'node:process']),
    { path: 'lib/app.ts', source: "export { x } from '../bin/app';" },
    ...imports('lib/sharding/bad', ['../config/schema', '@aws-sdk/client-dynamodb', 'aws-cdk-lib', 'node:process']),
    ...imports('lib/template/bad', ['../verdict/verdict', '../climb/climb', '../architecture/architecture', '../app']),
    ...imports('lib/account/bad', [
      '../verdict/verdict',
      '../config/defaults',
      '../architecture/architecture',
      '../app',
    ]),
    ...imports('lib/cost/bad', [
      '../verdict/verdict',
      '../capacity/capacity',
      '../account/needs',
      '../stacks/app',
      '../app',
    ]),
    ...imports('lib/verdict/bad', ['../stacks/app', '../constructs/box/box', '../config/defaults', '../commands/diff']),
    ...imports('lib/verdict/bill', ['../cost/bill']),
    ...imports('lib/verdict/rules/data/bad', ['../../../stacks/app', '../../../app', '../../../config/defaults']),
    ...imports('lib/verdict/changes/bad', [
      '../rules/data/guards',
      '../verdict',
      '../../climb/climb',
      '../../stacks/app',
    ]),
    ...imports('lib/climb/bad', [
      '../verdict/verdict',
      '../template/references',
      '../stacks/app',
      '../constructs/box/box',
    ]),
  ],
  'lint/nursery/noJsRestrictedProperties': [
    { path: 'lib/stacks/env.ts', source: "export const a = process.env['HOME'];" },
    { path: 'lib/stacks/env-destructured.ts', source: 'export const { env } = process;' },
    { path: 'lib/node/cwd.ts', source: 'export const a = process.cwd();' },
    {
      path: 'lib/constructs/context.ts',
      source: "import { App } from 'aws-cdk-lib';\nexport const a: unknown = new App().node.tryGetContext('phase');",
    },
    {
      path: 'lib/app-context.ts',
      source: "import { App } from 'aws-cdk-lib';\nexport const a: unknown = new App().node.getAllContext();",
    },
  ],
};

/** What the house rules allow, lest they forbid everything. */
const GOOD: readonly Fixture[] = [
  ...imports('lib/config/good', ['../facts/instance-type', './schema', 'zod']),
  ...imports('lib/node/good', ['../facts/instance-type', './drain']),
  ...imports('lib/architecture/good', ['../config/configuration', '../facts/instance-type', '../node/blueprint']),
  ...imports('lib/architecture/phases/good', ['../architecture', '../../config/subnet-plan', '../../node/blueprint']),
  ...imports('lib/policies/good', ['../architecture/architecture', 'cdk-nag']),
  ...imports('lib/constructs/box/good', ['../../node/drain', '../network/subnets', '../../policies/acknowledge']),
  ...imports('lib/stacks/good', ['../constructs/box/box', './network', 'aws-cdk-lib']),
  ...imports('lib/sharding/good', ['./shard-map', 'node:crypto']),
  ...imports('lib/template/good', ['../facts/regions', './references', '@aws-cdk/cloudformation-diff']),
  ...imports('lib/account/good', ['../template/references', '../facts/quotas', './counts']),
  ...imports('lib/cost/good', ['../template/references', '../facts/prices', '../config/traffic-settings']),
  ...imports('lib/verdict/good', ['../template/references', '../climb/climb', './rules/data/guards']),
  ...imports('lib/verdict/changes/good', ['../../template/references', './corrections', '../finding']),
  ...imports('lib/climb/good', ['../architecture/architecture', './gate-rules']),
  { path: 'lib/config/good-directory.ts', source: 'export const a = process.cwd();' },
  {
    path: 'bin/good.ts',
    source: "import { App } from 'aws-cdk-lib';\nexport const a = new App().node.getAllContext();",
  },
];

/** One file for each module, which does nothing but import it: `lib/facts/bad-0.ts` and so on. */
function imports(name: string, modules: readonly string[]): Fixture[] {
  return modules.map((module, index) => ({
    path: `${name}-${index}.ts`,
    source: `export { x } from '${module}';`,
  }));
}

interface Report {
  /** `unchanged` counts the files that were looked at. */
  readonly summary: { readonly unchanged: number };
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string };
  }[];
}

const FIXTURES: readonly Fixture[] = [...Object.values(BAD).flat(), ...GOOD];

const root = join(import.meta.dirname, '..', '..');
let folder: string;
let report: Report;

/** One run of the linter over all fixtures, with this project's own configuration. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'house-rules-'));
  for (const part of ['biome.jsonc', '.gitignore']) cpSync(join(root, part), join(folder, part));
  for (const { path, source } of FIXTURES) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${source}\n`);
  }
  report = lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(): Report {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  try {
    execFileSync(process.execPath, [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return JSON.parse((error as { stdout: string }).stdout) as Report;
  }
  throw new Error('the linter passed files that break every rule');
}

function findings(path: string): string[] {
  return report.diagnostics.filter(({ location }) => location.path === path).map(({ category }) => category);
}

test('every fixture is looked at', () => {
  expect(report.summary.unchanged).toBeGreaterThanOrEqual(FIXTURES.length);
});

describe.each(Object.entries(BAD))('%s', (rule, fixtures) => {
  test.each(fixtures)('fails in $path: $source', ({ path }) => {
    expect(findings(path)).toContain(rule);
  });
});

test.each(GOOD)('passes in $path: $source', ({ path }) => {
  expect(findings(path)).toEqual([]);
});
