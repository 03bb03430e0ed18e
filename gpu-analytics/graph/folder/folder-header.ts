import { xxhash32 } from '../packed/xxhash32.ts'
import { GraphFolderDamagedError } from './folder-error.ts'

/** What `graph.json` of a folder says; it is written last. */
export type FolderHeader = {
  /** The folder of the data files within the graph's folder. */
  readonly dataFolder: string
  readonly nodeCount: number
  readonly edgeCount: number
  readonly isWeighted: boolean
  readonly mergedRowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
  /** XXH32 of the files of the nodes. */
  readonly outDegreesDigest: number
  readonly shiftsDigest: number
  readonly slabs: readonly SlabEntry[]
}

/** A slab: its first row, its rows, its edges, and the XXH32 of its offsets, sources and mantissas. */
export type SlabEntry = {
  readonly firstRow: number
  readonly rowCount: number
  readonly edgeCount: number
  readonly digest: number
}

/** The names of the files; each holds one array, the lowest byte first. */
export const HEADER_FILE = 'graph.json'
export const DATA_FILES = {
  /** Per slab one offset per row and one more. */
  inOffsets: 'in-offsets.u32',
  sources: 'sources.u32',
  mantissas: 'mantissas.u32',
  outDegrees: 'out-degrees.u32',
  shifts: 'shifts.u8',
} as const

const FORMAT = 'foggara-graph-1'
/** The digest of the arrays of a slab. */
export function slabDigest(arrays: readonly Uint32Array[]): number {
  let digest = 0
  for (const array of arrays) {
    digest = xxhash32(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), digest)
  }
  return digest
}

/** The text of `graph.json`. */
export function headerText(header: FolderHeader): string {
  const { slabs, ...rest } = header
  const list = slabs.map((slab) => [slab.firstRow, slab.rowCount, slab.edgeCount, slab.digest])
  const content = { format: FORMAT, ...rest, slabs: list }
  const digest = xxhash32(new TextEncoder().encode(JSON.stringify(content)))
  return `${JSON.stringify({ ...content, digest })}\n`
}

/**
 * Parses `graph.json`.
 *
 * @throws {GraphFolderDamagedError}
 */
export function parseHeader(text: string, folder: string): FolderHeader {
  const damaged = (found: string) =>
    new GraphFolderDamagedError(folder, `a ${HEADER_FILE} of ${FORMAT}`, found)
  const parsed = jsonObjectOf(text)
  if (parsed === undefined) throw damaged('other text')
  const { digest, ...content } = parsed
  if (content['format'] !== FORMAT) throw damaged('another format')
  if (digest !== xxhash32(new TextEncoder().encode(JSON.stringify(content)))) {
    throw damaged('a digest that differs')
  }
  const { dataFolder, isWeighted, slabs } = content
  if (typeof dataFolder !== 'string' || !/^data-\d+$/.test(dataFolder)) {
    throw damaged('another data folder')
  }
  if (!Array.isArray(slabs) || typeof isWeighted !== 'boolean') throw damaged('no slabs')
  const countOf = (name: string) => {
    const count = content[name]
    if (!isCount(count)) throw damaged(`another ${name}`)
    return count
  }
  return {
    dataFolder,
    nodeCount: countOf('nodeCount'),
    edgeCount: countOf('edgeCount'),
    isWeighted,
    mergedRowCount: countOf('mergedRowCount'),
    selfLoopCount: countOf('selfLoopCount'),
    zeroWeightRowCount: countOf('zeroWeightRowCount'),
    outDegreesDigest: countOf('outDegreesDigest'),
    shiftsDigest: countOf('shiftsDigest'),
    slabs: slabs.map((slab) => slabEntryOf(slab, damaged)),
  }
}

function slabEntryOf(slab: unknown, damaged: (found: string) => Error): SlabEntry {
  if (!Array.isArray(slab) || slab.length !== 4 || !slab.every(isCount)) {
    throw damaged('another slab')
  }
  const [firstRow = 0, rowCount = 0, edgeCount = 0, digest = 0] = slab
  return { firstRow, rowCount, edgeCount, digest }
}

function jsonObjectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    return Object.fromEntries(Object.entries(value))
  } catch {
    return undefined
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
