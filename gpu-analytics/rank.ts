import { SCORE_MASS } from '@foggara/schema'

import type { RankProblem, RankResult, RankStop } from './engine.ts'
import { type EngineOptions, engineOf } from './engines.ts'
import { at } from './graph/at.ts'
import type { Graph } from './graph/build-graph.ts'
import { normaliseWeights } from './graph/normalise-weights.ts'
import { type ById, RulesMalformedError, amountsOf, fractionsOf } from './rules.ts'
import { largestRemainder } from './split/largest-remainder.ts'

/**
 * Everything that decides a rank, besides the graph. There are no defaults: a result is reproduced by
 * whoever has the same graph and the same rules.
 */
export type RankRules = {
  /** Along its edges a node passes in proportion to their weights, or the same to each. */
  readonly weights: 'weighted' | 'equal'
  /** The part of its score that a node passes on, as u32 / 2^32: one for all, or by id. */
  readonly passThroughQ32: number | ById<number>
  /** Where the rest goes: the same to all, or by id in proportion to weights of any scale. */
  readonly teleport: 'uniform' | ById<bigint>
  /** The scores before the first iteration: the teleport's own shares, or the same for all. */
  readonly start: 'teleport' | 'uniform'
  readonly stop: RankStop
}

export type Ranking = RankResult & {
  /** In the order of the graph's ids, which ascend by their bytes. Unit: score units, of 2^62. */
  readonly scoreById: ReadonlyMap<string, bigint>
}

/**
 * Ranks the nodes of a graph: personalised PageRank in whole numbers, the same bits on every engine.
 *
 * @throws {RulesMalformedError | SplitWithoutWeightError} when the rules do not fit the graph.
 * @throws {EngineUnknownError | EngineUnavailableError} when the engine cannot be had.
 * @throws {RunAbortedError} when the signal says so.
 */
export async function rank(
  graph: Graph,
  rules: RankRules,
  options: EngineOptions = {},
): Promise<Ranking> {
  const problem = rankProblemOf(graph, rules)
  const engine = await engineOf(options.engine ?? 'auto')
  const result = await engine.rank(problem, options)
  const scoreById = new Map(graph.ids.map((id, node) => [id, at(result.scores, node)]))
  return { ...result, scoreById }
}

/**
 * The numbers that engines see of a graph and its rules.
 *
 * @throws {RulesMalformedError | SplitWithoutWeightError}
 */
export function rankProblemOf(graph: Graph, rules: RankRules): RankProblem {
  return {
    graph,
    weights: rules.weights === 'equal' ? 'equal' : normaliseWeights(graph),
    passThroughQ32: fractionsOf(graph, 'passThroughQ32', rules.passThroughQ32),
    teleport: rules.teleport === 'uniform' ? 'uniform' : sharesOf(graph, rules.teleport),
    start: oneOf('start', rules.start, ['teleport', 'uniform']),
    stop: checkedStop(rules.stop),
  }
}

function sharesOf(graph: Graph, teleport: ById<bigint>): BigUint64Array {
  const weights = amountsOf(graph, 'teleport', teleport)
  const total = graph.nodeCount === 0 ? 0n : SCORE_MASS
  const claims = graph.ids.map((id, node) => ({ id, weight: at(weights, node) }))
  return BigUint64Array.from(largestRemainder(total, claims))
}

function checkedStop(stop: RankStop): RankStop {
  const count = stop.type === 'count' ? stop.iterationCount : stop.iterationCountMax
  if (!Number.isInteger(count) || count < 0) {
    throw new RulesMalformedError('stop: expected a whole number of iterations', count)
  }
  if (stop.type === 'delta' && stop.deltaMax < 0n) {
    throw new RulesMalformedError('stop: expected a deltaMax of at least 0n', stop.deltaMax)
  }
  return stop
}

function oneOf<Value extends string>(what: string, found: Value, values: readonly Value[]): Value {
  if (values.includes(found)) return found
  throw new RulesMalformedError(`${what}: expected one of ${values.join(', ')}`, found)
}
