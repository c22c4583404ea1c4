import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as modules from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';

// Whoever makes a folder in the temporary one first would decide what runs.
describe('compiled code lies with the packages, and not where anybody can write', () => {
  test('of a program that is started', () => {
    const folder = mkdtempSync(join(tmpdir(), 'start-'));
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    mkdirSync(join(folder, 'bin'));
    buildSync({
      stdin: { contents: "import { start } from './bin/start/start'; start('program');", resolveDir: '.' },
      ...{ bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' },
      define: { 'import.meta.dirname': '__dirname' },
      outfile: join(folder, 'bin', 'program.cjs'),
    });
    writeFileSync(join(folder, 'bin', 'program.main.cjs'), "console.log('it runs');");
    const env = { PATH: process.env['PATH'], TMPDIR: temporary };
    const said = execFileSync(process.execPath, [join(folder, 'bin', 'program.cjs')], { env, encoding: 'utf8' });
    expect(said).toBe('it runs\n');
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(join(folder, 'node_modules', '.cache', 'beamstalk'))).toHaveLength(1);
  });

  test('of every program that is bundled', () => {
    const programs = readdirSync(projectPath('.build')).filter((name) => name.endsWith('.cjs'));
    expect(programs.length).toBeGreaterThan(3);
    for (const name of programs)
      expect(readFileSync(projectPath('.build', name), 'utf8'), name).not.toMatch(/enableCompileCache\(\s*\)/);
  });
});

test('Node.js keeps compiled code itself from 22.1 on', () => {
  const [major = 0] = process.versions.node.split('.').map(Number);
  expect('enableCompileCache' in modules).toBe(major >= 22);
});
