import {
  type Hex,
  type Pool,
  type Snapshot,
  compareBigints,
  divFloor,
  mulDivFloor,
} from '@foggara/schema'

import { epochFlowProblem, epochRankProblem } from '../epoch/epoch-graphs.ts'
import { USAGE_WEIGHT_SCALE, usageOf } from '../epoch/usage.ts'
import { at } from '../graph/at.ts'
import type { Graph } from '../graph/build-graph.ts'
import { flowReference } from '../reference/flow.ts'
import { type Claim, largestRemainder } from '../split/largest-remainder.ts'

/** One of the things that an amount goes back to; the reasons of an amount sum to it. */
export type Reason = { readonly weight: bigint; readonly amount: bigint } & (
  | { readonly type: 'receipt'; readonly digest: Hex; readonly consumer: Hex }
  /** Another asset that was made from this one; explain it in turn for the receipts behind it. */
  | { readonly type: 'child'; readonly assetId: Hex }
  | { readonly type: 'reviews'; readonly account: Hex }
  | { readonly type: 'rule'; readonly account: Hex }
)

/** Explains amounts that a source of a pool brought; the largest reason comes first. */
export type SourceExplainer = (pool: Pool, sourceId: Hex, amount: bigint) => readonly Reason[]

/**
 * Prepares the explanation of an epoch's sources.
 *
 * What an asset brought is divided, by largest remainder, over what flowed into it: in the creators'
 * pool the score that its consumers and children give it, in the data providers' pool the value of
 * its own receipts and what its children passed on.
 */
export function explainerOf(
  snapshot: Snapshot,
  rankScores: ReadonlyMap<Hex, bigint>,
): SourceExplainer {
  const receipts = snapshot.receipts.filter((receipt) => receipt.fee > 0n)
  const consumerIds = new Set(receipts.map((receipt) => receipt.consumer))
  const inflowOf = {
    creators: once(() => rankInflows(snapshot, rankScores)),
    dataProviders: once(() => flowInflows(snapshot)),
  }
  const reasonsOf = (pool: Pool, sourceId: Hex, amount: bigint): readonly Reason[] => {
    switch (pool) {
      case 'creators':
      case 'dataProviders': {
        const claims = inflowOf[pool]().get(sourceId) ?? []
        return divided(amount, claims).flatMap(({ id, weight, amount: part }): Reason[] =>
          id === sourceId || consumerIds.has(id)
            ? usageReasons(receipts, sourceId, id, part)
            : [{ type: 'child', assetId: id, weight, amount: part }],
        )
      }
      case 'computeOperators':
        return workReasons(receipts, sourceId, amount)
      case 'reviewers':
        return [{ type: 'reviews', account: sourceId, weight: 1n, amount }]
      case 'treasury':
        return [{ type: 'rule', account: sourceId, weight: 1n, amount }]
    }
  }
  return (pool, sourceId, amount) =>
    reasonsOf(pool, sourceId, amount).toSorted((a, b) => compareBigints(b.amount, a.amount))
}

type Receipts = Snapshot['receipts']
type HexClaim = Claim & { readonly id: Hex }
type Inflows = ReadonlyMap<Hex, readonly HexClaim[]>

/** Per asset, what each consumer and child gives of its score. */
function rankInflows(snapshot: Snapshot, rankScores: ReadonlyMap<Hex, bigint>): Inflows {
  const { graph, passThroughQ32, weights } = epochRankProblem(snapshot, usageOf(snapshot))
  const { mantissas, shifts } = weights
  return inflows(graph, (edge, source) => {
    const score = rankScores.get(idOf(graph, source)) ?? 0n
    const passed = mulDivFloor(score, BigInt(at(passThroughQ32, source)), 1n << 32n)
    const sent = divFloor(2n * passed, 1n << BigInt(at(shifts, source)))
    return mulDivFloor(sent, BigInt(at(mantissas, edge)), 1n << 32n)
  })
}

/** Per asset, the value of its own use (under its own id) and what each child passed on. */
function flowInflows(snapshot: Snapshot): Inflows {
  const usage = usageOf(snapshot)
  const problem = epochFlowProblem(snapshot, usage)
  const { edgeTotals } = flowReference(problem)
  const fromChildren = inflows(problem.graph, (edge) => at(edgeTotals, edge))
  return new Map(
    snapshot.assets.map(({ assetId }) => [
      assetId,
      [
        { id: assetId, weight: usage.valueByAsset.get(assetId) ?? 0n },
        ...(fromChildren.get(assetId) ?? []),
      ],
    ]),
  )
}

function inflows(graph: Graph, weightOf: (edge: number, source: number) => bigint): Inflows {
  const byTarget = new Map<Hex, HexClaim[]>()
  for (const [edge, source] of graph.sources.entries()) {
    const target = idOf(graph, at(graph.targets, edge))
    const claim = { id: idOf(graph, source), weight: weightOf(edge, source) }
    const claims = byTarget.get(target)
    if (claims === undefined) byTarget.set(target, [claim])
    else claims.push(claim)
  }
  return byTarget
}

/** The receipts on an asset: of one consumer, or of all when `consumer` is the asset itself. */
function usageReasons(receipts: Receipts, assetId: Hex, consumer: Hex, amount: bigint): Reason[] {
  const used = receipts.filter(
    (receipt) =>
      receipt.assets.includes(assetId) && (consumer === assetId || receipt.consumer === consumer),
  )
  return receiptReasons(used, amount, (receipt) => {
    return receipt.fee * BigInt(USAGE_WEIGHT_SCALE / receipt.assets.length)
  })
}

function workReasons(receipts: Receipts, provider: Hex, amount: bigint): Reason[] {
  const worked = receipts.filter((receipt) => receipt.provider === provider)
  return receiptReasons(worked, amount, (receipt) => receipt.fee)
}

function receiptReasons(
  receipts: Receipts,
  amount: bigint,
  weightOf: (receipt: Receipts[number]) => bigint,
): Reason[] {
  const consumers = new Map(receipts.map((receipt) => [receipt.digest, receipt.consumer]))
  const claims = receipts.map((receipt) => ({ id: receipt.digest, weight: weightOf(receipt) }))
  return divided(amount, claims).flatMap(({ id, weight, amount: part }): Reason[] => {
    const consumer = consumers.get(id)
    return consumer === undefined
      ? []
      : [{ type: 'receipt', digest: id, consumer, weight, amount: part }]
  })
}

/** Divides by weight; equally in the rare case that rounding left every weight at 0. */
function divided(amount: bigint, claims: readonly HexClaim[]) {
  const weighty = claims.filter((claim) => claim.weight > 0n)
  const chosen = weighty.length > 0 ? weighty : claims.map((claim) => ({ ...claim, weight: 1n }))
  const amounts = largestRemainder(amount, chosen)
  return chosen
    .map((claim, index) => ({ ...claim, amount: at(amounts, index) }))
    .filter((part) => part.amount > 0n)
}

function idOf(graph: Graph, node: number): Hex {
  return at(graph.ids, node) as Hex
}

function once<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined
  return () => {
    computed ??= { value: compute() }
    return computed.value
  }
}
