import { readFileSync } from 'node:fs'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { at } from '../graph/at.ts'
import { arbitrarySampling, arbitrarySynergies } from './answers/arbitrary-synergies.ts'
import { sampleSynergies } from './answers/sample-synergies.ts'
import { synergyAnswers } from './answers/synergy-answers.ts'
import { compileSynergyKernel, synergyModuleText } from './build-kernel.ts'
import { exactGame } from './exact-game.ts'
import { sampledGame } from './sampled-game.ts'
import type { Sampling } from './sampling.ts'
import { shapleyOfReceipts } from './shapley-of-receipts.ts'
import { type SynergyReceipts, shapleyOfSynergySums, synergyWorth } from './synergy-receipts.ts'
import { referenceSynergySampler } from './synergy-reference.ts'
import { createWasmSynergies } from './synergy-wasm.ts'

const SEED = 20_260_807
const wasm = await createWasmSynergies()
test('64 receipts x 1024 orders x 16 players give the recorded answer, in TypeScript and in WASM', async () => {
  const [expected, found] = [
    await synergyAnswers(referenceSynergySampler),
    await synergyAnswers(wasm),
  ]
  expect(found).toEqual(expected)
  expect(expected['64 receipts x 1024 orders x 16 players']).toMatch(/^4ca9eb2e61ebc68f /)
})

test('WASM adds up the same words as the reference, whatever the receipts', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySynergies(32), arbitrarySampling, async (receipts, sampling) => {
      expect(await wasm.sample(receipts, sampling)).toEqual(
        await referenceSynergySampler.sample(receipts, sampling),
      )
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('columns give the totals that the general game gives for the same set function', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySynergies(9), arbitrarySampling, async (receipts, sampling) => {
      const list = asReceipts(receipts)
      fc.pre(list.length > 0)
      const general = sampledGame(({ worthOf }: (typeof list)[0]) => worthOf, {
        sampling,
        receiptNumberOf: ({ number }) => number,
      })
      const drawn = await wasm.sample(receipts, sampling)
      const assetsOf = list.map(({ assets }) => assets)
      expect(shapleyOfSynergySums(drawn, assetsOf, sampling)).toEqual(
        shapleyOfReceipts(list, general),
      )
    }),
    { seed: SEED, numRuns: 30 },
  )
})

test('exact values in WASM are those of the general exact game', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySynergies(9), async (receipts) => {
      const found = await wasm.exact(receipts)
      const list = asReceipts(receipts)
      const game = exactGame(({ worthOf }: (typeof list)[0]) => worthOf)
      expect([...found]).toEqual(list.flatMap((receipt) => [...game.sharesOf(receipt).numerators]))
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('exact values of many and of large receipts are those of the general exact game', async () => {
  const many = sampleSynergies(2 ** 14 + 2, 2)
  const shares = asReceipts(many).flatMap(({ worthOf }) =>
    exactGame(() => worthOf)
      .sharesOf({ assets: ['a', 'b'] })
      .numerators.slice(),
  )
  expect(await wasm.exact(many)).toEqual(BigUint64Array.from(shares))
  const large = sampleSynergies(1, 16)
  const [receipt] = asReceipts(large)
  if (receipt === undefined) return
  const game = exactGame(() => receipt.worthOf, { playerCountMax: 16 })
  expect([...(await wasm.exact(large))]).toEqual(game.sharesOf(receipt).numerators)
})

test('columns that do not fit, or are no set function, are refused with a code', async () => {
  const fine = sampleSynergies(2, 3)
  const lopsided = fine.synergies.slice()
  lopsided[1] = at(lopsided, 1) + 1
  const diagonal = fine.synergies.slice()
  diagonal[4] = 1
  const sampling: Sampling = { epochKey: 0n, permutationCount: 2, walks: 'forward' }
  for (const bad of [
    { playerCount: 0 },
    { playerCount: 33 },
    { playerCount: 2 },
    { caps: fine.caps.subarray(1) },
    { receiptNumbers: fine.receiptNumbers.subarray(1) },
    { synergies: lopsided },
    { synergies: diagonal },
  ]) {
    for (const sampler of [referenceSynergySampler, wasm]) {
      await expect(sampler.sample({ ...fine, ...bad }, sampling)).rejects.toMatchObject({
        code: 'SHAPLEY_SYNERGIES_MALFORMED',
      })
    }
  }
  await expect(wasm.exact(sampleSynergies(1, 17))).rejects.toMatchObject({
    code: 'SHAPLEY_TOO_MANY_PLAYERS',
  })
  const drawn = await wasm.sample(fine, sampling)
  expect(() => shapleyOfSynergySums(drawn, [['a', 'b', 'c'], ['a']], sampling)).toThrow(
    expect.objectContaining({ code: 'SHAPLEY_SYNERGIES_MALFORMED' }),
  )
})

test('a run stops when its signal says so', async () => {
  const sampling: Sampling = { epochKey: 0n, permutationCount: 2 ** 20, walks: 'forward' }
  const receipts = sampleSynergies(1000, 32)
  const { code } = { code: 'RUN_ABORTED' }
  const aborter = new AbortController()
  const running = wasm.sample(receipts, { ...sampling, permutationCount: 1024 }, aborter)
  setTimeout(() => aborter.abort(), 0)
  await expect(running).rejects.toMatchObject({ code })
  const { signal } = aborter
  await expect(wasm.exact(sampleSynergies(1, 3), { signal })).rejects.toMatchObject({ code })
  const slow = referenceSynergySampler.sample(receipts, sampling, { signal })
  await expect(slow).rejects.toMatchObject({ code })
})

test('the committed WASM is what its sources compile to', async () => {
  const committed = readFileSync(new URL('synergy.wasm.ts', import.meta.url), 'utf8')
  expect(synergyModuleText(await compileSynergyKernel())).toBe(committed)
})

/** The receipts of the columns, one by one; asset names ascend like player numbers. */
function asReceipts(receipts: SynergyReceipts) {
  return [...receipts.receiptNumbers].map((number, receipt) => ({
    number,
    assets: Array.from({ length: receipts.playerCount }, (_, player) => `asset ${player + 10}`),
    worthOf: synergyWorth(receipts, receipt),
  }))
}
