import type { RankProblem } from '@foggara/gpu-analytics'

/** A vector of fractions over one positive denominator. */
export type ExactVector = {
  readonly numerators: readonly bigint[]
  readonly denominator: bigint
}

/** Per edge and per node, the weight and the total that it is a part of. */
export type ExactWeights = {
  readonly weights: readonly bigint[]
  readonly totals: readonly bigint[]
}

/**
 * The scores that rank converges to, without any rounding, as parts of 1: the solution of
 *
 *     x[v] = Σ_u a[u,v]·x[u] + t[v]·(1 − Σ_u,v a[u,v]·x[u]),   a[u,v] = D[u]/2^32 · w[u,v]/W[u]
 *
 * with `y[u] = x[u] / (2^32·W[u])` as unknowns, so that every coefficient is a whole number.
 */
export function exactRank(problem: RankProblem, { weights, totals }: ExactWeights): ExactVector {
  const { graph, passThroughQ32 } = problem
  const nodeCount = graph.nodeCount
  const shares = teleportShares(problem)
  const shareTotal = shares.reduce((left, right) => left + right, 0n)
  const scales = totals.map((total) => (1n << 32n) * (total === 0n ? 1n : total))
  const passed = Array.from({ length: nodeCount }, () => zeros(nodeCount))
  for (let target = 0; target < nodeCount; target++) {
    const end = graph.inOffsets[target + 1] ?? 0
    for (let edge = graph.inOffsets[target] ?? 0; edge < end; edge++) {
      const source = graph.sources[edge] ?? 0
      const row = passed[target] ?? []
      row[source] = BigInt(passThroughQ32[source] ?? 0) * (weights[edge] ?? 0n)
    }
  }
  const leaving = zeros(nodeCount).map((_, source) =>
    passed.reduce((total, row) => total + (row[source] ?? 0n), 0n),
  )
  const system = passed.map((row, target) => [
    ...row.map(
      (value, source) =>
        shareTotal * ((source === target ? (scales[source] ?? 1n) : 0n) - value) +
        (shares[target] ?? 0n) * (leaving[source] ?? 0n),
    ),
    shares[target] ?? 0n,
  ])
  const { numerators, denominator } = solve(system)
  return { numerators: numerators.map((value, node) => value * (scales[node] ?? 1n)), denominator }
}

function teleportShares({ teleport, graph }: RankProblem): readonly bigint[] {
  return teleport === 'uniform' ? zeros(graph.nodeCount).map(() => 1n) : [...teleport]
}

function zeros(count: number): bigint[] {
  return Array.from({ length: count }, () => 0n)
}

/** Bareiss's elimination: every division is exact, so no fraction ever appears. */
function solve(system: bigint[][]): ExactVector {
  const size = system.length
  let rows = system.map((row) => [...row])
  let former = 1n
  for (let pivot = 0; pivot < size; pivot++) {
    const place = rows.findIndex((row, index) => index >= pivot && (row[pivot] ?? 0n) !== 0n)
    if (place === -1) throw new Error('expected a system with one solution')
    const chosen = rows[place] ?? []
    rows[place] = rows[pivot] ?? []
    rows[pivot] = chosen
    const head = chosen[pivot] ?? 0n
    rows = rows.map((row, index) => {
      if (index === pivot) return row
      const factor = row[pivot] ?? 0n
      return row.map((value, column) => (value * head - factor * (chosen[column] ?? 0n)) / former)
    })
    former = head
  }
  const sign = former < 0n ? -1n : 1n
  return {
    numerators: rows.map((row) => sign * (row[size] ?? 0n)),
    denominator: sign * former,
  }
}
