import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { buildApp } from '../../lib/app';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { BootBundle } from '../../lib/constructs/compute/boot-bundle';
import { cdkContext } from '../cdk-context';

/** Files that the boot of a fleet's nodes finds, which templates know by a digest alone: path of the fleet -> name -> text. */
function bootFiles(phase: number): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const context = { ...cdkContext(), env: 'prod', phase };
  const app = new App({ context, analyticsReporting: false, treeMetadata: false });
  buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
  const bundles = app.node.findAll().filter((construct) => construct instanceof BootBundle);
  return Object.fromEntries(
    bundles.map(({ asset, node }) => {
      const names = ['node.conf', 'endpoints', 'vm.args', 'remote.vm.args', 'sysctl.conf', 'limits.conf'];
      const text = (name: string): string => readFileSync(join(app.outdir, asset.assetPath, name), 'utf8');
      return [node.path, Object.fromEntries(names.map((name) => [name, text(name)]))];
    }),
  );
}

// Endpoints of databases and caches are parameters, so that a climb that only adds some rolls nobody.
test('from phase 2 to 3 the files of a node change in where its sessions are, and in nothing else', () => {
  const [before, after] = [bootFiles(2), bootFiles(3)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  expect(Object.keys(after).length).toBeGreaterThan(1);
  const lines = (files: typeof before): string[] =>
    Object.entries(files).flatMap(([fleet, of]) =>
      Object.entries(of).flatMap(([name, text]) => text.split('\n').map((line) => `${fleet} ${name}: ${line}`)),
    );
  const [old, now] = [lines(before), lines(after)];
  expect(old.filter((line) => !now.includes(line))).toEqual([
    expect.stringMatching(/App.* node\.conf: SESSIONS='node'$/),
  ]);
  expect(now.filter((line) => !old.includes(line))).toEqual([
    expect.stringMatching(/App.* node\.conf: SESSIONS='cache'$/),
  ]);
});
