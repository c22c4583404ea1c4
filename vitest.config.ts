import { defineConfig } from 'vitest/config';

/** What needs minutes, or more than npm and Node.js, has a command of its own: see .ci/run. */
const SLOW = [
  'test/all-variants/**',
  'test/gate-deployment/**',
  'test/rehearsal/**',
  'test/boot/**',
  'test/node/**',
  'test/permissions/**',
  'test/delivery/**',
  'test/example/**',
  'test/explorer/**',
  'test/move/**',
  '**/*.peers.test.ts',
  '**/*.slow.test.ts',
];

const UNDER_LOAD = ['move', 'faults', 'shards', 'shards-faults'].map((name) => `test/move/${name}.test.ts`);

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
        // Runs what nodes and builds run, with stand-ins for the programs of a real one.
        test: {
          name: 'node',
          include: ['test/{node,delivery}/**/*.test.ts'],
          exclude: ['**/*.peers.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // Lambda functions as bundled, and what else needs a real queue or table: `name.peers.test.ts`.
        test: {
          name: 'handlers',
          include: ['test/**/*.peers.test.ts', 'lambda/**/*.peers.test.ts'],
          testTimeout: 60_000,
          // The first run fetches the peers.
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        // The release of examples/, in the root and the namespaces that scripts/test-example.sh makes.
        test: {
          name: 'example',
          include: ['test/example/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // The page of the explorer in the browser that scripts/test-explore.sh finds.
        test: {
          name: 'explore',
          include: ['test/explorer/**/*.test.ts'],
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        // Moves between real servers, in the root and the namespaces that scripts/test-moves.sh makes.
        test: {
          name: 'moves',
          include: ['test/move/**/*.test.ts'],
          exclude: UNDER_LOAD,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // After the others, one after the other: writers take the machine, and what they wait for is measured.
        test: {
          name: 'moves-under-load',
          include: UNDER_LOAD,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'variants',
          // `name.slow.test.ts` stands beside the tests of its subject, and synthesises more than a minute of `npm test` allows.
          include: ['test/all-variants/**/*.test.ts', '**/*.slow.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // The policies ask for it themselves.
          env: { CDK_VALIDATION: 'false' },
        },
      },
      {
        extends: true,
        // Reads the templates of every variant, made without a validation that others do, for what roles may do.
        test: {
          name: 'permissions',
          include: ['test/permissions/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          env: { CDK_VALIDATION: 'false' },
        },
      },
    ],
  },
});
