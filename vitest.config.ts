import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{nodes,graphs,models,host,renderer,electron,test}/**/*.test.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    setupFiles: ['./test/isolate-state.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
