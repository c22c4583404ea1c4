import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../lib/config/configuration';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { complaint, folderWith, read } from './configuration-folder';

describe('files', () => {
  test.each([
    ['{"app": ', 'JSON ('],
    ['', 'JSON ('],
    ['phase: 3', 'JSON ('],
    ['3', 'a JSON object'],
    ['true', 'a JSON object'],
    ['null', 'a JSON object'],
    ['[1]', 'a JSON object'],
  ])('%j is no configuration', (content, allowed) => {
    const lines = complaint(content);
    expect(lines[0]).toBe('1 error in config/test.json');
    expect(lines.slice(1)).toEqual([expect.stringContaining(`  (file): allowed: ${allowed}`)]);
    expect(lines[1]).toContain('; set it in config/test.json');
  });

  test('one that cannot be read says why', () => {
    const directory = folderWith({});
    rmSync(join(directory, 'test.json'));
    mkdirSync(join(directory, 'test.json'));
    expect(() => readConfiguration({ context: { env: 'test' }, directory })).toThrow(
      /^1 error in config\/test\.json\n {2}\(file\): .*EISDIR/,
    );
  });

  test('in a folder that is not there: run elsewhere than in the project', () => {
    const directory = join(folderWith({}), 'config');
    expect(() => readConfiguration({ context: {}, directory })).toThrow(ConfigurationError);
    expect(() => readConfiguration({ context: {}, directory })).toThrow(`received "${directory}"; allowed: a folder`);
  });

  test.each(['nope', '', '../test', 'schema', 'Test', 5])('env=%j lists the environments that there are', (env) => {
    expect(complaint({}, { env })).toEqual([
      '1 error in the choice of environment',
      `  env: received ${JSON.stringify(env)}; allowed: one of test; set it in --context env=...`,
    ]);
  });

  test('one that begins with a mark of its byte order is read', () => {
    expect(read('\uFEFF{ "phase": 2 }').phase).toBe(2);
  });

  test.each([
    ['env', '"prod"'],
    ['from', '0'],
    ['force', '"3-to-2"'],
  ])('%s does not belong into one', (key, value) => {
    expect(complaint(`{ "phase": 1, "${key}": ${value} }`)).toEqual([
      '1 error in config/test.json',
      `  ${key}: received ${value}; allowed: nothing: a file says what an environment is, and this is said with each deployment; set it in --context ${key}=...`,
    ]);
  });
});
