import {
  type Graph,
  type RankProblem,
  type RankRules,
  generateDirectedRmat,
  generateKronecker,
  generateUsageGraph,
  rankProblemOf,
} from '@foggara/gpu-analytics'

import type { CaseSize } from './engines-under-test.ts'
import { hubGraph } from './hub-graph.ts'
import { type NumberedRow, drawsOf, idOf, numberedGraph, rowsOf } from './numbered-graph.ts'

/** A rank problem that every engine is asked; its golden hash stands under its name. */
export type RankCase = {
  readonly name: string
  /** Problems that some engines leave out say why in those engines' cells. */
  readonly size: CaseSize
  readonly problem: () => RankProblem
}

const D85 = 3_650_722_202
const RULES: RankRules = {
  weights: 'weighted',
  passThroughQ32: D85,
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 6 },
}
const EQUAL: RankRules = { ...RULES, weights: 'equal' }

/** Around the sizes of workgroups, of the chunks that rows are cut into, and of slabs. */
export const NODE_COUNTS = [63, 64, 65, 255, 256, 257] as const
const ROW_LENGTHS = [
  31, 32, 33, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097,
] as const
const EDGE_COUNTS = [255, 256, 257, 511, 512, 513] as const

export const RANK_CASES: readonly RankCase[] = [
  small('empty', () => numberedGraph(0, []), RULES),
  small('empty, equal and personalised', () => numberedGraph(0, []), personalised([], EQUAL)),
  small('one node', () => numberedGraph(1, []), RULES),
  small('one node, personalised', () => numberedGraph(1, []), personalised([[0, 5n]], RULES)),
  small('one node with a self loop', () => selfLoops(1), RULES),
  small('isolated nodes', () => numberedGraph(300, []), EQUAL),
  small('isolated nodes beside a circle', () => numberedGraph(70, circle(5)), RULES),
  small('self loops', () => selfLoops(40), RULES),
  small('self loops, equal', () => selfLoops(40), EQUAL),
  small('parallel edges', () => numberedGraph(20, [...mesh(20, 3), ...mesh(20, 3)]), RULES),
  small('all dangling', () => numberedGraph(90, bipartite(30, 60)), RULES),
  small('all dangling, personalised', () => numberedGraph(90, bipartite(30, 60)), {
    ...personalised(
      Array.from({ length: 30 }, (_, node) => [node, BigInt(node)]),
      EQUAL,
    ),
    start: 'teleport',
  }),
  small('uint256 weights', () => numberedGraph(50, wideWeights(50)), RULES),
  small('one edge below 2^-32 of its sibling', () => numberedGraph(3, unequalPair()), RULES),
  small('one iteration', () => numberedGraph(30, mesh(30, 7)), count(1)),
  small('no iteration', () => numberedGraph(30, mesh(30, 7)), count(0)),
  small('a hundred iterations', () => numberedGraph(30, mesh(30, 7)), count(100)),
  small('stopped by a small step', () => numberedGraph(200, mesh(200, 9)), delta(1n << 32n, 200)),
  small('stopped before its small step', () => numberedGraph(200, mesh(200, 9)), delta(0n, 9)),
  small('stopped at once by any step', () => numberedGraph(20, mesh(20, 3)), delta(1n << 63n, 9)),
  small(
    'stopped at once by any step of 65 bits',
    () => numberedGraph(20, mesh(20, 3)),
    delta(1n << 65n, 9),
  ),
  small('a pass-through per node', () => numberedGraph(64, mesh(64, 4)), perNode(64)),
  small('everything passed on', () => numberedGraph(64, mesh(64, 4)), {
    ...RULES,
    passThroughQ32: 0xffff_ffff,
  }),
  small('nothing passed on', () => numberedGraph(64, mesh(64, 4)), { ...RULES, passThroughQ32: 0 }),
  small('a teleport of less than the mass', () => numberedGraph(40, mesh(40, 5)), RULES, partial),
  ...NODE_COUNTS.flatMap((nodeCount) => [
    small(`${nodeCount} nodes`, () => numberedGraph(nodeCount, mesh(nodeCount, 5)), RULES),
    small(
      `${nodeCount} nodes, equal and personalised`,
      () => numberedGraph(nodeCount, mesh(nodeCount, 5)),
      { ...personalised([[nodeCount - 1, 1n]], EQUAL), start: 'teleport' },
    ),
  ]),
  small('rows around the sizes of chunks', () => rowsOfLengths(), RULES),
  small('rows around the sizes of chunks, equal', () => rowsOfLengths(), EQUAL),
  ...EDGE_COUNTS.map((edgeCount) =>
    small(`${edgeCount} edges, around the ends of slabs`, () => edgesOf(edgeCount), RULES),
  ),
  ...generated('directed RMAT', once(rmat), 2 ** 12),
  ...generated('Kronecker', once(kronecker), 2 ** 11),
  ...generated('usage graph', once(usage), 900),
  medium('one node that reaches 70 000', once(wideFan), RULES),
  large('hub of 1 M edges', RULES),
  large('hub of 1 M edges, equal', EQUAL),
]

function small(
  name: string,
  graph: () => Graph,
  rules: RankRules,
  change: (problem: RankProblem) => RankProblem = (problem) => problem,
): RankCase {
  return { name, size: 'small', problem: () => change(rankProblemOf(graph(), rules)) }
}

function generated(name: string, graph: () => Graph, nodeCount: number): RankCase[] {
  const seeds = Array.from({ length: 9 }, (_, index): [number, bigint] => [
    (index * 97) % nodeCount,
    BigInt(index + 1),
  ])
  const variants: readonly (readonly [string, RankRules])[] = [
    ['weighted', RULES],
    ['equal', EQUAL],
    ['personalised', { ...personalised(seeds, RULES), start: 'teleport' }],
    ['until a small step', { ...delta(1n << 42n, 60), weights: 'equal' }],
  ]
  return variants.map(([variant, rules]) => medium(`${name}, ${variant}`, graph, rules))
}

function medium(name: string, graph: () => Graph, rules: RankRules): RankCase {
  return { name, size: 'medium', problem: () => rankProblemOf(graph(), rules) }
}

function large(name: string, rules: RankRules): RankCase {
  const stop = { type: 'count', iterationCount: 2 } as const
  return { name, size: 'large', problem: () => rankProblemOf(hubGraph(), { ...rules, stop }) }
}

function personalised(
  weights: readonly (readonly [node: number, weight: bigint])[],
  rules: RankRules,
): RankRules {
  return { ...rules, teleport: new Map(weights.map(([node, weight]) => [idOf(node), weight])) }
}

function count(iterationCount: number): RankRules {
  return { ...RULES, stop: { type: 'count', iterationCount } }
}

function delta(deltaMax: bigint, iterationCountMax: number): RankRules {
  return { ...RULES, stop: { type: 'delta', deltaMax, iterationCountMax } }
}

function perNode(nodeCount: number): RankRules {
  const draw = drawsOf(11)
  const fractions = Array.from({ length: nodeCount }, (_, node): [string, number] => [
    idOf(node),
    [0, 1, 2 ** 31, 0xffff_ffff, draw(2 ** 32)][node % 5] ?? 0,
  ])
  return { ...RULES, passThroughQ32: new Map(fractions) }
}

function partial(problem: RankProblem): RankProblem {
  const teleport = new BigUint64Array(problem.graph.nodeCount)
  for (const node of teleport.keys()) teleport[node] = BigInt(node) * 1_000_003n
  return { ...problem, teleport, start: 'teleport' }
}

function circle(length: number): NumberedRow[] {
  return Array.from({ length }, (_, node) => [node, (node + 1) % length, 1n])
}

/** Every node passes to three others, with weights of three sizes. */
function mesh(nodeCount: number, stride: number): NumberedRow[] {
  return Array.from({ length: nodeCount }, (_, node): NumberedRow[] => [
    [node, (node + 1) % nodeCount, 1n],
    [node, (node * stride + 2) % nodeCount, 1_000_003n * BigInt(node + 1)],
    [node, (node >> 1) % nodeCount, 10n ** 18n + BigInt(node)],
  ]).flat()
}

function bipartite(left: number, right: number): NumberedRow[] {
  return Array.from({ length: left * 3 }, (_, row) => [
    row % left,
    left + ((row * 7) % right),
    BigInt(row + 1),
  ])
}

function selfLoops(nodeCount: number): Graph {
  const loops = Array.from({ length: nodeCount }, (_, node): NumberedRow => [
    node,
    node,
    BigInt(node + 2),
  ])
  return numberedGraph(nodeCount, [...loops, ...circle(nodeCount)], { selfLoops: 'keep' })
}

function wideWeights(nodeCount: number): NumberedRow[] {
  const draw = drawsOf(5)
  return Array.from({ length: nodeCount * 6 }, (_, row) => {
    const bits = [1, 31, 33, 64, 96, 128, 160, 251][row % 8] ?? 1
    return [draw(nodeCount), draw(nodeCount), (1n << BigInt(bits)) + BigInt(draw(2 ** 30))]
  })
}

function unequalPair(): NumberedRow[] {
  return [
    [0, 1, 1n << 40n],
    [0, 2, 1n],
    [1, 0, 1n],
    [2, 0, 1n],
  ]
}

/** One node per length, which that many others reach. */
function rowsOfLengths(): Graph {
  const nodeCount = 4200
  const rows = ROW_LENGTHS.flatMap((length, target) =>
    Array.from({ length }, (_, index): NumberedRow => [
      100 + index,
      target * 3,
      BigInt(1 + ((index * 31) % 17)),
    ]),
  )
  return numberedGraph(nodeCount, [
    ...rows,
    ...ROW_LENGTHS.map((_, at): NumberedRow => [at * 3, 99, 1n]),
  ])
}

/** Its shift is above 16, and its mantissas use 32 bits all the same. */
function wideFan(): Graph {
  const nodeCount = 70_001
  const fan = Array.from({ length: nodeCount - 1 }, (_, index): NumberedRow => [0, 1 + index, 7n])
  return numberedGraph(nodeCount, [...fan, ...circle(nodeCount)])
}

/** Exactly so many edges, in rows of uneven length. */
function edgesOf(edgeCount: number): Graph {
  const nodeCount = 100
  const rows = Array.from({ length: edgeCount }, (_, index): NumberedRow => {
    const target = Math.floor(Math.sqrt(index * 9)) % nodeCount
    return [(target + 1 + index) % nodeCount, target, BigInt(1 + (index % 23))]
  })
  const graph = numberedGraph(nodeCount, rows, { selfLoops: 'keep', parallelEdges: 'reject' })
  if (graph.sources.length !== edgeCount) throw new Error(`${graph.sources.length} edges`)
  return graph
}

function rmat(): Graph {
  return numberedGraph(
    2 ** 12,
    rowsOf(generateDirectedRmat({ scale: 12, edgeFactor: 8, weights: 'fees' })),
  )
}

function kronecker(): Graph {
  return numberedGraph(
    2 ** 11,
    rowsOf(generateKronecker({ scale: 11, edgeFactor: 8, weights: 'fees' })),
  )
}

function usage(): Graph {
  const { nodeCount, edges } = generateUsageGraph({
    assetCount: 300,
    consumerCount: 600,
    receiptCount: 4000,
  })
  return numberedGraph(nodeCount, rowsOf(edges))
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => (made ??= make())
}
