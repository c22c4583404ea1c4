import { defineConfig } from 'vitest/config';

/** Gates that take longer than the quick tests: `npm run gate:policies`. */
export default defineConfig({
  test: {
    include: ['test/gates/**/*.test.ts'],
    globalSetup: 'test/temporary-folder.ts',
    testTimeout: 120_000,
    // The validator's engine takes two seconds to start: once per worker is enough.
    maxWorkers: 2,
    isolate: false,
  },
});
