import {
  type Csr,
  type NormalisedWeights,
  buildCsr,
  generateKronecker,
} from '@foggara/gpu-analytics'

/** A Kronecker graph without isolated nodes, nodes descending by degree: everyone's best order. */
export type OrderedGraph = { readonly graph: Csr; readonly weights: NormalisedWeights }

/** Draws the graph of GAP (edge factor 16, both directions), merges pairs and orders it by degree. */
export async function orderedKronecker(scale: number): Promise<OrderedGraph> {
  const { graph } = await buildCsr(generateKronecker({ scale }), 2 ** scale)
  const order = nodesByDegree(graph)
  const label = new Uint32Array(graph.nodeCount)
  for (const [place, node] of order.entries()) label[node] = place
  const inOffsets = new Uint32Array(order.length + 1)
  const outDegrees = new Uint32Array(order.length)
  const sources = new Uint32Array(graph.sources.length)
  let count = 0
  for (const [place, node] of order.entries()) {
    const begin = count
    for (let edge = graph.inOffsets[node] ?? 0; edge < (graph.inOffsets[node + 1] ?? 0); edge++) {
      sources[count++] = label[graph.sources[edge] ?? 0] ?? 0
    }
    sources.subarray(begin, count).sort()
    inOffsets[place + 1] = count
    outDegrees[place] = graph.outDegrees[node] ?? 0
  }
  const ordered = { nodeCount: order.length, inOffsets, sources, outDegrees }
  return { graph: ordered, weights: spreadWeights(ordered) }
}

function nodesByDegree({ nodeCount, outDegrees }: Csr): Uint32Array {
  const nodes = Uint32Array.from({ length: nodeCount }, (_, node) => node)
  return nodes
    .filter((node) => (outDegrees[node] ?? 0) > 0)
    .toSorted((a, b) => (outDegrees[b] ?? 0) - (outDegrees[a] ?? 0) || a - b)
}

/** Mantissas that sum to at most a whole per source; which ones they are changes no speed. */
function spreadWeights({ sources, outDegrees }: Csr): NormalisedWeights {
  const shifts = Uint8Array.from(outDegrees, (degree) => Math.min(32, 31 - Math.clz32(degree)))
  const mantissas = new Uint32Array(sources.length)
  for (const [edge, source] of sources.entries()) {
    const largest = 2 ** (31 + (shifts[source] ?? 0)) / (outDegrees[source] ?? 1)
    mantissas[edge] = Math.floor(largest * (1 - (edge % 97) / 200))
  }
  return { mantissas, shifts }
}
