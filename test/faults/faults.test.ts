import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { runSeed } from './run-seed.ts'

let scratch: ScratchIndex

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('nodes that lag, lie, fail and reorganise leave no silent hole and no duplicate', async () => {
  const contracts = await scratch.open('contracts')
  const clients = { contracts, sources: await scratch.openEmpty('sources') }
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    expect(await runSeed(seed, clients), `npm run faults ${seed} 1`).toMatchObject({ problems: [] })
  }
}, 480_000)
