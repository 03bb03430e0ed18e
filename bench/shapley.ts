import {
  type Sampling,
  type UsedTogether,
  allOrAnyGame,
  anyOfEachGroupGame,
  createWasmSynergies,
  exactGame,
  keyPointGame,
  referenceSynergySampler,
  roleBlockGame,
  sampleSynergies,
  shapleyOfReceipts,
  synergyWorth,
} from '@foggara/gpu-analytics'

import { type Measurement, median, publish } from './measurement.ts'

/** How many receipts does a core divide exactly, and how many random orders does it walk? */

const ROUND_COUNT = 5
const ORDER_COUNT = 1024
const sampling: Sampling = { epochKey: 1n, permutationCount: ORDER_COUNT, walks: 'forward' }
const bothWays: Sampling = { ...sampling, walks: 'forward-and-back' }
const wasm = await createWasmSynergies()
const measurements: Measurement[] = []

/** Median of processor time, all threads of the process together, after one warm-up. */
async function measure(
  {
    unit,
    ...what
  }: { readonly subject: string; readonly contender: string; readonly unit: string },
  count: number,
  work: () => unknown,
): Promise<void> {
  await work()
  const rates: number[] = []
  for (let round = 0; round < ROUND_COUNT; round++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    rates.push((count * 1e6) / (user + system))
  }
  const value = median(rates)
  const baseline = measurements.find(
    ({ subject, contender }) => subject === what.subject && contender !== what.contender,
  )
  measurements.push({
    ...what,
    quantity: `${unit} per second of processor time`,
    value,
    unit: `${unit}/s`,
    ...(baseline === undefined
      ? {}
      : { ratio: { to: baseline.contender, times: value / baseline.value } }),
  })
}

for (const [playerCount, count] of [
  [4, 40_000],
  [6, 40_000],
  [8, 20_000],
  [10, 5000],
  [12, 1500],
  [16, 60],
] as const) {
  const receipts = sampleSynergies(count, playerCount)
  const subject = `exact, ${playerCount} assets with synergies`
  const unit = 'receipts'
  await measure({ subject, contender: 'WASM', unit }, count, () => wasm.exact(receipts))
  if (playerCount > 12) continue
  const list = used(Math.ceil(count / 40), playerCount).map(({ assets }, receipt) => ({
    assets,
    worthOf: synergyWorth(receipts, receipt),
  }))
  const game = exactGame(({ worthOf }: (typeof list)[0]) => worthOf)
  await measure({ subject, contender: 'TypeScript, any game', unit }, list.length, () =>
    shapleyOfReceipts(list, game),
  )
}

const groupOf = (asset: string) => (asset < 'asset 3' ? 'few' : 'many')
for (const playerCount of [4, 16]) {
  const list = used(20_000, playerCount).map(({ assets }, receipt) => ({
    assets,
    worth: BigInt(receipt) * 10n ** 15n,
    keyPoints: [assets.map((_, player) => BigInt((player * 7 + receipt) % 97))],
  }))
  const unit = 'receipts'
  const subject = `closed forms, ${playerCount} assets`
  for (const [contender, divide] of [
    ['all or any', () => shapleyOfReceipts(list, allOrAnyGame())],
    ['one of each group', () => shapleyOfReceipts(list, anyOfEachGroupGame(groupOf))],
    ['role blocks', () => shapleyOfReceipts(list, roleBlockGame(groupOf))],
    ['one key point', () => shapleyOfReceipts(list, keyPointGame())],
  ] as const) {
    await measure({ subject, contender, unit }, list.length, divide)
  }
}

for (const playerCount of [13, 16, 24, 32]) {
  const receipts = sampleSynergies(128, playerCount)
  const orderCount = 128 * ORDER_COUNT
  const subject = `random orders of ${playerCount} assets`
  const unit = 'orders'
  await measure({ subject, contender: 'WASM', unit }, orderCount, () =>
    wasm.sample(receipts, sampling),
  )
  await measure({ subject, contender: 'WASM, walked both ways', unit }, orderCount, () =>
    wasm.sample(receipts, bothWays),
  )
  const few = sampleSynergies(8, playerCount)
  await measure({ subject, contender: 'TypeScript', unit }, 8 * ORDER_COUNT, () =>
    referenceSynergySampler.sample(few, sampling),
  )
}
publish(
  'How many receipts does a core divide, and how many random orders does it walk?',
  measurements,
)

function used(count: number, playerCount: number): UsedTogether[] {
  const names = Array.from({ length: 40 }, (_, asset) => `asset ${String(asset).padStart(2, '0')}`)
  return Array.from({ length: count }, (_, receipt) => ({
    assets: Array.from(
      { length: playerCount },
      (_player, player) => names[(receipt + player) % names.length] ?? '',
    ),
  }))
}
