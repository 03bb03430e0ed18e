import type { Sampling } from '../sampling.ts'
import type { SynergyReceipts, SynergySampler } from '../synergy-receipts.ts'
import { sampleSynergies } from './sample-synergies.ts'

/** What a sampler is asked for, so that all can be compared. */
type Question = {
  readonly name: string
  readonly receipts: () => SynergyReceipts
  readonly sampling: Sampling
}

/** The sampling of the recorded answer: one walk per order, 1024 orders. */
const RECORDED_SAMPLING: Sampling = {
  epochKey: 42n | (1n << 32n),
  permutationCount: 1024,
  walks: 'forward',
}

/** Sizes at the edges of words, blocks of Philox, chunks of a thread and workgroups. */
const QUESTIONS: readonly Question[] = [
  {
    name: '64 receipts x 1024 orders x 16 players',
    receipts: () => sampleSynergies(64, 16),
    sampling: RECORDED_SAMPLING,
  },
  ...[1, 2, 3, 4, 5, 9, 31, 32].map((playerCount) => ({
    name: `3 receipts of ${playerCount} players, walked both ways`,
    receipts: () => sampleSynergies(3, playerCount),
    sampling: bothWays(65, 7n),
  })),
  {
    name: 'weights, synergies and caps as large as they may be',
    receipts: () => largestSynergies(2, 32),
    sampling: bothWays(130, (1n << 64n) - 1n),
  },
  {
    name: '70 receipts of 2 players, more walks than one call in WASM does',
    receipts: () => sampleSynergies(70, 2),
    sampling: bothWays(1024, 1n),
  },
  {
    name: '129 receipts of 2 orders',
    receipts: () => sampleSynergies(129, 3),
    sampling: bothWays(2, 0n),
  },
]

/** The sampler's digests of all questions, by name; equal samplers give equal answers. */
export async function synergyAnswers(sampler: SynergySampler): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const { name, receipts, sampling } of QUESTIONS) {
    const { sums, squareSums } = await sampler.sample(receipts(), sampling)
    answers[name] = `${digest(sums)} ${digest(squareSums)}`
  }
  return answers
}

/** FNV-1a over 64-bit words, as the recorded answer has it. */
function digest(words: BigUint64Array): string {
  let hash = 1_469_598_103_934_665_603n
  for (const word of words) hash = BigInt.asUintN(64, (hash ^ word) * 1_099_511_628_211n)
  return hash.toString(16)
}

function bothWays(permutationCount: number, epochKey: bigint): Sampling {
  return { epochKey, permutationCount, walks: 'forward-and-back' }
}

function largestSynergies(receiptCount: number, playerCount: number): SynergyReceipts {
  const receipts = sampleSynergies(receiptCount, playerCount)
  const word = 0xffff_ffff
  return {
    ...receipts,
    receiptNumbers: receipts.receiptNumbers.map((number) => (1n << 64n) - 1n - number),
    weights: receipts.weights.map(() => word),
    synergies: receipts.synergies.map((_, index) => {
      const [player, other] = [Math.floor(index / playerCount) % playerCount, index % playerCount]
      return player === other ? 0 : word
    }),
    caps: receipts.caps.map(() => (1n << 64n) - 1n),
  }
}
