import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CloudFormationValidatePlugin, Stack, aws_sqs as sqs } from 'aws-cdk-lib';
import { afterEach, expect, test, vi } from 'vitest';
import { validateInThread } from '../../lib/policies/validate-in-thread';
import { ValidationThread } from '../../lib/policies/validation-thread';
import { cdkContext } from '../cdk-context';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A thread that runs this program, with the port and the state that a real one has. */
function threadOf(program: string): ValidationThread {
  const file = join(mkdtempSync(join(tmpdir(), 'validation-thread-')), 'program.cjs');
  writeFileSync(file, `const { port, state } = require('node:worker_threads').workerData;\n${program}`);
  return new ValidationThread(file);
}

/** Reports each request that it has had so far as a warning. */
const RECORDER = `const requests = [];
port.on('message', (request) => {
  requests.push(request);
  if (request.kind === 'expect') return;
  const violations = requests.map((was) => ({ ruleName: JSON.stringify(was), description: 'was asked', severity: 'warning', violatingResources: [] }));
  port.postMessage({ report: { success: true, violations }, version: '1.2.3' });
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
});`;

test('a thread answers more than once, each time with what it was asked', () => {
  const thread = threadOf(RECORDER);
  const asked = (templatePath: string) => [
    { templatePath, stackConstructPath: 's', accountId: undefined, region: 'eu-west-1' },
  ];
  expect(thread.validate(asked('a.json'))?.version).toBe('1.2.3');
  const { violations } = thread.validate(asked('b.json'))?.report ?? { violations: [] };
  expect(violations.map(({ ruleName }) => JSON.parse(ruleName).stackTemplates[0].templatePath)).toEqual([
    'a.json',
    'b.json',
  ]);
});

/** Tells of the end of a thread, as the real one does. */
const WAKES = `process.once('exit', () => { Atomics.store(state, 0, 2); Atomics.notify(state, 0); });\n`;

test.each([
  ['fails as it starts', 'throw new Error("no engine");'],
  ['fails at its work', 'port.on("message", () => { throw new Error("no report"); });'],
  ['ends at its work', 'port.on("message", () => process.exit(0));'],
])('a thread that %s is not waited for, then or later', (_, program) => {
  const thread = threadOf(WAKES + program);
  const start = performance.now();
  expect(thread.validate([])).toBeUndefined();
  expect(thread.validate([])).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(15_000);
});

/** Synthesises two queues with this thread; returns the report of the only validator. */
function reportOf(thread: ValidationThread): { readonly pluginVersion: string; readonly rules: readonly string[] } {
  const outdir = mkdtempSync(join(tmpdir(), 'validation-thread-'));
  const app = new App({ context: cdkContext(), outdir, analyticsReporting: false });
  const stack = new Stack(app, 'one');
  for (const id of ['First', 'Second']) new sqs.CfnQueue(stack, id);
  validateInThread(app, thread);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  app.synth();
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  expect(pluginReports).toHaveLength(1);
  const [{ pluginName, pluginVersion, violations }] = pluginReports;
  expect(pluginName).toBe(CloudFormationValidatePlugin.PLUGIN_NAME);
  return { pluginVersion, rules: violations.map(({ ruleName }: { readonly ruleName: string }) => ruleName) };
}

test('the thread is told the types of resources and then the templates, and its report is the report', () => {
  const here = vi.spyOn(CloudFormationValidatePlugin.prototype, 'validate');
  const { pluginVersion, rules } = reportOf(threadOf(RECORDER));
  expect(pluginVersion).toBe('1.2.3');
  expect(rules).toEqual([
    expect.stringContaining('{"kind":"expect","types":["AWS::SQS::Queue"]}'),
    expect.stringContaining('one.template.json'),
  ]);
  expect(here).not.toHaveBeenCalled();
});

test('templates are validated here when the thread has failed', () => {
  const violation = { ruleName: 'here', description: 'found', severity: 'warning', violatingResources: [] };
  const report = { success: true, violations: [violation] };
  const here = vi.spyOn(CloudFormationValidatePlugin.prototype, 'validate').mockReturnValue(report);
  vi.spyOn(CloudFormationValidatePlugin.prototype, 'version', 'get').mockReturnValue('4.5.6');
  const { pluginVersion, rules } = reportOf(threadOf(`${WAKES}throw new Error('no engine');`));
  expect(pluginVersion).toBe('4.5.6');
  expect(rules).toEqual([expect.stringContaining('here')]);
  expect(here).toHaveBeenCalledOnce();
});
