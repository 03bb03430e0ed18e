import { SAMPLE_SNAPSHOT, computeEpoch, referenceEngine } from '@foggara/gpu-analytics'
import type { Snapshot } from '@foggara/schema'
import { expect, test } from 'vitest'

import { createEpochComputer } from './epoch-computer.ts'

const SETTINGS = { engine: 'wasm', threadCount: 1, takesSoftwareGpu: false } as const

test('an epoch computed in the thread is the epoch computed here, again and again', async () => {
  await using computer = createEpochComputer(SETTINGS, new AbortController().signal)
  const expected = await computeEpoch(SAMPLE_SNAPSHOT, referenceEngine)
  for (const _ of [1, 2]) {
    const { result, executions } = await computer.compute(SAMPLE_SNAPSHOT)
    expect(result).toEqual(expected)
    expect(executions.map(({ engine }) => engine)).toEqual(['wasm', 'wasm'])
  }
})

test('a snapshot that is refused keeps its code, and the thread goes on', async () => {
  await using computer = createEpochComputer(SETTINGS, new AbortController().signal)
  const broken: Snapshot = { ...SAMPLE_SNAPSHOT, assets: [] }
  await expect(computer.compute(broken)).rejects.toThrow(
    expect.objectContaining({ code: 'SNAPSHOT_INCONSISTENT' }),
  )
  const { result } = await computer.compute(SAMPLE_SNAPSHOT)
  expect(result.epoch).toBe(SAMPLE_SNAPSHOT.epoch)
})

test('a wish to stop ends the thread in mid-run', async () => {
  const stopping = new AbortController()
  await using computer = createEpochComputer({ ...SETTINGS, engine: 'reference' }, stopping.signal)
  const { ruleset } = SAMPLE_SNAPSHOT
  const endless = { ...ruleset, rank: { ...ruleset.rank, iterationCount: 1_000_000_000 } }
  const computing = computer.compute({ ...SAMPLE_SNAPSHOT, ruleset: endless })
  stopping.abort()
  await expect(computing).rejects.toThrow(expect.objectContaining({ code: 'RUN_ABORTED' }))
})
