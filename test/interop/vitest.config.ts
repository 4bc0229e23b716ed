import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    reporters: ['./reporter.ts'],
    // PortKV is linked, so vitest would take it for source of these tests and load it in its own way.
    server: { deps: { external: [/\/dist\/src\//] } },
    // Two suites at a time: each starts servers of its own.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
