import type { ApolloServerPlugin } from '@apollo/server'
import { GraphQLError, getVariableValues } from 'graphql'

import type { RequestContext } from '../context.ts'
import { type OperationCost, operationCost } from './cost.ts'

/** What one operation may ask for. */
export type OperationLimits = {
  /** `rows + 10 * statements`, counted before anything runs. */
  readonly points: number
  readonly depth: number
  readonly aliases: number
  readonly rootFields: number
}

/** The most tokens of a document. */
export const TOKEN_COUNT_MAX = 4000

/** The limits of an operation that anybody may send. */
export const OPERATION_LIMITS: OperationLimits = {
  points: 20_000,
  depth: 16,
  aliases: 60,
  rootFields: 30,
}

/**
 * Refuses operations beyond the limits before anything runs, and tells every other one what it cost.
 *
 * It runs once per request with coerced variables; validation rules would run once per document and
 * could not see variables.
 */
export function limitsPlugin(limits: OperationLimits): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      let cost: OperationCost | undefined
      return {
        async didResolveOperation({ schema, document, operation, request }) {
          if (operation === undefined) return
          const coerced = getVariableValues(
            schema,
            operation.variableDefinitions ?? [],
            request.variables ?? {},
          )
          // Variables that do not coerce are refused when the operation is executed.
          if (coerced.coerced === undefined) return
          cost = operationCost(schema, document, operation, coerced.coerced)
          refuse('points', cost.points, limits.points)
          refuse('depth', cost.depth, limits.depth)
          refuse('aliases', cost.aliases, limits.aliases)
          refuse('rootFields', cost.rootFields, limits.rootFields)
        },
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== 'single' || cost === undefined) return
          const { points, rows } = cost
          const statements = contextValue.statementCount()
          response.body.singleResult.extensions = {
            ...response.body.singleResult.extensions,
            cost: { points, limit: limits.points, rows, statements },
            pins: contextValue.pins.map(({ block, blockHash, chain, receipt, epoch }) => ({
              block: { number: block, hash: blockHash },
              commit: {
                chain: chain.commitSeq,
                receipt: receipt.commitSeq,
                epoch: epoch.commitSeq,
              },
            })),
          }
        },
      }
    },
  }
}

function refuse(what: keyof OperationLimits, found: number, limit: number): void {
  if (found <= limit) return
  throw new GraphQLError(`operation: expected at most ${limit} ${what}, found ${found}`, {
    extensions: {
      code: 'OPERATION_TOO_EXPENSIVE',
      hint: 'Ask for fewer rows with `first`, or for less in one operation.',
      cost: { what, found, limit },
      http: { status: 400 },
    },
  })
}
