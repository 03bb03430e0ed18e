import type { Graph } from '@foggara/gpu-analytics'

const SPOKE_COUNT = 1_000_000

/**
 * A node that a million others reach, and which reaches a thousand of them. Built in place, since a
 * million rows of text would take longer than the ranks.
 */
export function hubGraph(): Graph {
  const nodeCount = SPOKE_COUNT + 1
  const edgeCount = SPOKE_COUNT + 1000
  const sources = new Uint32Array(edgeCount)
  const targets = new Uint32Array(edgeCount)
  const inOffsets = new Uint32Array(nodeCount + 1)
  const outDegrees = new Uint32Array(nodeCount).fill(1)
  outDegrees[0] = 1000
  for (let spoke = 1; spoke <= SPOKE_COUNT; spoke++) sources[spoke - 1] = spoke
  for (let place = 0; place < 1000; place++) targets[SPOKE_COUNT + place] = 1 + place * 1000
  for (let node = 1; node <= nodeCount; node++) {
    inOffsets[node] = SPOKE_COUNT + Math.min(1000, Math.ceil((node - 1) / 1000))
  }
  const ids = Array.from({ length: nodeCount }, (_, node) => `${node}`)
  return {
    nodeCount,
    ids,
    indexById: new Map(),
    inOffsets,
    sources,
    targets,
    outDegrees,
    weights: Array.from(sources, (_, edge) => BigInt(1 + (edge % 1009))),
    mergedRowCount: 0,
    selfLoopCount: 0,
    zeroWeightRowCount: 0,
  }
}
