import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { currentPin } from '@foggara/database'
import {
  type EdgeColumns,
  epochRankProblem,
  headerFromManifest,
  snapshotFromLines,
  usageOf,
} from '@foggara/gpu-analytics'
import type { Snapshot } from '@foggara/schema'

import { OptionMalformedError } from '../arguments.ts'
import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { countOption } from '../option-values.ts'
import { rowsOf } from '../score/close-epochs.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { readEpoch } from '../verify/read-epoch.ts'
import { createIdDictionary } from './id-dictionary.ts'
import { writeIds } from './node-files.ts'
import { checkNewFolder, writeGraphFolder } from './write-graph-folder.ts'

/**
 * Runs `foggara graph build --epoch N`: the graph from which the epoch's `rank` was computed, with what
 * its nodes pass on and where influence starts.
 */
export async function buildFromEpoch(
  out: string,
  options: OptionValues,
  context: Context,
): Promise<number> {
  const epoch = countOption(options, 'epoch', { min: 1, max: 999_999_999 })
  if (epoch === undefined) throw new OptionMalformedError('--epoch', 'a number from 1', 'none')
  const folder = path.resolve(context.directory, out)
  await checkNewFolder(folder)
  const snapshot = await readStoredSnapshot(epoch, options, context)
  const { graph, passThroughQ32, teleport, stop } = epochRankProblem(snapshot, usageOf(snapshot))
  await mkdir(folder, { recursive: true })
  const ids = createIdDictionary()
  for (const id of graph.ids) {
    const bytes = new TextEncoder().encode(id)
    ids.numberOf(bytes, 0, bytes.length)
  }
  return writeGraphFolder({
    out,
    options,
    context,
    origin: `epoch ${epoch} of chain ${snapshot.chainId}`,
    nodeCount: graph.nodeCount,
    rowCount: graph.sources.length,
    rows: () => [columnsOf(graph)],
    columns: { passThroughQ32, teleport: teleport === 'uniform' ? undefined : teleport },
    writeIds: () => writeIds(folder, ids, ids.ascending()),
    ...(stop.type === 'count' ? { iterationCount: stop.iterationCount } : {}),
  })
}

async function readStoredSnapshot(
  epoch: number,
  options: OptionValues,
  context: Context,
): Promise<Snapshot> {
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const stored = await readEpoch(rowsOf(database.client), await currentPin(database.client), epoch)
  return snapshotFromLines(headerFromManifest(stored.manifest, stored.rulesetJson), stored.lines)
}

function columnsOf(graph: ReturnType<typeof epochRankProblem>['graph']): EdgeColumns {
  const weights = new BigUint64Array(2 * graph.weights.length)
  for (const [edge, weight] of graph.weights.entries()) {
    weights[2 * edge] = BigInt.asUintN(64, weight)
    weights[2 * edge + 1] = weight >> 64n
  }
  return { sources: graph.sources, targets: graph.targets, weights }
}
