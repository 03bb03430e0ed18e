import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { runSeed } from './run-seed.ts'

let scratch: ScratchIndex

beforeAll(async () => {
  scratch = await startScratchIndex()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('nodes that lag, lie, fail and reorganise leave no silent hole and no duplicate', async () => {
  const client = await scratch.open('faults')
  for (const seed of [1, 3, 5, 7]) {
    expect(await runSeed(seed, client), `npm run faults ${seed} 1`).toMatchObject({ problems: [] })
  }
}, 240_000)
