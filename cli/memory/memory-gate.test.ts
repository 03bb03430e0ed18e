import { expect, test } from 'vitest'

import { openMemoryGate } from './memory-gate.ts'
import { MEMORY_MB_MIN, memoryShares } from './memory-shares.ts'

/** A process of which all but what is in use goes back when it is relieved. */
function openProcess(residentBytes: number, usedBytes: number) {
  const state = { residentBytes, usedBytes, clockMs: 0, reliefs: 0, tight: 0 }
  const gate = openMemoryGate({
    bytesMax: 1_000,
    residentBytes: () => state.residentBytes,
    relieve: () => {
      state.reliefs += 1
      state.residentBytes = state.usedBytes
    },
    nowMs: () => state.clockMs,
    sleep: async (durationMs) => {
      state.clockMs += durationMs
      state.usedBytes -= 100
    },
    onTight: () => {
      state.tight += 1
    },
  })
  return { state, gate }
}

test('nothing is touched while there is memory', async () => {
  const { state, gate } = openProcess(799, 10)
  await gate()
  expect(state).toMatchObject({ reliefs: 0, clockMs: 0 })
})

test('what is not in use is given back before anybody waits', async () => {
  const { state, gate } = openProcess(1_500, 300)
  await gate()
  expect(state).toMatchObject({ reliefs: 1, clockMs: 0, residentBytes: 300 })
})

test('what is in use is waited for', async () => {
  const { state, gate } = openProcess(1_500, 1_400)
  await gate()
  expect(state.clockMs).toBeGreaterThan(0)
  expect(state).toMatchObject({ tight: 0 })
  expect(state.residentBytes).toBeLessThan(1_000)
})

test('what never comes back is not waited for for ever, and is told', async () => {
  const { state, gate } = openProcess(2_000, 1_000_000)
  await gate()
  expect(state).toMatchObject({ tight: 1 })
  expect(state.clockMs).toBeLessThan(6_000)
})

test('shares add up to the ceiling, and leave the engine something at the least', () => {
  for (const ceilingMb of [MEMORY_MB_MIN, 1_000, 2_000, 64_000]) {
    const { engineMib, serviceBytes, ceilingBytes } = memoryShares(ceilingMb)
    expect(engineMib).toBeGreaterThanOrEqual(190)
    expect(engineMib * 1024 * 1024 + serviceBytes).toBeLessThan(ceilingBytes)
  }
})
