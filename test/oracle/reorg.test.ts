import { describe, expect, test } from 'vitest'

import { assertSameAfterReorgs } from './compare-runs.ts'
import { playFuzzBlocks, startFuzzChain } from './fuzz-chain.ts'
import { oracleMissing } from './packages.ts'
import { TRACED_CASES, indexCase } from './record-traces.ts'
import { runInProcess } from './run-in-process.ts'

const missing = oracleMissing()
const where = missing === undefined ? 'beside a real graph-node' : `(skipped: ${missing})`
const SLOW_MS = 240_000
const FAILURES_PER_MILLE = 10

describe.skipIf(missing !== undefined)(`reorganisations ${where}`, () => {
  test(
    'leave the fuzz subgraph, with its failures, as if the lost blocks had never been',
    { timeout: SLOW_MS },
    async () => {
      const draw = { seed: 'reorg', failuresPerMille: FAILURES_PER_MILLE }
      const chain = await startFuzzChain(draw, 30)
      await using _chainEnded = chain.anvil
      await using oracle = await indexCase(TRACED_CASES.failures, chain)
      const [deployment] = oracle.deployments
      if (deployment === undefined) throw new Error('expected a deployment')
      const run = await runInProcess(TRACED_CASES.failures.manifest, chain.anvil.rpcUrl)
      await run.runTo(chain.headBlock)
      await assertSameAfterReorgs({
        chain,
        deployment,
        run,
        depths: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        mineBranch: (from, to) => {
          const branch = { seed: `branch to ${to}`, failuresPerMille: FAILURES_PER_MILLE }
          return playFuzzBlocks(chain.anvil, branch, from, to)
        },
      })
      expect((await deployment.errors()).length).toBeGreaterThan(0)
    },
  )
})
