import { access } from 'node:fs/promises'
import path from 'node:path'

import {
  type EdgeColumns,
  type FolderProgress,
  GraphFolderMemoryError,
  RunAbortedError,
  buildGraphFolder,
  openGraphFolder,
} from '@foggara/gpu-analytics'
import { FatalError } from '@foggara/schema'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { rate } from '../engine/run-progress.ts'
import { countOption } from '../option-values.ts'
import { duration } from '../service/progress.ts'
import { busiestFirst, countRows, groupCountOf, placedRows } from './degree-order.ts'
import {
  FACTS_FILE,
  type NodeColumns,
  writeFacts,
  writeNodeColumns,
  writePlaces,
} from './node-files.ts'
import { graphInfo, printInfo } from './print-graph-info.ts'

/** A graph to write, with where its rows come from. */
export type NewGraph = {
  readonly out: string
  readonly options: OptionValues
  readonly context: Context
  /** In words: a file, a generator with its seed, an epoch. */
  readonly origin: string
  readonly nodeCount: number
  readonly rowCount: number
  readonly rows: () => Rows
  /** The same without weights, where that is cheaper. */
  readonly rowsToCount?: () => Rows
  readonly columns: NodeColumns
  readonly weightScale?: number
  readonly iterationCount?: number
  /** Writes the ids of the nodes, if they have any, and gives their bytes. */
  readonly writeIds?: () => Promise<number>
}

type Rows = AsyncIterable<EdgeColumns> | Iterable<EdgeColumns>

const MIB = 1 << 20
/** What sorting takes beside what it keeps of every node, unless `--memory` says otherwise. */
const SORT_MIB = 1024
const NODE_BYTES = 48

/**
 * Sorts rows into a graph folder and prints what it holds. What is there is whole or not to be seen.
 *
 * @throws {GraphFolderTakenError} and what `buildGraphFolder` raises.
 */
export async function writeGraphFolder(graph: NewGraph): Promise<number> {
  const { out, options, context, origin, nodeCount, rowCount, columns } = graph
  const folder = path.resolve(context.directory, out)
  const memoryMib =
    countOption(options, 'memory', { min: 256, max: 1 << 24 }) ??
    SORT_MIB + Math.ceil((NODE_BYTES * nodeCount) / MIB)
  await checkNewFolder(folder)
  const tell = tellBuilding(context, rowCount)
  const places = await placesOf(graph, tell)
  await buildGraphFolder(placedRows(graph.rows(), places), folder, {
    nodeCount,
    memoryMib,
    signal: context.stopped,
    onProgress: tell,
  }).catch((error: unknown) => {
    throw error instanceof GraphFolderMemoryError ? new SortMemoryError(error) : error
  })
  await writePlaces(folder, places)
  await writeNodeColumns(folder, columns)
  const idByteLength = await graph.writeIds?.()
  const { iterationCount } = graph
  await writeFacts(folder, {
    format: 'foggara-nodes-1',
    origin,
    nodeCount,
    rowCount,
    weightScale: graph.weightScale ?? 0,
    hasPassThrough: columns.passThroughQ32 !== undefined,
    hasTeleport: columns.teleport !== undefined,
    ...(idByteLength === undefined ? {} : { idByteLength }),
    ...(iterationCount === undefined ? {} : { iterationCount }),
  })
  await using opened = await openGraphFolder(folder)
  printInfo(await graphInfo(folder, opened), flagOption(options, 'json'), context)
  return 0
}

/**
 * Refuses a folder that holds a whole graph; what a build that was stopped left is written over.
 *
 * @throws {GraphFolderTakenError}
 */
export async function checkNewFolder(folder: string): Promise<void> {
  const isTaken = await access(path.join(folder, FACTS_FILE)).then(
    () => true,
    () => false,
  )
  if (isTaken) throw new GraphFolderTakenError(folder)
}

async function placesOf(graph: NewGraph, tell: Tell): Promise<Uint32Array> {
  const { stopped } = graph.context
  const rows = (graph.rowsToCount ?? graph.rows)()
  const degrees = await countRows(rows, graph.nodeCount, (count) => {
    tell({ phase: 'count', count })
    if (stopped.aborted) throw new RunAbortedError(`counting ${count} rows`, stopped.reason)
  })
  return busiestFirst(degrees, groupCountOf(graph.rowCount))
}

type Tell = (progress: FolderProgress | { readonly phase: 'count'; readonly count: number }) => void

const EVERY_MS = 2_000

function tellBuilding(context: Context, rowCount: number): Tell {
  let phase = ''
  let startMs = 0
  let lastMs = 0
  return (progress) => {
    const nowMs = context.nowMs()
    if (progress.phase !== phase) {
      phase = progress.phase
      startMs = nowMs
      lastMs = nowMs
    }
    if (nowMs - lastMs < EVERY_MS) return
    lastMs = nowMs
    const { count } = progress
    const countMax = ('countMax' in progress ? progress.countMax : undefined) ?? rowCount
    const perSecond = count / ((nowMs - startMs) / 1000)
    const what = phase === 'normalise' ? 'edges' : 'rows'
    const left = count < countMax ? `, ${duration((countMax - count) / perSecond)} left` : ''
    context.warn(`${phase}: ${count} of ${countMax} ${what}, ${rate(perSecond)} a second${left}`)
  }
}

/** The folder holds a graph already. */
export class GraphFolderTakenError extends FatalError {
  constructor(folder: string) {
    super('GRAPH_FOLDER_TAKEN', `--out: expected a new folder, found a graph in ${folder}`, {
      hint: 'Choose another folder, or remove that one.',
    })
  }
}

/** Sorting needs more memory than it was given. */
export class SortMemoryError extends FatalError {
  constructor(cause: GraphFolderMemoryError) {
    super(cause.code, cause.message, { cause, hint: 'Give it more with --memory MB.' })
  }
}
