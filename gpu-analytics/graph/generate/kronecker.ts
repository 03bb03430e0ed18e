import type { EdgeColumns } from '../edge-columns.ts'
import { writeFee } from './fee.ts'
import { drawAt, mix32, permuteBits } from './mix.ts'

/** The last 16-bit draws that take the first, second and third quadrant. */
const KRONECKER_LASTS = [37_354, 49_806, 62_258] as const
const RMAT_LASTS = [35_388, 48_495, 61_603] as const

/** What a recursive-matrix graph is drawn from; equal options give equal rows on every machine. */
export type KroneckerOptions = {
  /** The graph has `2^scale` nodes. At most 31. */
  readonly scale: number
  /** Rows drawn per node; 16 when left out, as in Graph500 and GAP. */
  readonly edgeFactor?: number
  /** A 32-bit number; 1 when left out. */
  readonly seed?: number
  /** Whether every drawn row carries a fee in wei; without it there is no weight column. */
  readonly weights?: 'fees'
}

/**
 * The Kronecker graph of Graph500 and GAP: initiator .57 .19 .19 .05, shuffled node numbers, every
 * drawn row in both directions. Pairs repeat and self loops occur; `buildCsr` merges and drops them.
 */
export function generateKronecker(options: KroneckerOptions): EdgeColumns {
  return drawRows(options, 0, rowCountOf(options), 2)
}

/** `generateKronecker` in pieces of at most `rowCountMax` rows, for graphs larger than memory. */
export function* generateKroneckerChunks(
  options: KroneckerOptions,
  rowCountMax: number,
): Generator<EdgeColumns> {
  yield* drawChunks(options, Math.max(1, rowCountMax >> 1), 2)
}

/**
 * A directed recursive-matrix graph, initiator .54 .20 .20 .06, so that many nodes have no out-edge:
 * 21 % at scale 12, 31 % at 16, 40 % at 20.
 */
export function generateDirectedRmat(options: KroneckerOptions): EdgeColumns {
  return drawRows(options, 0, rowCountOf(options), 1)
}

/** `generateDirectedRmat` in pieces of at most `rowCountMax` rows, for graphs larger than memory. */
export function* generateDirectedRmatChunks(
  options: KroneckerOptions,
  rowCountMax: number,
): Generator<EdgeColumns> {
  yield* drawChunks(options, Math.max(1, rowCountMax), 1)
}

function* drawChunks(
  options: KroneckerOptions,
  drawCountMax: number,
  directionCount: 1 | 2,
): Generator<EdgeColumns> {
  const drawCount = rowCountOf(options)
  for (let first = 0; first < drawCount; first += drawCountMax) {
    const end = Math.min(drawCount, first + drawCountMax)
    yield drawRows(options, first, end, directionCount)
  }
}

function rowCountOf({ scale, edgeFactor = 16 }: KroneckerOptions): number {
  return 2 ** scale * edgeFactor
}

/** Two levels are decided by one 32-bit draw: each takes a quadrant by comparing 16 of its bits. */
function drawRows(
  options: KroneckerOptions,
  first: number,
  end: number,
  directionCount: 1 | 2,
): EdgeColumns {
  const { scale, seed = 1 } = options
  const [a, b, c] = directionCount === 2 ? KRONECKER_LASTS : RMAT_LASTS
  const rowCount = (end - first) * directionCount
  const sources = new Uint32Array(rowCount)
  const targets = new Uint32Array(rowCount)
  let row = 0
  for (let index = first; index < end; index++) {
    const key = drawAt(seed, index) + mix32((index / 2 ** 32) | 0)
    let source = 0
    let target = 0
    for (let level = 0; level < scale; level++) {
      const draw = mix32(key + Math.imul(level >> 1, 0x9e3779b9))
      const part = (level & 1) === 0 ? draw & 0xffff : draw >>> 16
      const quadrant = ((a - part) >>> 31) + ((b - part) >>> 31) + ((c - part) >>> 31)
      source = (source << 1) | (quadrant >> 1)
      target = (target << 1) | (quadrant & 1)
    }
    source = permuteBits(source >>> 0, scale, seed)
    target = permuteBits(target >>> 0, scale, seed)
    sources[row] = source
    targets[row] = target
    row++
    if (directionCount === 1) continue
    sources[row] = target
    targets[row] = source
    row++
  }
  if (options.weights === undefined) return { sources, targets }
  const weights = new BigUint64Array(2 * rowCount)
  const limbs = new Uint32Array(weights.buffer)
  for (let place = 0; place < rowCount; place++) {
    writeFee(limbs, place, mix32(seed + 0x5bd1e995), first * directionCount + place)
  }
  return { sources, targets, weights }
}
