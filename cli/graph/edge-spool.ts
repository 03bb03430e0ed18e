import { type FileHandle, open, rm } from 'node:fs/promises'

import type { EdgeColumns } from '@foggara/gpu-analytics'
import { FatalError } from '@foggara/schema'

import { type Column, readAt, writeAt } from './column-file.ts'
import { type Greatest, type RowBatch, greatestOf, scaledWeights } from './row-batch.ts'

/** Rows put aside on disk, as numbers, until all of them are known. */
export type EdgeSpool = AsyncDisposable & {
  readonly add: (batch: RowBatch) => Promise<void>
  readonly rowCount: () => number
  /** The power of ten that all weights are multiplied by. */
  readonly scale: () => number
  /**
   * Every row, with its nodes renumbered; may be asked for several times.
   *
   * @throws {WeightScaleError} when a weight is too large beside the finest one.
   */
  readonly read: (renumber: Uint32Array) => AsyncGenerator<EdgeColumns>
}

/** Exclusive bound of a scaled weight. */
const WEIGHT_BOUND = 1n << 128n

/** Puts rows aside in `path`, which disposing removes. */
export async function openEdgeSpool(
  path: string,
  source: { readonly file: string; readonly isWeighted: boolean },
): Promise<EdgeSpool> {
  const { isWeighted } = source
  const file = await open(path, 'w+')
  const batches: StoredBatch[] = []
  let end = 0
  let scale = 0
  return {
    rowCount: () => batches.reduce((count, batch) => count + batch.rowCount, 0),
    scale: () => scale,
    add: async (batch) => {
      const greatest = greatestOf(batch)
      const own = isWeighted ? batch.scaleMax : 0
      const columns: Column[] = [
        batch.sources.subarray(0, batch.rowCount),
        batch.targets.subarray(0, batch.rowCount),
      ]
      if (isWeighted) {
        checkFits(source.file, greatest, own)
        columns.push(scaledWeights(batch, own))
      }
      batches.push({ offset: end, rowCount: batch.rowCount, scale: own, greatest })
      scale = Math.max(scale, own)
      for (const column of columns) end += await writeAt(file, column, end)
    },
    read: async function* (renumber) {
      for (const batch of batches) checkFits(source.file, batch.greatest, scale)
      for (const batch of batches) yield await readBatch(file, batch, renumber, scale, isWeighted)
    },
    [Symbol.asyncDispose]: async () => {
      await file.close()
      await rm(path, { force: true })
    },
  }
}

type StoredBatch = {
  readonly offset: number
  readonly rowCount: number
  readonly scale: number
  readonly greatest: Greatest
}

async function readBatch(
  file: FileHandle,
  { offset, rowCount, scale: own }: StoredBatch,
  renumber: Uint32Array,
  scale: number,
  isWeighted: boolean,
): Promise<EdgeColumns> {
  const nodes = new Uint32Array(2 * rowCount)
  await readAt(file, nodes, offset)
  for (let place = 0; place < nodes.length; place++) {
    nodes[place] = renumber[nodes[place] ?? 0] ?? 0
  }
  const columns = { sources: nodes.subarray(0, rowCount), targets: nodes.subarray(rowCount) }
  if (!isWeighted) return columns
  const weights = new BigUint64Array(2 * rowCount)
  await readAt(file, weights, offset + nodes.byteLength)
  if (own < scale) multiply(weights, 10n ** BigInt(scale - own))
  return { ...columns, weights }
}

function multiply(weights: BigUint64Array, factor: bigint): void {
  for (let place = 0; place < weights.length; place += 2) {
    const [low = 0n, high = 0n] = [weights[place], weights[place + 1]]
    const product = ((high << 64n) | low) * factor
    weights[place] = BigInt.asUintN(64, product)
    weights[place + 1] = product >> 64n
  }
}

function checkFits(file: string, greatest: Greatest, scale: number): void {
  const { digits, scale: own, line } = greatest
  if (digits * 10n ** BigInt(scale - own) >= WEIGHT_BOUND) {
    throw new WeightScaleError(file, line, scale)
  }
}

/** A weight is too large to be multiplied by the power of ten that makes all weights whole. */
export class WeightScaleError extends FatalError {
  constructor(file: string, line: number, scale: number) {
    super(
      'WEIGHT_OUT_OF_RANGE',
      `${file} line ${line}: expected a weight below 2^128 in units of 10^-${scale}, found more`,
      { hint: `Some weight of the file has ${scale} digits after the point: write fewer.` },
    )
  }
}
