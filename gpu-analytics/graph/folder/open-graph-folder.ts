import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Csr } from '../csr.ts'
import type { EdgeSlab, EdgeSlabs } from '../edge-slab.ts'
import type { NormalisedWeights } from '../normalise-weights.ts'
import { xxhash32 } from '../packed/xxhash32.ts'
import { ArrayFile } from './array-file.ts'
import {
  GraphFolderDamagedError,
  GraphFolderMissingError,
  systemCodeOf,
  withFolderErrors,
} from './folder-error.ts'
import {
  DATA_FILES,
  type FolderHeader,
  HEADER_FILE,
  type SlabEntry,
  parseHeader,
  slabDigest,
} from './folder-header.ts'

/** A graph on disk: what belongs to its nodes is in memory, its edges are read in slabs. */
export type GraphFolder = AsyncDisposable & {
  readonly nodeCount: number
  readonly edgeCount: number
  readonly outDegrees: Uint32Array
  /** Per node as in `NormalisedWeights`, or `equal` where rows had no weights. */
  readonly shifts: Uint8Array | 'equal'
  /**
   * Reads all edges, one slab ahead; each slab is held against its digest the first time. The arrays
   * of a slab are used again for the slab after the next, so copy what is to stay.
   */
  readonly slabs: EdgeSlabs
  readonly mergedRowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
}

/**
 * Opens the graph that `buildGraphFolder` made.
 *
 * @example
 * await using graph = await openGraphFolder('/var/graphs/epoch-12')
 * for await (const slab of graph.slabs()) console.log(slab.sources.length)
 *
 * @throws {GraphFolderMissingError | GraphFolderDamagedError | GraphFolderUnreadableError}
 */
export async function openGraphFolder(folder: string): Promise<GraphFolder> {
  return withFolderErrors(folder, async () => {
    const header = parseHeader(await headerTextOf(folder), folder)
    checkSlabs(header, folder)
    const files = await openFiles(folder, header)
    try {
      return await graphFolderOf(folder, header, files)
    } catch (error) {
      await closeFiles(files)
      throw error
    }
  })
}

/** The edges of a folder in memory, for engines that want them there. */
export async function readGraphFolder(
  folder: GraphFolder,
): Promise<{ graph: Csr; weights: NormalisedWeights | 'equal' }> {
  const { nodeCount, edgeCount, outDegrees, shifts } = folder
  const inOffsets = new Uint32Array(nodeCount + 1)
  const sources = new Uint32Array(edgeCount)
  const mantissas = new Uint32Array(shifts === 'equal' ? 0 : edgeCount)
  let first = 0
  for await (const slab of folder.slabs()) {
    sources.set(slab.sources, first)
    if (slab.mantissas !== undefined) mantissas.set(slab.mantissas, first)
    for (let row = 1; row < slab.inOffsets.length; row++) {
      inOffsets[slab.firstRow + row] = first + (slab.inOffsets[row] ?? 0)
    }
    first += slab.sources.length
  }
  const graph = { nodeCount, inOffsets, sources, outDegrees }
  return { graph, weights: shifts === 'equal' ? 'equal' : { mantissas, shifts } }
}

type Files = Readonly<Record<keyof typeof DATA_FILES, ArrayFile>>

async function headerTextOf(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, HEADER_FILE), 'utf8')
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new GraphFolderMissingError(folder)
    throw error
  }
}

function checkSlabs({ slabs, nodeCount, edgeCount }: FolderHeader, folder: string): void {
  let row = 0
  let edges = 0
  for (const slab of slabs) {
    const isNext = slab.firstRow === row || slab.firstRow === row - 1
    if (!isNext || slab.firstRow + slab.rowCount > nodeCount) {
      throw new GraphFolderDamagedError(folder, `rows from ${row} on`, `${slab.firstRow}`)
    }
    row = slab.firstRow + slab.rowCount
    edges += slab.edgeCount
  }
  if (row !== nodeCount || edges !== edgeCount) {
    const expected = `${nodeCount} rows of ${edgeCount} edges`
    throw new GraphFolderDamagedError(folder, expected, `${row} of ${edges}`)
  }
}

async function openFiles(folder: string, header: FolderHeader): Promise<Files> {
  const { nodeCount, edgeCount, isWeighted, slabs } = header
  const sizes = {
    inOffsets: slabs.reduce((total, slab) => total + 4 * (slab.rowCount + 1), 0),
    sources: 4 * edgeCount,
    mantissas: isWeighted ? 4 * edgeCount : 0,
    outDegrees: 4 * nodeCount,
    shifts: isWeighted ? nodeCount : 0,
  }
  const opened = new Map<string, ArrayFile>()
  const openOne = async (name: keyof typeof DATA_FILES): Promise<ArrayFile> => {
    const path = join(folder, header.dataFolder, DATA_FILES[name])
    const file = await ArrayFile.open(path).catch((error: unknown) => {
      if (systemCodeOf(error) !== 'ENOENT') throw error
      throw new GraphFolderDamagedError(folder, DATA_FILES[name], 'no such file')
    })
    opened.set(name, file)
    const size = await file.byteLength()
    if (size === sizes[name]) return file
    const expected = `${sizes[name]} bytes of ${DATA_FILES[name]}`
    throw new GraphFolderDamagedError(folder, expected, `${size}`)
  }
  try {
    return {
      inOffsets: await openOne('inOffsets'),
      sources: await openOne('sources'),
      mantissas: await openOne('mantissas'),
      outDegrees: await openOne('outDegrees'),
      shifts: await openOne('shifts'),
    }
  } catch (error) {
    for (const file of opened.values()) await file[Symbol.asyncDispose]()
    throw error
  }
}

async function closeFiles(files: Files): Promise<void> {
  for (const file of Object.values(files)) await file[Symbol.asyncDispose]()
}

async function graphFolderOf(
  folder: string,
  header: FolderHeader,
  files: Files,
): Promise<GraphFolder> {
  const { nodeCount, edgeCount, isWeighted } = header
  const outDegrees = new Uint32Array(nodeCount)
  const shifts = new Uint8Array(isWeighted ? nodeCount : 0)
  await files.outDegrees.readInto(outDegrees, 0)
  await files.shifts.readInto(shifts, 0)
  const isWhole =
    slabDigest([outDegrees]) === header.outDegreesDigest && xxhash32(shifts) === header.shiftsDigest
  if (!isWhole) throw new GraphFolderDamagedError(folder, 'nodes as they were built', 'others')
  return {
    nodeCount,
    edgeCount,
    outDegrees,
    shifts: isWeighted ? shifts : 'equal',
    slabs: slabReader(folder, header, files),
    mergedRowCount: header.mergedRowCount,
    selfLoopCount: header.selfLoopCount,
    zeroWeightRowCount: header.zeroWeightRowCount,
    [Symbol.asyncDispose]: () => closeFiles(files),
  }
}

function slabReader(folder: string, header: FolderHeader, files: Files): EdgeSlabs {
  const places = placesOf(header.slabs)
  const checked = new Set<number>()
  const freeRings: SlabArrays[][] = []
  const read = (index: number, ring: readonly SlabArrays[]): Promise<EdgeSlab> | undefined => {
    const place = places[index]
    const arrays = ring[index % ring.length]
    if (place === undefined || arrays === undefined) return undefined
    const reading = withFolderErrors(folder, async () => {
      const slab = await readSlab(folder, files, place, arrays, !checked.has(index))
      checked.add(index)
      return slab
    })
    reading.catch(() => undefined)
    return reading
  }
  return async function* slabs() {
    const ring = freeRings.pop() ?? Array.from({ length: RING_LENGTH }, () => arraysFor(header))
    let next = read(0, ring)
    try {
      for (let index = 0; next !== undefined; index++) {
        const slab = await next
        next = read(index + 1, ring)
        yield slab
      }
      freeRings.push(ring)
    } finally {
      await next?.catch(() => undefined)
    }
  }
}

/** The slab in use, the one before and the one that is being read. */
const RING_LENGTH = 3

type SlabArrays = {
  readonly inOffsets: Uint32Array
  readonly sources: Uint32Array
  readonly mantissas: Uint32Array | undefined
}

function arraysFor({ slabs, isWeighted }: FolderHeader): SlabArrays {
  const edgeCountMax = slabs.reduce((most, slab) => Math.max(most, slab.edgeCount), 0)
  const rowCountMax = slabs.reduce((most, slab) => Math.max(most, slab.rowCount), 0)
  return {
    inOffsets: new Uint32Array(rowCountMax + 1),
    sources: new Uint32Array(edgeCountMax),
    mantissas: isWeighted ? new Uint32Array(edgeCountMax) : undefined,
  }
}

type SlabPlace = {
  readonly entry: SlabEntry
  readonly firstEdge: number
  readonly firstOffset: number
}

function placesOf(slabs: readonly SlabEntry[]): SlabPlace[] {
  let firstEdge = 0
  let firstOffset = 0
  return slabs.map((entry) => {
    const place = { entry, firstEdge, firstOffset }
    firstEdge += entry.edgeCount
    firstOffset += entry.rowCount + 1
    return place
  })
}

async function readSlab(
  folder: string,
  files: Files,
  { entry, firstEdge, firstOffset }: SlabPlace,
  arrays: SlabArrays,
  isToBeChecked: boolean,
): Promise<EdgeSlab> {
  const { firstRow, rowCount, edgeCount } = entry
  const inOffsets = arrays.inOffsets.subarray(0, rowCount + 1)
  const sources = arrays.sources.subarray(0, edgeCount)
  const mantissas = arrays.mantissas?.subarray(0, edgeCount)
  const isWhole =
    (await files.inOffsets.readInto(inOffsets, 4 * firstOffset)) &&
    (await files.sources.readInto(sources, 4 * firstEdge)) &&
    (mantissas === undefined || (await files.mantissas.readInto(mantissas, 4 * firstEdge)))
  const read = mantissas === undefined ? [inOffsets, sources] : [inOffsets, sources, mantissas]
  if (!isWhole || (isToBeChecked && slabDigest(read) !== entry.digest)) {
    const found = `others in the slab of row ${firstRow}`
    throw new GraphFolderDamagedError(folder, 'edges as they were built', found)
  }
  const slab = { firstRow, inOffsets, sources }
  return mantissas === undefined ? slab : { ...slab, mantissas }
}
