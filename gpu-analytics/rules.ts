import { FatalError } from '@foggara/schema'

import type { Graph } from './graph/build-graph.ts'

/** One value per node, by its id. An id that is not named has 0; one that no node has is refused. */
export type ById<Value> = ReadonlyMap<string, Value>

/** Amounts by id as a vector in the order of the graph's nodes. */
export function amountsOf(graph: Graph, what: string, amounts: ById<bigint>): bigint[] {
  checkIds(graph, what, amounts)
  return graph.ids.map((id) => {
    const amount = amounts.get(id) ?? 0n
    if (typeof amount !== 'bigint' || amount < 0n) {
      throw new RulesMalformedError(`${what} of ${id}: expected a bigint of at least 0n`, amount)
    }
    return amount
  })
}

/** Fractions `Q32 / 2^32`, one for all or by id, as a vector in the order of the graph's nodes. */
export function fractionsOf(
  graph: Graph,
  what: string,
  fractions: number | ById<number>,
): Uint32Array {
  if (typeof fractions === 'number') {
    checkFraction(what, fractions)
    return new Uint32Array(graph.nodeCount).fill(fractions)
  }
  checkIds(graph, what, fractions)
  return Uint32Array.from(graph.ids, (id) => {
    const fraction = fractions.get(id) ?? 0
    checkFraction(`${what} of ${id}`, fraction)
    return fraction
  })
}

function checkFraction(what: string, fraction: number): void {
  if (!Number.isInteger(fraction) || fraction < 0 || fraction >= 2 ** 32) {
    throw new RulesMalformedError(`${what}: expected a whole number from 0 to 2^32 - 1`, fraction)
  }
}

function checkIds(graph: Graph, what: string, values: ById<unknown>): void {
  if (!(values instanceof Map)) {
    throw new RulesMalformedError(`${what}: expected a Map by id`, values)
  }
  for (const id of values.keys()) {
    if (!graph.indexById.has(id)) {
      throw new RulesMalformedError(`${what}: expected ids of the graph's nodes`, id, {
        hint: 'Name a node without an edge in the extraNodes of buildGraph.',
      })
    }
  }
}

/** The rules of a run say something that is not possible, or not about this graph. */
export class RulesMalformedError extends FatalError {
  constructor(expected: string, found: unknown, options: { readonly hint?: string } = {}) {
    super('RULES_MALFORMED', `${expected}, found ${String(found)}`, options)
  }
}
