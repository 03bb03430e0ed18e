import { defineConfig } from 'vitest/config'

/** Two workers: most tests start real processes, and two cores are what we plan for. */
export default defineConfig({
  // graphql ships two builds; Vite would take the one that its dependants do not take.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
})
