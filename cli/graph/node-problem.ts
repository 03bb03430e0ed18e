import { type RankProblem, largestRemainderByKey } from '@foggara/gpu-analytics'
import { FatalError, SCORE_MASS, sum } from '@foggara/schema'

import { readInput } from '../files/input-file.ts'
import { TeleportEmptyError } from '../files/score-files.ts'
import { DAMPING_Q32, ITERATION_COUNT } from '../files/score-from-files.ts'
import { readWeights } from '../files/weighted-files.ts'
import { toPlaces } from './degree-order.ts'
import { type NodeFacts, type NodeIds, readIds, readNodeColumns, readPlaces } from './node-files.ts'

/** What the command line says about a rank; what it leaves out is the folder's, else the default. */
export type GraphRules = {
  readonly dampingQ32: number | undefined
  readonly iterationCount: number | undefined
  readonly teleportFile: string | undefined
}

/** Everything about a rank but the edges. */
export type NodeProblem = {
  /** Its vectors stand at the places of the nodes, as the edges of the folder do. */
  readonly vectors: Pick<RankProblem, 'passThroughQ32' | 'teleport' | 'start' | 'stop'>
  readonly places: Uint32Array
  readonly ids: NodeIds | undefined
}

/**
 * Reads what belongs to the nodes of a graph folder.
 *
 * @throws {GraphFolderError | ColumnLengthError | NodeUnknownError | TeleportEmptyError}
 */
export async function readNodeProblem(
  folder: string,
  facts: NodeFacts,
  rules: GraphRules,
  directory: string,
): Promise<NodeProblem> {
  const { nodeCount } = facts
  const ids = await readIds(folder, facts)
  const places = await readPlaces(folder, facts)
  const columns = await readNodeColumns(folder, facts)
  const own = rules.dampingQ32 === undefined ? columns.passThroughQ32 : undefined
  const teleport =
    rules.teleportFile === undefined
      ? columns.teleport
      : await readTeleport(rules.teleportFile, directory, nodeCount, ids)
  const iterationCount = rules.iterationCount ?? facts.iterationCount ?? ITERATION_COUNT
  return {
    ids,
    places,
    vectors: {
      passThroughQ32:
        own === undefined
          ? new Uint32Array(nodeCount).fill(rules.dampingQ32 ?? DAMPING_Q32)
          : toPlaces(own, places),
      teleport: teleport === undefined ? 'uniform' : toPlaces(teleport, places),
      start: 'teleport',
      stop: { type: 'count', iterationCount },
    },
  }
}

async function readTeleport(
  name: string,
  directory: string,
  nodeCount: number,
  ids: NodeIds | undefined,
): Promise<BigUint64Array> {
  const { bytes } = await readInput(directory, name)
  const { rows } = readWeights(name, new TextDecoder().decode(bytes))
  const weights = new Map(rows.map((row) => [row.id, row.weight]))
  if (sum(weights.values()) === 0n) throw new TeleportEmptyError()
  const teleport = new BigUint64Array(nodeCount)
  for (const [id, share] of largestRemainderByKey(SCORE_MASS, weights)) {
    const node = ids === undefined ? nodeNumber(id) : ids.find(new TextEncoder().encode(id))
    if (node === undefined || node >= nodeCount) throw new NodeUnknownError(name, id)
    teleport[node] = share
  }
  return teleport
}

function nodeNumber(id: string): number | undefined {
  return /^(0|[1-9]\d{0,9})$/.test(id) ? Number(id) : undefined
}

/** A file names a node that the graph does not have. */
export class NodeUnknownError extends FatalError {
  constructor(file: string, id: string) {
    super('NODE_UNKNOWN', `${file}: expected ids of the graph, found ${id.slice(0, 80)}`)
  }
}
