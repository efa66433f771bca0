import { defineConfig } from 'vitest/config';

// `npm run test:packaging`: the package in apps of others, whose tools it fetches.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.test.ts'],
    maxWorkers: 2,
    // A bundler is fetched, run and opened in a browser.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default', ['../../../scripts/lib/vitestReporter.mjs', { runner: 'packaging' }]],
  },
});
