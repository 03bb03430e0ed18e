import { SCORE_MASS, SHARE_WHOLE_E8, type Snapshot, divFloor } from '@foggara/schema'

import type { FlowProblem, RankProblem } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type Graph, buildGraph, outWeights } from '../graph/build-graph.ts'
import { type NormalisedWeights, normaliseWeights } from '../graph/normalise-weights.ts'
import { largestRemainderByKey } from '../split/largest-remainder.ts'
import type { Usage } from './usage.ts'

const Q32 = 1n << 32n

/** The rank problem of an epoch: consumers vouch for assets by fees, assets for their parents. */
export function epochRankProblem(
  snapshot: Snapshot,
  usage: Usage,
): RankProblem & { readonly graph: Graph; readonly weights: NormalisedWeights } {
  const provenance = provenanceGraph(snapshot)
  const graph = buildGraph([...usage.edges, ...provenanceRows(snapshot)], {
    extraNodes: snapshot.assets.map((asset) => asset.assetId),
  })
  const { consumerPassThroughQ32, assetPassThroughMaxQ32 } = snapshot.ruleset.rank
  const shares = outWeights(provenance)
  const passThroughQ32 = Uint32Array.from(graph.ids, (id) => {
    const node = provenance.indexById.get(id)
    if (node === undefined) return consumerPassThroughQ32
    const passed = divFloor(at(shares, node) * Q32, SHARE_WHOLE_E8)
    return passed < BigInt(assetPassThroughMaxQ32) ? Number(passed) : assetPassThroughMaxQ32
  })
  const { iterationCount } = snapshot.ruleset.rank
  return {
    graph,
    weights: normaliseWeights(graph),
    passThroughQ32,
    teleport: teleportVector(graph, usage.feeByConsumer),
    start: 'teleport',
    stop: { type: 'count', iterationCount },
  }
}

/** The flow problem of an epoch: what assets were used for runs up to what they were made from. */
export function epochFlowProblem(
  snapshot: Snapshot,
  usage: Usage,
): FlowProblem & { readonly graph: Graph } {
  const graph = provenanceGraph(snapshot)
  return {
    graph,
    fingers: graph.weights,
    inflow: graph.ids.map((id) => usage.valueByAsset.get(id) ?? 0n),
    keepFingers: outWeights(graph).map((shares) =>
      shares < SHARE_WHOLE_E8 ? SHARE_WHOLE_E8 - shares : 0n,
    ),
    stepCountMax: snapshot.ruleset.flow.stepCountMax,
  }
}

/** All assets with the shares that children owe to parents; parallel relations are summed. */
function provenanceGraph(snapshot: Snapshot): Graph {
  return buildGraph(provenanceRows(snapshot), {
    extraNodes: snapshot.assets.map((asset) => asset.assetId),
  })
}

function provenanceRows(snapshot: Snapshot) {
  return snapshot.edges.map((edge) => ({
    from: edge.childId,
    to: edge.parentId,
    weight: BigInt(edge.shareE8),
  }))
}

function teleportVector(graph: Graph, feeByConsumer: ReadonlyMap<string, bigint>): BigUint64Array {
  const parts = largestRemainderByKey(feeByConsumer.size === 0 ? 0n : SCORE_MASS, feeByConsumer)
  return BigUint64Array.from(graph.ids, (id) => parts.get(id) ?? 0n)
}
