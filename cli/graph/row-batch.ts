import type { WeightCell } from './weight-cell.ts'

/** Some rows of an edge file, with numbers for ids. */
export type RowBatch = {
  rowCount: number
  /** The finest of its weights: so many digits stand after the point. */
  scaleMax: number
  readonly sources: Uint32Array
  readonly targets: Uint32Array
  /** A row weighs `digits · 10^-scale`, unless `large` has its digits. */
  readonly digits: Float64Array
  readonly scales: Uint8Array
  readonly large: Map<number, bigint>
  readonly lines: Float64Array
}

/** The greatest weight of a batch, with the line to blame when it does not fit. */
export type Greatest = { readonly digits: bigint; readonly scale: number; readonly line: number }

/** How many rows a batch has room for. */
export const BATCH_ROW_COUNT = 1 << 18

/** An empty batch. */
export function emptyBatch(): RowBatch {
  return {
    rowCount: 0,
    scaleMax: 0,
    sources: new Uint32Array(BATCH_ROW_COUNT),
    targets: new Uint32Array(BATCH_ROW_COUNT),
    digits: new Float64Array(BATCH_ROW_COUNT),
    scales: new Uint8Array(BATCH_ROW_COUNT),
    large: new Map(),
    lines: new Float64Array(BATCH_ROW_COUNT),
  }
}

/** Adds a row to a batch that has room. */
export function addRow(
  batch: RowBatch,
  source: number,
  target: number,
  weight: WeightCell,
  line: number,
): void {
  const row = batch.rowCount++
  batch.sources[row] = source
  batch.targets[row] = target
  batch.digits[row] = weight.digits
  batch.scales[row] = weight.scale
  batch.lines[row] = line
  if (weight.scale > batch.scaleMax) batch.scaleMax = weight.scale
  if (weight.large !== undefined) batch.large.set(row, weight.large)
}

/** The greatest weight; of two that a double cannot tell apart, either. */
export function greatestOf(batch: RowBatch): Greatest {
  let row = 0
  let greatest = 0
  for (let candidate = 0; candidate < batch.rowCount; candidate++) {
    const weight = (batch.digits[candidate] ?? 0) / 10 ** (batch.scales[candidate] ?? 0)
    if (weight <= greatest) continue
    greatest = weight
    row = candidate
  }
  return {
    digits: batch.large.get(row) ?? BigInt(batch.digits[row] ?? 0),
    scale: batch.scales[row] ?? 0,
    line: batch.lines[row] ?? 0,
  }
}

/** The weights times `10^scale`, two limbs each, the low one first. */
export function scaledWeights(batch: RowBatch, scale: number): BigUint64Array {
  const weights = new BigUint64Array(2 * batch.rowCount)
  const limbs = new Uint32Array(weights.buffer)
  for (let row = 0; row < batch.rowCount; row++) {
    const own = batch.scales[row] ?? 0
    const digits = batch.digits[row] ?? 0
    const scaled = digits * 10 ** (scale - own)
    if (scaled <= Number.MAX_SAFE_INTEGER) {
      limbs[4 * row] = scaled
      limbs[4 * row + 1] = scaled / 2 ** 32
    } else {
      const exact = (batch.large.get(row) ?? BigInt(digits)) * 10n ** BigInt(scale - own)
      weights[2 * row] = BigInt.asUintN(64, exact)
      weights[2 * row + 1] = exact >> 64n
    }
  }
  return weights
}
