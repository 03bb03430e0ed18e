import { defineConfig } from 'vitest/config'

import { softwareGpuEnvironment } from './test/software-gpu.ts'

/** Two workers: most tests start real processes, and two cores are what we plan for. */
export default defineConfig({
  // graphql ships two builds; Vite would take the one that its dependants do not take.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    env: softwareGpuEnvironment(),
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
})
