import { describe, expect, test } from 'vitest';
import { complaint, problem } from './configuration-folder';

describe('a message', () => {
  test('has one line for each problem: key, what was received, what is allowed, where to set it', () => {
    expect(complaint({ app: { port: 80 } }, { 'app.minNodes': 'many' })).toEqual([
      '2 errors in the configuration of environment test',
      '  app.minNodes: received "many"; allowed: an integer from 1 to 500; set it in --context app.minNodes=...',
      '  app.port: received 80; allowed: an integer from 1024 to 32767; set it in config/test.json',
    ]);
  });

  test('brings all the errors of a file together and names the file with each', () => {
    const lines = complaint({ databse: { class: 'x' }, app: { instanceType: 'c7i.5xlarge' }, logDays: 29 });
    expect(lines[0]).toMatch(/^3 errors in /);
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual(['app.instanceType', 'databse', 'logDays']);
    expect(lines.slice(1).filter((line) => !line.endsWith('; set it in config/test.json'))).toEqual([]);
  });

  test('brings rules over several keys together with wrong values', () => {
    const lines = complaint({ logDays: 29, app: { minNodes: 9, maxNodes: 2 } });
    expect(lines.slice(1)).toEqual([
      expect.stringContaining('app.maxNodes: received 2; allowed: at least app.minNodes, which is 9;'),
      expect.stringContaining('logDays: received 29;'),
    ]);
  });

  test('says nothing of a rule whose keys are not well-formed by themselves', () => {
    expect(problem({ 'app.minNodes': 'x', 'app.maxNodes': '1' })).toContain('app.minNodes: received "x"');
  });

  test('names the flag for a value from the command line, also where the file sets the same key', () => {
    expect(problem({ 'app.port': '1' }, { app: { port: 2 } })).toContain('set it in --context app.port=...');
  });

  test('names the flag that set the whole branch', () => {
    expect(problem({ app: '{"port":1}' })).toContain('app.port: received 1; ');
    expect(problem({ app: '{"port":1}' })).toContain('set it in --context app=...');
  });

  test('shows the beginning of a value that is long, and how long it is', () => {
    const line = problem({ 'release.uri': 'x'.repeat(5000) });
    expect(line).toContain(`release.uri: received "${'x'.repeat(79)}… (5002 characters); allowed: none, or an s3://`);
    expect(line.length).toBeLessThan(300);
  });
});
