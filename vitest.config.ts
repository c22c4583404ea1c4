import { defineConfig } from 'vitest/config';

/** Tests that need minutes, or more than npm and Node.js, each with a command of its own: see .ci/run. */
const SLOW = ['test/gates/**', 'test/rehearsal/**', 'test/boot/**'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'lambda/**/*.test.ts'],
    exclude: SLOW,
    // Validating templates costs seconds per process; `npm run gate:policies` and every synth of a user do it.
    env: { CDK_VALIDATION: 'false' },
    globalSetup: 'test/temporary-folder.ts',
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
