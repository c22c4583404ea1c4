import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../../lib/move/preflight/check';
import { VERSION_CHECKS } from '../../lib/move/preflight/checks/versions';
import { folder, programs } from './machine';

/** Stands in for a server of another version: of real ones there is one version here. */
function server(version: number): unknown {
  return { owner: { query: () => Promise.resolve({ rows: [{ major: version }] }) } };
}

async function found(from: number, to: number, pgDump = programs().pgDump): Promise<Record<string, readonly string[]>> {
  const move = { source: { title: 'from' }, target: { title: 'to' }, programs: { ...programs(), pgDump } };
  const context = { move, source: server(from), target: server(to) } as unknown as Context;
  const findings: Record<string, readonly string[]> = {};
  for (const { id, find } of VERSION_CHECKS) {
    const names = await find(context);
    if (names.length > 0) findings[id] = names;
  }
  return findings;
}

test('of servers', async () => {
  expect(await found(15, 17)).toEqual({ 'old-version': ['from: PostgreSQL 15'] });
  expect(await found(17, 16)).toEqual({ 'older-target': ['PostgreSQL 17 to 16'] });
  expect(await found(16, 17)).toEqual({});
  expect(await found(17, 17)).toEqual({});
});

test('of programs', async () => {
  const old = join(folder('old-programs'), 'pg_dump');
  writeFileSync(old, '#!/bin/sh\necho "pg_dump (PostgreSQL) 16.4 (Debian 16.4-1)"\n', { mode: 0o755 });
  expect(await found(16, 17, old)).toEqual({
    programs: ['pg_dump (PostgreSQL) 16.4 (Debian 16.4-1) for PostgreSQL 17'],
  });
  expect(await found(16, 16, old)).toEqual({});
});
