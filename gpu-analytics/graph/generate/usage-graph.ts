import type { EdgeColumns } from '../edge-columns.ts'
import { writeFee } from './fee.ts'
import { drawAt, permuteBelow, powerLawBelow } from './mix.ts'

/** How large a generated economy is; equal options give equal rows on every machine. */
export type UsageGraphOptions = {
  readonly assetCount: number
  readonly consumerCount: number
  readonly receiptCount: number
  /** Provenance edges drawn per asset; 3 when left out. */
  readonly parentsPerAsset?: number
  /** A 32-bit number; 1 when left out. */
  readonly seed?: number
}

/** A generated economy as an edge list, with what its nodes pass on. */
export type UsageGraph = {
  /** Assets and consumers together, numbered without regard to their popularity. */
  readonly nodeCount: number
  /**
   * First one row per receipt, from its consumer to the asset that it paid, weighing its fee in wei;
   * then the provenance rows, from child to parent. Pairs repeat.
   */
  readonly edges: EdgeColumns
  /** Per node, as u32 / 2^32: consumers pass everything they can, assets the shares they owe. */
  readonly passThroughQ32: Uint32Array
}

/**
 * Generates an economy: who uses what follows power laws on both sides, and every asset but the
 * first few is made from older ones, mostly from popular ones.
 */
export function generateUsageGraph(options: UsageGraphOptions): UsageGraph {
  const { assetCount, consumerCount, receiptCount, parentsPerAsset = 3, seed = 1 } = options
  const nodeCount = assetCount + consumerCount
  const rowCount = receiptCount + (assetCount - 1) * parentsPerAsset
  const sources = new Uint32Array(rowCount)
  const targets = new Uint32Array(rowCount)
  const weights = new BigUint64Array(2 * rowCount)
  const limbs = new Uint32Array(weights.buffer)
  for (let row = 0; row < receiptCount; row++) {
    const consumer = powerLawBelow(drawAt(seed, 2 * row), consumerCount)
    const asset = powerLawBelow(drawAt(seed, 2 * row + 1), assetCount)
    sources[row] = permuteBelow(assetCount + consumer, nodeCount, seed)
    targets[row] = permuteBelow(asset, nodeCount, seed)
    writeFee(limbs, row, seed ^ 0x2545f491, row)
  }
  let row = receiptCount
  for (let child = 1; child < assetCount; child++) {
    for (let parent = 0; parent < parentsPerAsset; parent++) {
      sources[row] = permuteBelow(child, nodeCount, seed)
      const draw = drawAt(seed ^ 0x632be5ab, row)
      targets[row] = permuteBelow(powerLawBelow(draw, child), nodeCount, seed)
      limbs[4 * row] = 1_000_000 + (drawAt(seed ^ 0x1b873593, row) % 9_000_000)
      row++
    }
  }
  return {
    nodeCount,
    edges: { sources, targets, weights },
    passThroughQ32: passThroughOf(options),
  }
}

/** Consumers pass .99; assets between .02 and .64, as if they owed that much to their parents. */
function passThroughOf({ assetCount, consumerCount, seed = 1 }: UsageGraphOptions): Uint32Array {
  const nodeCount = assetCount + consumerCount
  const passThroughQ32 = new Uint32Array(nodeCount).fill(4_252_017_623)
  for (let asset = 0; asset < assetCount; asset++) {
    const draw = drawAt(seed ^ 0x3c6ef372, asset)
    passThroughQ32[permuteBelow(asset, nodeCount, seed)] = 85_899_345 * (1 + (draw % 32))
  }
  return passThroughQ32
}
