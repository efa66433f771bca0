import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // `npm run test:packaging`, which fetches the tools of others.
    exclude: ['tests/packaging/inApps/**'],
    // Two workers at most: a test of a model takes a core, and browsers and builds want one too.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    execArgv: ['--expose-gc'],
  },
});
