import { expect, test } from 'vitest'

import { openProvider } from './chain/rpc-provider.ts'
import { createProgress, watchProviders } from './progress.ts'

test('rates, time left and ages come from the last minute, counts from the start', () => {
  let clockMs = 0
  const progress = createProgress(
    () => clockMs,
    () => [],
  )
  const look = (block: number, indexedBlock: number): void => {
    const chainHead = { block, hash: `0x${'0'.repeat(64)}` } as const
    const about = { finalizedBlock: block - 10, settledBlock: 3, isLagging: false }
    progress.note({ type: 'looked', chainHead, indexedBlock, ...about })
  }
  const commit = (firstBlock: number, lastBlock: number, retractedBlocks = 0): void => {
    const about = { chainHeadBlock: 1_000, logCount: 500, atSeconds: 0, problems: [] }
    const durations = { fetchMs: 20, commitMs: 5 }
    progress.note({
      type: 'committed',
      firstBlock,
      lastBlock,
      retractedBlocks,
      ...about,
      ...durations,
    })
  }
  look(1_000, -1)
  clockMs = 10_000
  commit(0, 99)
  expect(progress.status()).toMatchObject({
    blocksPerSecond: 10,
    logsPerSecond: 50,
    secondsLeft: 91,
    secondsSinceProgress: 0,
    secondsSinceLook: 10,
    settledBlock: 3,
  })
  clockMs = 90_000
  look(1_000, 99)
  commit(98, 101, 2)
  expect(progress.status()).toMatchObject({
    indexedBlocks: 104,
    indexedLogs: 1_000,
    blocksPerSecond: 0.1,
    reorgs: 1,
    reorgsByDepth: { 2: 1 },
    commits: 2,
    fetchMs: 40,
  })
  clockMs = 200_000
  expect(progress.status()).toMatchObject({ secondsLeft: null, secondsSinceProgress: 110 })
})

test('a provider that is left alone is named once, and once more when it is back', () => {
  let clockMs = 1_000
  const [first, second] = ['http://one.example/key', 'http://two.example/key'].map((url) =>
    openProvider({
      url,
      chainId: 1,
      nowMs: () => clockMs,
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    }),
  )
  if (first === undefined || second === undefined) throw new Error('two were opened')
  const alone = watchProviders(() => [first.report()])
  const changes = watchProviders(() => [first.report(), second.report()])
  expect(changes()).toEqual([])
  first.setAside('another provider has another block 7')
  expect([changes(), changes(), alone()]).toEqual([
    [`PROVIDER_OUT_OF_USE ${first.id}: another provider has another block 7`],
    [],
    [],
  ])
  clockMs += 60_000
  expect(changes()).toEqual([`provider ${first.id} is in use again`])
  expect(first.id).toMatch(/^http:\/\/one\.example\/… #[0-9a-f]{6}$/)
})
