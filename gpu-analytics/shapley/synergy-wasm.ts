import { checkNotAborted } from '../run-aborted.ts'
import { coalitionFactors } from './exact-game.ts'
import { EXACT_PLAYERS_MAX, TooManyPlayersError } from './game.ts'
import { KernelRoom } from './kernel-room.ts'
import { nextTask } from './next-task.ts'
import { type Sampling, checkSampling, walkCountOf } from './sampling.ts'
import { type SynergyKernels, instantiateSynergyKernels } from './synergy-kernels.ts'
import {
  type SynergyReceipts,
  type SynergySampler,
  type SynergySums,
  checkSynergyReceipts,
  sliceSynergyReceipts,
} from './synergy-receipts.ts'

/** What one call may do before the platform gets its turn: some tens of milliseconds. */
const WALKS_PER_CALL = 2 ** 17
const COALITIONS_PER_CALL = 2 ** 22
const RECEIPTS_PER_CALL = 2 ** 14

/** Random walks and exact values of receipts with synergies, on one thread in WASM. */
export type WasmSynergies = SynergySampler & {
  readonly name: 'wasm'
  /**
   * The exact values as parts of 720720, per receipt and player; up to 16 players.
   *
   * @throws {SynergyReceiptsError | TooManyPlayersError}
   * @throws {RunAbortedError} when the signal says so.
   */
  readonly exact: (
    receipts: SynergyReceipts,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<BigUint64Array>
}

/**
 * Readies the compiled kernels.
 *
 * @throws {SynergyKernelsUnavailableError}
 */
export async function createWasmSynergies(): Promise<WasmSynergies> {
  const kernels = await instantiateSynergyKernels()
  return {
    name: 'wasm',
    sample: async (receipts, sampling, { signal } = {}) => {
      checkSynergyReceipts(receipts)
      checkSampling(sampling)
      const sums = new BigUint64Array(receipts.weights.length)
      const squareSums = new BigUint64Array(2 * sums.length)
      const perCall = receiptsPerCall(WALKS_PER_CALL, Number(walkCountOf(sampling)))
      for await (const { first, slice } of slices(receipts, perCall, signal)) {
        const drawn = sampleSlice(kernels, slice, sampling)
        sums.set(drawn.sums, first * receipts.playerCount)
        squareSums.set(drawn.squareSums, 2 * first * receipts.playerCount)
      }
      return { sums, squareSums }
    },
    exact: async (receipts, { signal } = {}) => {
      checkSynergyReceipts(receipts)
      if (receipts.playerCount > EXACT_PLAYERS_MAX) {
        throw new TooManyPlayersError(EXACT_PLAYERS_MAX, receipts.playerCount)
      }
      const numerators = new BigUint64Array(receipts.weights.length)
      const perCall = receiptsPerCall(COALITIONS_PER_CALL, 2 ** receipts.playerCount)
      for await (const { first, slice } of slices(receipts, perCall, signal)) {
        numerators.set(exactSlice(kernels, slice), first * receipts.playerCount)
      }
      return numerators
    },
  }
}

function receiptsPerCall(stepsPerCall: number, stepsPerReceipt: number): number {
  return Math.max(1, Math.min(RECEIPTS_PER_CALL, Math.floor(stepsPerCall / stepsPerReceipt)))
}

async function* slices(receipts: SynergyReceipts, perCall: number, signal?: AbortSignal) {
  const receiptCount = receipts.receiptNumbers.length
  for (let first = 0; first < receiptCount; first += perCall) {
    await nextTask()
    checkNotAborted(signal, `${first} receipts`)
    yield { first, slice: sliceSynergyReceipts(receipts, first, first + perCall) }
  }
}

function sampleSlice(
  kernels: SynergyKernels,
  receipts: SynergyReceipts,
  sampling: Sampling,
): SynergySums {
  const room = new KernelRoom(kernels)
  const valueCount = receipts.weights.length
  const numbersAt = room.put(receipts.receiptNumbers)
  const capsAt = room.put(receipts.caps)
  const weightsAt = room.put(receipts.weights)
  const synergiesAt = room.put(receipts.synergies)
  const sumsAt = room.put(new BigUint64Array(valueCount))
  const squareSumsAt = room.put(new BigUint64Array(2 * valueCount))
  kernels.sampleSynergies(
    receipts.receiptNumbers.length,
    receipts.playerCount,
    numbersAt,
    weightsAt,
    synergiesAt,
    capsAt,
    sampling.epochKey,
    sampling.permutationCount,
    sampling.walks === 'forward' ? 0 : 1,
    sumsAt,
    squareSumsAt,
  )
  return {
    sums: room.read(sumsAt, valueCount),
    squareSums: room.read(squareSumsAt, 2 * valueCount),
  }
}

function exactSlice(kernels: SynergyKernels, receipts: SynergyReceipts): BigUint64Array {
  const { playerCount } = receipts
  const room = new KernelRoom(kernels)
  const numeratorsAt = room.put(new BigUint64Array(receipts.weights.length))
  const addresses = [
    room.put(receipts.weights),
    room.put(receipts.synergies),
    room.put(receipts.caps),
    room.put(BigUint64Array.from(coalitionFactors(playerCount))),
    room.put(new BigUint64Array(2 ** playerCount)),
    numeratorsAt,
  ]
  kernels.exactSynergies(receipts.caps.length, playerCount, ...addresses)
  return room.read(numeratorsAt, receipts.weights.length)
}
