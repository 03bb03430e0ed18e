import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { checkNotAborted } from '../../run-aborted.ts'
import type { EdgeColumns } from '../edge-columns.ts'
import { EdgeColumnsMismatchedError, bucketShiftOf, groupRows } from '../edge-rows.ts'
import { GraphKernel } from '../graph-kernel.ts'
import { xxhash32 } from '../packed/xxhash32.ts'
import { splitBucket } from '../split-bucket.ts'
import { ArrayFile } from './array-file.ts'
import { BucketFiles } from './bucket-files.ts'
import { cutSlabs } from './cut-slabs.ts'
import { EdgeFiles } from './edge-files.ts'
import { GraphFolderMemoryError, systemCodeOf, withFolderErrors } from './folder-error.ts'
import {
  DATA_FILES,
  type FolderHeader,
  HEADER_FILE,
  type SlabEntry,
  headerText,
  parseHeader,
  slabDigest,
} from './folder-header.ts'

/** How a graph is built on disk. */
export type FolderOptions = {
  readonly nodeCount: number
  /** Memory the build may use beside the chunks it is given; 1024 when left out. Unit: MiB. */
  readonly memoryMib?: number
  /** Edges of a slab; 2^20 when left out. */
  readonly slabEdgeCount?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: FolderProgress) => void
}

/** Rows are grouped as they come, then groups are sorted, then slabs of edges are normalised. */
export type FolderProgress = {
  readonly phase: 'group' | 'sort' | 'normalise'
  /** Rows while grouping and sorting, edges while normalising. */
  readonly count: number
  /** Unknown while rows still come. */
  readonly countMax?: number
}

const MIB = 2 ** 20
const NODE_BYTES = 72
/** What a group takes per byte of its rows while it is sorted. */
const SORT_FACTOR = 4
/** Rows sorted at once, so that they stay in a cache. */
const SORT_ROW_COUNT = 2 ** 15
const BUCKET_COUNT_ROWS = 256 * 16_384

/**
 * Builds the graph of any number of rows in a folder, within the given memory: the bits are those of
 * `buildCsr`. A graph that is there already stays readable until the new one is complete; a build
 * that fails, is stopped or is killed leaves no trace that a reader could see.
 *
 * @throws {NodeCountMalformedError | NodeOutOfRangeError | EdgeColumnsMismatchedError |
 *   EdgeWeightTooLargeError | GraphFolderFullError | GraphFolderUnreadableError |
 *   GraphFolderMemoryError | RunAbortedError}
 */
export async function buildGraphFolder(
  chunks: AsyncIterable<EdgeColumns> | Iterable<EdgeColumns>,
  folder: string,
  options: FolderOptions,
): Promise<void> {
  await withFolderErrors(folder, async () => {
    await mkdir(folder, { recursive: true })
    const former = await formerDataFolder(folder)
    await removeOthers(folder, former)
    const dataFolder = `data-${1 + Number(former?.slice('data-'.length) ?? 0)}`
    const path = join(folder, dataFolder)
    await mkdir(path)
    try {
      const header = await buildData(chunks, path, options)
      await writeFinally(folder, headerText({ ...header, dataFolder }))
      await removeOthers(folder, dataFolder)
    } catch (error) {
      await rm(path, { recursive: true, force: true })
      throw error
    }
  })
}

type DataHeader = Omit<FolderHeader, 'dataFolder'>

async function buildData(
  chunks: AsyncIterable<EdgeColumns> | Iterable<EdgeColumns>,
  path: string,
  options: FolderOptions,
): Promise<DataHeader> {
  const { nodeCount, memoryMib = 1024 } = options
  const shift = bucketShiftOf(BUCKET_COUNT_ROWS, nodeCount)
  const freeBytes = memoryMib * MIB - NODE_BYTES * nodeCount - 128 * MIB
  if (freeBytes < 0) {
    throw new GraphFolderMemoryError(Math.ceil(memoryMib - freeBytes / MIB), memoryMib)
  }
  await using buckets = new BucketFiles(path, nodeCount, shift)
  const counts = await groupChunks(chunks, buckets, options)
  const needed = 4 * buckets.wordCountMax() * SORT_FACTOR
  if (needed > freeBytes) {
    const neededMib = Math.ceil(memoryMib + (needed - freeBytes) / MIB)
    throw new GraphFolderMemoryError(neededMib, memoryMib)
  }
  const kernel = await GraphKernel.create(nodeCount, counts.isWeighted)
  await using edges = await EdgeFiles.create(path, counts.isWeighted)
  const rowLengths = await sortBuckets(buckets, kernel, edges, counts, options)
  if (counts.isWeighted) kernel.finishNodes()
  const slabs = await normaliseSlabs(kernel, edges, rowLengths, path, options)
  const { outDegrees, shifts } = kernel.readNodes()
  await writeFile(join(path, DATA_FILES.outDegrees), outDegrees)
  await writeFile(join(path, DATA_FILES.shifts), shifts)
  await edges.finish()
  return {
    nodeCount,
    edgeCount: edges.edgeCount,
    isWeighted: counts.isWeighted,
    mergedRowCount: counts.rowCount - edges.edgeCount,
    selfLoopCount: counts.selfLoopCount,
    zeroWeightRowCount: counts.zeroWeightRowCount,
    outDegreesDigest: slabDigest([outDegrees]),
    shiftsDigest: xxhash32(shifts),
    slabs,
  }
}

type RowCounts = {
  readonly isWeighted: boolean
  /** Rows that make edges. */
  readonly rowCount: number
  readonly selfLoopCount: number
  readonly zeroWeightRowCount: number
}

async function groupChunks(
  chunks: AsyncIterable<EdgeColumns> | Iterable<EdgeColumns>,
  buckets: BucketFiles,
  options: FolderOptions,
): Promise<RowCounts> {
  let isWeighted: boolean | undefined
  let [readCount, rowCount, selfLoopCount, zeroWeightRowCount] = [0, 0, 0, 0]
  for await (const chunk of chunks) {
    isWeighted ??= chunk.weights !== undefined
    if (isWeighted !== (chunk.weights !== undefined)) {
      const expected = isWeighted ? 2 * chunk.sources.length : 0
      throw new EdgeColumnsMismatchedError('weight limbs', expected, chunk.weights?.length ?? 0)
    }
    const grouped = groupRows(chunk, options.nodeCount, buckets.shift)
    for (const bucket of grouped.buckets) await buckets.append(bucket)
    readCount += chunk.sources.length
    rowCount += grouped.rowCount
    selfLoopCount += grouped.selfLoopCount
    zeroWeightRowCount += grouped.zeroWeightRowCount
    options.onProgress?.({ phase: 'group', count: readCount })
    checkNotAborted(options.signal, `grouping ${readCount} rows`)
  }
  return { isWeighted: isWeighted ?? false, rowCount, selfLoopCount, zeroWeightRowCount }
}

/** Appends the edges of all buckets, in order; returns the lengths of the rows. */
async function sortBuckets(
  buckets: BucketFiles,
  kernel: GraphKernel,
  edges: EdgeFiles,
  counts: RowCounts,
  options: FolderOptions,
): Promise<Uint32Array> {
  const { nodeCount } = options
  const inOffsets = new Uint32Array(nodeCount + 1)
  const wordCount = counts.isWeighted ? 6 : 2
  // All buckets go through the same arrays: fresh ones for each cost more than their sort.
  const words = new Uint32Array(buckets.wordCountMax())
  const rowCountMax = words.length / wordCount
  const sink = {
    sources: new Uint32Array(rowCountMax),
    weights: counts.isWeighted ? new BigUint64Array(2 * rowCountMax) : undefined,
    inOffsets,
    edgeCount: 0,
  }
  let doneCount = 0
  for (const firstTarget of buckets.firstTargets()) {
    const bucket = await buckets.take(firstTarget, words)
    const rowCount = bucket.rows.length / wordCount
    sink.edgeCount = 0
    for (const part of splitBucket(bucket, wordCount, nodeCount, SORT_ROW_COUNT)) {
      kernel.mergeBucket(part, sink)
    }
    await edges.append(
      sink.sources.subarray(0, sink.edgeCount),
      sink.weights?.subarray(0, 2 * sink.edgeCount),
    )
    doneCount += rowCount
    options.onProgress?.({ phase: 'sort', count: doneCount, countMax: counts.rowCount })
    checkNotAborted(options.signal, `sorting ${doneCount} of ${counts.rowCount} rows`)
  }
  return inOffsets.subarray(1)
}

async function normaliseSlabs(
  kernel: GraphKernel,
  edges: EdgeFiles,
  rowLengths: Uint32Array,
  path: string,
  options: FolderOptions,
): Promise<SlabEntry[]> {
  await using offsetsFile = await ArrayFile.create(join(path, DATA_FILES.inOffsets))
  await using mantissasFile = await ArrayFile.create(join(path, DATA_FILES.mantissas))
  const slabs: SlabEntry[] = []
  let doneCount = 0
  for (const { firstRow, inOffsets } of cutSlabs(rowLengths, options.slabEdgeCount ?? 2 ** 20)) {
    const edgeCount = inOffsets.at(-1) ?? 0
    const { sources, weights } = await edges.read(doneCount, edgeCount)
    const arrays = [inOffsets, sources]
    if (weights !== undefined) {
      const mantissas = new Uint32Array(edgeCount)
      kernel.normalise(sources, weights, mantissas)
      await mantissasFile.append(mantissas)
      arrays.push(mantissas)
    }
    await offsetsFile.append(inOffsets)
    slabs.push({ firstRow, rowCount: inOffsets.length - 1, edgeCount, digest: slabDigest(arrays) })
    doneCount += edgeCount
    options.onProgress?.({ phase: 'normalise', count: doneCount, countMax: edges.edgeCount })
    checkNotAborted(options.signal, `normalising ${doneCount} of ${edges.edgeCount} edges`)
  }
  await offsetsFile.sync()
  await mantissasFile.sync()
  return slabs
}

async function writeFile(path: string, values: Uint8Array | Uint32Array): Promise<void> {
  await using file = await ArrayFile.create(path)
  await file.append(values)
  await file.sync()
}

/** Readers see the header whole or not at all. */
async function writeFinally(folder: string, text: string): Promise<void> {
  const temporary = join(folder, `${HEADER_FILE}.tmp`)
  await rm(temporary, { force: true })
  await writeFile(temporary, new TextEncoder().encode(text))
  await rename(temporary, join(folder, HEADER_FILE))
  await using handle = await open(folder, 'r')
  await handle.sync()
}

async function formerDataFolder(folder: string): Promise<string | undefined> {
  try {
    return parseHeader(await readFile(join(folder, HEADER_FILE), 'utf8'), folder).dataFolder
  } catch (error) {
    if (systemCodeOf(error) === 'EACCES') throw error
    return undefined
  }
}

async function removeOthers(folder: string, dataFolder: string | undefined): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^data-\d+$/.test(name) || name === dataFolder) continue
    await rm(join(folder, name), { recursive: true, force: true })
  }
}
