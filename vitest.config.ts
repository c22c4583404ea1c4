import { defineConfig } from 'vitest/config';

/** What needs minutes, or more than npm and Node.js, has a command of its own: see .ci/run. */
const SLOW = ['test/gates/**', 'test/gate-deployment/**', 'test/rehearsal/**', 'test/boot/**'];

export default defineConfig({
  test: {
    globalSetup: 'test/prepare.ts',
    // Loading the constructs library takes longer than most tests: once per worker, not once per file. So a test cleans
    // up after itself, and `synthesise` of test/cdk-context.ts makes a template once per worker.
    isolate: false,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts', 'lambda/**/*.test.ts'],
          exclude: SLOW,
          testTimeout: 20_000,
          hookTimeout: 30_000,
          // Validating templates costs two seconds per process: the policies below do it, and every synth of a user.
          env: { CDK_VALIDATION: 'false' },
        },
      },
      {
        extends: true,
        test: {
          name: 'gate',
          include: ['test/gate-deployment/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: { name: 'policies', include: ['test/gates/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
