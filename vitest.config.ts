import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{nodes,graphs,models,host,renderer,electron,test}/**/*.test.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    setupFiles: ['./test/isolate-state.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Browsers may be late where other work shares the processor; what was tried again is said in the output.
    retry: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
