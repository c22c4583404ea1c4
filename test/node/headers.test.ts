import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';

/** Names of the headers that a file of nginx sets for the release: to nothing, or to something. */
function set(file: string): { readonly nothing: readonly string[]; readonly something: readonly string[] } {
  const text = readFileSync(join(BOOT_DIRECTORY, 'files', 'nginx', file), 'utf8');
  const found = [...text.matchAll(/^proxy_set_header (\S+) (.+);$/gm)];
  const named = (empty: boolean) =>
    found.filter(([, , value]) => (value === "''") === empty).map(([, name = '']) => name);
  return { nothing: named(true), something: named(false) };
}

/** Names in a section of docs/headers.md. */
function documented(title: string): readonly string[] {
  const section = readFileSync('docs/headers.md', 'utf8').split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/`([A-Za-z0-9-]+)`/g)].map(([, name = '']) => name);
}

const sorted = (names: readonly string[]) => [...new Set(names)].sort();

describe('what a release may believe', () => {
  it('of what is left out, the page and nginx name the same headers', () => {
    expect(sorted(set('claims.conf').nothing)).toEqual(sorted(documented('Left out of every request')));
    expect(sorted(set('claims-direct.conf').nothing)).toEqual(
      sorted(documented('Left out where CloudFront does not write them')),
    );
  });

  it('is written by nginx in one place, which every way to the release includes', () => {
    expect(set('claims.conf').something).toEqual([]);
    for (const file of ['box.conf', 'box-tls.conf', 'web.conf', 'low-priority.conf']) {
      const text = readFileSync(join(BOOT_DIRECTORY, 'files', 'nginx', file), 'utf8');
      expect(text).not.toMatch(/proxy_set_header/);
      expect(text.match(/proxy_pass /g)).toHaveLength(1);
      expect(text).toMatch(/include @ETC@\/forward\.conf;\n\s+proxy_pass /);
    }
  });

  it('is what a release is told to believe', () => {
    const believed = [
      ...readFileSync('docs/release-environment.md', 'utf8').matchAll(/`((?:X-|CloudFront-)[A-Za-z-]+)`/g),
    ].map(([, name]) => name);
    expect(believed.length).toBeGreaterThan(1);
    for (const name of believed) expect(set('forward.conf').something).toContain(name);
  });
});
