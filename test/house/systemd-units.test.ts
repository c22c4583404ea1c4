import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';

const FOLDER = join(BOOT_DIRECTORY, 'files', 'systemd');
const SERVICES = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

describe('every service of a node', () => {
  test.each(SERVICES.map((name) => [name]))('%s may not start or stop for ever', (name) => {
    const unit = readFileSync(join(FOLDER, name), 'utf8');
    const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];
    expect(unit).not.toMatch(/^Timeout\w*=(infinity|0)$/m);
    const type = value('Type');
    expect(['exec', 'notify', 'oneshot']).toContain(type);
    // systemd bounds the start of others by itself: 90 seconds, which PostgreSQL may need longer than after a crash.
    // Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html (TimeoutStartSec, 2026-11-29)
    if (type !== 'exec') expect(value('TimeoutStartSec')).toMatch(/^\d+(min|h)?$/);
  });

  test('has the time that a rollout takes to go back, when it may be stopped in the middle of one', () => {
    const programs = join(BOOT_DIRECTORY, 'files', 'bin');
    const callers = readdirSync(programs).filter((name) =>
      /^[^#]*bin\/rollout\.sh/m.test(readFileSync(join(programs, name), 'utf8')),
    );
    expect(callers).toEqual(['follow-databases.sh']);
    const units = SERVICES.map((name) => readFileSync(join(FOLDER, name), 'utf8')).filter((unit) =>
      callers.some((caller) => unit.includes(`/bin/${caller}`)),
    );
    expect(units).toEqual([expect.stringMatching(/^TimeoutStopSec=@WAY_BACK_SECONDS@$/m)]);
  });

  test('what scripts write as a unit knows a bound too', () => {
    const scripts = readdirSync(BOOT_DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.sh$/.test(name),
    );
    for (const name of scripts) {
      expect(readFileSync(join(BOOT_DIRECTORY, name), 'utf8'), name).not.toMatch(/^Timeout\w*=(infinity|0)$/m);
    }
  });
});
