import type { Csr } from '@foggara/gpu-analytics'

import { floatKernels } from './float-kernels.ts'

const DAMPING = 0.85

/** One iteration of PageRank each, as one would write it in floats, and a loop of random reads. */
export type FloatRankers = {
  readonly pull: () => void
  readonly pullPairs: () => void
  readonly pullWeighted: () => void
  readonly javascript: () => void
  readonly gather: () => void
}

/** Lays a graph without dangling nodes out for the float kernels. */
export async function floatRankers(graph: Csr): Promise<FloatRankers> {
  const { nodeCount, inOffsets, sources, outDegrees } = graph
  const edgeCount = sources.length
  let next = 65_536
  const reserve = (byteLength: number): number => {
    const address = next
    next = Math.ceil((next + byteLength) / 65_536) * 65_536
    return address
  }
  const offsetsAt = reserve(4 * (nodeCount + 1))
  const sourcesAt = reserve(4 * edgeCount)
  const weightsAt = reserve(4 * edgeCount)
  const placesAt = reserve(4 * edgeCount)
  const [degreesAt, scoresAt, sentAt, incomingAt] = [
    reserve(4 * nodeCount),
    reserve(4 * nodeCount),
    reserve(4 * nodeCount),
    reserve(4 * nodeCount),
  ]
  const tableAt = reserve(8 * nodeCount)
  const { kernels, buffer } = await floatKernels(next)
  new Uint32Array(buffer, offsetsAt).set(inOffsets)
  new Uint32Array(buffer, sourcesAt).set(sources)
  new Float32Array(buffer, weightsAt, edgeCount).fill(0.5)
  const places = new Uint32Array(buffer, placesAt, edgeCount)
  let state = 0x9e3779b9
  for (let edge = 0; edge < edgeCount; edge++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    places[edge] = (state >>> 0) % nodeCount
  }
  new Uint32Array(buffer, degreesAt).set(outDegrees)
  new Float32Array(buffer, scoresAt, nodeCount).fill(1 / nodeCount)
  const sent = new Float32Array(buffer, sentAt, nodeCount)
  for (let row = 0; row < nodeCount; row++) sent[row] = 1 / nodeCount / (outDegrees[row] ?? 1)
  const apply = (): void => {
    const base = (1 - DAMPING) / nodeCount
    kernels.apply(nodeCount, base, DAMPING, degreesAt, scoresAt, sentAt, incomingAt)
  }
  return {
    pull: () => {
      kernels.pull(nodeCount, offsetsAt, sourcesAt, sentAt, incomingAt)
      apply()
    },
    pullPairs: () => {
      kernels.pullPairs(nodeCount, offsetsAt, sourcesAt, sentAt, incomingAt)
      apply()
    },
    pullWeighted: () => {
      kernels.pullWeighted(nodeCount, offsetsAt, sourcesAt, weightsAt, sentAt, incomingAt)
      apply()
    },
    javascript: inJavaScript(graph),
    gather: () => {
      kernels.gather(edgeCount, placesAt, tableAt)
    },
  }
}

function inJavaScript({ nodeCount, inOffsets, sources, outDegrees }: Csr): () => void {
  const scores = new Float64Array(nodeCount).fill(1 / nodeCount)
  const sent = Float64Array.from(scores, (score, node) => score / (outDegrees[node] ?? 1))
  return () => {
    let edge = 0
    const incoming = new Float64Array(nodeCount)
    for (let row = 0; row < nodeCount; row++) {
      const end = inOffsets[row + 1] ?? 0
      let sum = 0
      for (; edge < end; edge++) sum += sent[sources[edge] ?? 0] ?? 0
      incoming[row] = sum
    }
    for (let row = 0; row < nodeCount; row++) {
      const score = (1 - DAMPING) / nodeCount + DAMPING * (incoming[row] ?? 0)
      scores[row] = score
      sent[row] = score / (outDegrees[row] ?? 1)
    }
  }
}
