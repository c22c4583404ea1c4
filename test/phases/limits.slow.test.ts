import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { buildApp } from '../../lib/app';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { cdkContext } from '../cdk-context';
import { PLAIN_VARIANTS, WITH_DOMAIN } from '../variants';
import { standingRules } from './standing-rules';

// With all that a user may set besides, in test/all-variants/standing-rules.test.ts.
standingRules(PLAIN_VARIANTS);

/** Every file that one synthesis leaves: path -> content. Assets are named after what is in them. */
function assembly(context: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'limits-'));
  try {
    const app = new App({ context: { ...cdkContext(), ...context }, outdir, analyticsReporting: false });
    buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
    app.synth();
    const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(outdir, name)).isFile(),
    );
    return new Map(files.sort().map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

test.each([
  ['prod at phase 3', 7, { env: 'prod', phase: '3' }],
  ['prod at phase 6 with a domain', 16, { env: 'prod', phase: '6', ...WITH_DOMAIN }],
])('synthesising twice gives the same bytes: %s', (_name, stacks, context) => {
  // By one line of code: metadata tells where a construct was made.
  const [first = new Map<string, string>(), second = new Map<string, string>()] = [1, 2].map(() => assembly(context));
  expect([...first.keys()].filter((name) => name.endsWith('.template.json'))).toHaveLength(stacks);
  expect([...second.keys()]).toEqual([...first.keys()]);
  expect([...first].filter(([name, content]) => second.get(name) !== content).map(([name]) => name)).toEqual([]);
});
