import {
  type EdgeColumns,
  generateDirectedRmatChunks,
  generateKroneckerChunks,
  generateUsageGraph,
} from '@foggara/gpu-analytics'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { countOption, wordOption } from '../option-values.ts'
import { NO_COLUMNS, type NodeColumns } from './node-files.ts'
import { writeGraphFolder } from './write-graph-folder.ts'

const KINDS = ['kronecker', 'rmat', 'usage'] as const
const SCALE_MAX = 28
const CHUNK_ROW_COUNT = 1 << 20

/** Runs `foggara graph generate`. */
export async function generateGraph(options: OptionValues, context: Context): Promise<number> {
  const kind = wordOption(options, 'kind', KINDS)
  if (kind === undefined) throw new OptionMalformedError('--kind', KINDS.join(', '), 'none')
  const scale = countOption(options, 'scale', { min: 1, max: SCALE_MAX }) ?? 16
  const seed = countOption(options, 'seed', { min: 0, max: 2 ** 32 - 1 }) ?? 1
  const isWeighted = !flagOption(options, 'equal')
  const drawn = draw(kind, scale, seed, isWeighted)
  return writeGraphFolder({
    out: textOption(options, 'out') ?? '',
    options,
    context,
    origin: `generated: ${kind}, scale ${scale}, seed ${seed}`,
    ...drawn,
  })
}

type Drawn = {
  readonly nodeCount: number
  readonly rowCount: number
  readonly rows: () => Iterable<EdgeColumns>
  readonly rowsToCount?: () => Iterable<EdgeColumns>
  readonly columns: NodeColumns
}

const EDGE_FACTOR = 16

function draw(
  kind: (typeof KINDS)[number],
  scale: number,
  seed: number,
  isWeighted: boolean,
): Drawn {
  const nodeCount = 2 ** scale
  if (kind === 'usage') return drawUsage(nodeCount, seed, isWeighted)
  const directionCount = kind === 'kronecker' ? 2 : 1
  const generate = kind === 'kronecker' ? generateKroneckerChunks : generateDirectedRmatChunks
  const options = { scale, seed, edgeFactor: EDGE_FACTOR }
  return {
    nodeCount,
    rowCount: nodeCount * EDGE_FACTOR * directionCount,
    rows: () => generate(isWeighted ? { ...options, weights: 'fees' } : options, CHUNK_ROW_COUNT),
    rowsToCount: () => generate(options, CHUNK_ROW_COUNT),
    columns: NO_COLUMNS,
  }
}

/** A quarter of the nodes are assets, each made from up to three others; the rest pay for them. */
function drawUsage(nodeCount: number, seed: number, isWeighted: boolean): Drawn {
  const assetCount = Math.ceil(nodeCount / 4)
  const graph = generateUsageGraph({
    assetCount,
    consumerCount: nodeCount - assetCount,
    receiptCount: nodeCount * EDGE_FACTOR,
    seed,
  })
  const { sources, targets, weights } = graph.edges
  return {
    nodeCount: graph.nodeCount,
    rowCount: sources.length,
    rows: function* () {
      for (let first = 0; first < sources.length; first += CHUNK_ROW_COUNT) {
        const end = Math.min(sources.length, first + CHUNK_ROW_COUNT)
        yield {
          sources: sources.subarray(first, end),
          targets: targets.subarray(first, end),
          ...(isWeighted && weights !== undefined
            ? { weights: weights.subarray(2 * first, 2 * end) }
            : {}),
        }
      }
    },
    columns: { passThroughQ32: graph.passThroughQ32, teleport: undefined },
  }
}
