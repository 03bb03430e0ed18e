import {
  type FlowProblem,
  type FlowRules,
  type Graph,
  flowProblemOf,
  generateUsageGraph,
} from '@foggara/gpu-analytics'

import type { CaseSize } from './engines-under-test.ts'
import { hubGraph } from './hub-graph.ts'
import { type NumberedRow, drawsOf, idOf, numberedGraph } from './numbered-graph.ts'

/** A flow problem that every engine is asked; its golden hash stands under its name. */
export type FlowCase = {
  readonly name: string
  readonly size: CaseSize
  readonly problem: () => FlowProblem
}

const WHOLE = 100_000_000n
const COIN = 10n ** 18n

/** Around the sizes of workgroups. */
const NODE_COUNTS = [63, 64, 65, 255, 256, 257] as const

export const FLOW_CASES: readonly FlowCase[] = [
  small('empty', () => numberedGraph(0, []), []),
  small('one node', () => numberedGraph(1, []), [7n]),
  small('isolated nodes', () => numberedGraph(70, []), amounts(70, COIN)),
  small('nothing enters', () => numberedGraph(9, chain(9)), []),
  small('a chain', () => numberedGraph(9, chain(9)), [0n, 0n, 0n, 5n, 0n, 0n, 0n, 0n, COIN + 7n]),
  small('a diamond', () => numberedGraph(4, diamond()), [0n, 0n, 0n, 1_000n * COIN + 1n]),
  small('parallel edges', () => numberedGraph(9, [...chain(9), ...chain(9)]), amounts(9, COIN)),
  small('self loops', () => selfLoops(20), amounts(20, 1_000_003n), { stepCountMax: 60 }),
  small('a circle that keeps little', () => numberedGraph(12, circle(12)), amounts(12, 1n << 50n), {
    keepFingers: { restOf: 10_000_100n },
    stepCountMax: 50,
  }),
  small('a circle that keeps nothing', () => numberedGraph(5, circle(5)), amounts(5, 1n << 40n), {
    keepFingers: new Map(),
    stepCountMax: 33,
  }),
  small('more along an edge than 64 bits hold', () => numberedGraph(2, circle(2)), [1n << 62n], {
    keepFingers: new Map(),
    stepCountMax: 50,
  }),
  small('amounts of 96 bits', () => numberedGraph(30, web(30)), amounts(30, 1n << 95n)),
  small('amounts smaller than the fingers', () => numberedGraph(30, web(30)), amounts(30, 3n)),
  small('no step', () => numberedGraph(9, chain(9)), amounts(9, COIN), { stepCountMax: 0 }),
  small('stopped in flight', () => numberedGraph(9, chain(9)), amounts(9, COIN), {
    stepCountMax: 3,
  }),
  small('fingers of 62 bits', () => numberedGraph(3, wideFingers()), [0n, 0n, 1n << 61n], {
    keepFingers: new Map([[idOf(2), 1n << 61n]]),
  }),
  small('a hub that many reach', () => hub(2000), amounts(2001, 1n << 40n)),
  ...NODE_COUNTS.map((nodeCount) =>
    small(
      `${nodeCount} nodes`,
      () => numberedGraph(nodeCount, web(nodeCount)),
      amounts(nodeCount, COIN),
    ),
  ),
  {
    name: 'provenance of a usage graph',
    size: 'medium',
    problem: () => provenance(400),
  },
  { name: 'hub of 1 M edges', size: 'large', problem: largeHub },
]

function small(
  name: string,
  graph: () => Graph,
  inflow: readonly bigint[],
  change: Partial<FlowRules> = {},
): FlowCase {
  const rules = {
    inflow: new Map(inflow.map((amount, node) => [idOf(node), amount])),
    keepFingers: { restOf: WHOLE },
    stepCountMax: 64,
    ...change,
  }
  return { name, size: 'small', problem: () => flowProblemOf(graph(), rules) }
}

/** Seeded amounts below `bound`, every third 0. */
function amounts(count: number, bound: bigint): bigint[] {
  const draw = drawsOf(count)
  return Array.from({ length: count }, (_, node) =>
    node % 3 === 2 ? 0n : (bound * BigInt(draw(2 ** 30))) >> 30n,
  )
}

/** Each passes a tenth to the one before it. */
function chain(length: number): NumberedRow[] {
  return Array.from({ length: length - 1 }, (_, node) => [node + 1, node, WHOLE / 10n])
}

function circle(length: number): NumberedRow[] {
  return Array.from({ length }, (_, node) => [node, (node + 1) % length, 10_000_000n])
}

function diamond(): NumberedRow[] {
  return [
    [3, 1, WHOLE / 10n],
    [3, 2, WHOLE / 10n],
    [1, 0, WHOLE / 10n],
    [2, 0, WHOLE / 10n],
  ]
}

/** Each passes to up to three older ones; some pass more than the whole and keep nothing. */
function web(nodeCount: number): NumberedRow[] {
  const draw = drawsOf(nodeCount + 1)
  return Array.from({ length: (nodeCount - 1) * 3 }, (_, row): NumberedRow => {
    const child = 1 + Math.floor(row / 3)
    return [child, draw(child), BigInt(1 + draw(60_000_000))]
  })
}

function selfLoops(nodeCount: number): Graph {
  const loops = Array.from({ length: nodeCount }, (_, node): NumberedRow => [
    node,
    node,
    30_000_000n,
  ])
  return numberedGraph(nodeCount, [...loops, ...chain(nodeCount)], { selfLoops: 'keep' })
}

function wideFingers(): NumberedRow[] {
  return [
    [2, 1, (1n << 62n) - 1n],
    [2, 0, 1n << 60n],
    [1, 0, 1n],
  ]
}

function hub(spokeCount: number): Graph {
  const spokes = Array.from({ length: spokeCount }, (_, index) => index + 1)
  return numberedGraph(
    spokeCount + 1,
    spokes.map((spoke): NumberedRow => [spoke, 0, BigInt(spoke) * 10_007n]),
  )
}

function largeHub(): FlowProblem {
  const graph = hubGraph()
  return {
    graph,
    fingers: graph.weights,
    inflow: Array.from({ length: graph.nodeCount }, (_, node) => BigInt(node) * 1_000_003n),
    keepFingers: Array.from({ length: graph.nodeCount }, () => 500n),
    stepCountMax: 2,
  }
}

/** The rows from child to parent of a generated economy, as shares; every asset was used. */
function provenance(assetCount: number): FlowProblem {
  const receiptCount = 1
  const { nodeCount, edges } = generateUsageGraph({ assetCount, consumerCount: 1, receiptCount })
  const rows = Array.from(edges.sources.subarray(receiptCount), (from, row): NumberedRow => [
    from,
    edges.targets[row + receiptCount] ?? 0,
    edges.weights?.[2 * (row + receiptCount)] ?? 0n,
  ])
  const graph = numberedGraph(nodeCount, rows)
  const inflow = new Map(amounts(nodeCount, COIN).map((amount, node) => [idOf(node), amount]))
  return flowProblemOf(graph, { inflow, keepFingers: { restOf: WHOLE }, stepCountMax: 1000 })
}
