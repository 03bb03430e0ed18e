import type { FlowProblem, FlowResult } from './engine.ts'
import { type EngineOptions, engineOf } from './engines.ts'
import { at } from './graph/at.ts'
import { type Graph, outWeights } from './graph/build-graph.ts'
import { type ById, RulesMalformedError, amountsOf } from './rules.ts'

/** Everything that decides a flow, besides the graph, whose edge weights are the fingers passed. */
export type FlowRules = {
  /** What enters at each node, by id. Unit: any whole unit, such as a token's base unit. */
  readonly inflow: ById<bigint>
  /** The fingers that each node keeps: by id, or what its edges leave of `restOf`. */
  readonly keepFingers: ById<bigint> | { readonly restOf: bigint }
  /** After so many steps, what still moves stays where it is. */
  readonly stepCountMax: number
}

export type Flowed = FlowResult & {
  /** What each node kept, in the order of the graph's ids; they sum to the inflow. */
  readonly keptById: ReadonlyMap<string, bigint>
}

/**
 * Lets amounts flow along a graph until every unit is kept somewhere, the same on every engine.
 *
 * @throws {RulesMalformedError} when the rules do not fit the graph.
 * @throws {EngineUnknownError | EngineUnavailableError} when the engine cannot be had.
 * @throws {RunAbortedError} when the signal says so.
 */
export async function flow(
  graph: Graph,
  rules: FlowRules,
  options: EngineOptions = {},
): Promise<Flowed> {
  const problem = flowProblemOf(graph, rules)
  const engine = await engineOf(options.engine ?? 'auto')
  const result = await engine.flow(problem, options)
  const keptById = new Map(graph.ids.map((id, node) => [id, at(result.kept, node)]))
  return { ...result, keptById }
}

/**
 * The numbers that engines see of a graph and its rules.
 *
 * @throws {RulesMalformedError}
 */
export function flowProblemOf(graph: Graph, rules: FlowRules): FlowProblem {
  const { stepCountMax } = rules
  if (!Number.isInteger(stepCountMax) || stepCountMax < 0) {
    throw new RulesMalformedError('stepCountMax: expected a whole number of steps', stepCountMax)
  }
  return {
    graph,
    fingers: graph.weights,
    inflow: amountsOf(graph, 'inflow', rules.inflow),
    keepFingers: keepFingersOf(graph, rules.keepFingers),
    stepCountMax,
  }
}

function keepFingersOf(graph: Graph, keepFingers: FlowRules['keepFingers']): bigint[] {
  if (!('restOf' in keepFingers)) return amountsOf(graph, 'keepFingers', keepFingers)
  const { restOf } = keepFingers
  return outWeights(graph).map((passed) => (passed < restOf ? restOf - passed : 0n))
}
