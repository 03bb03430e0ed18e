import { unwrapResolverError } from '@apollo/server/errors'
import { FoggaraError } from '@foggara/schema'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

/** Codes of errors that a request itself causes; their messages hold nothing of ours. */
const PUBLIC_CODES = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_TOO_EXPENSIVE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
])

/**
 * Makes the errors that clients see: those raised on purpose keep code, message and hint; everything
 * else is logged and becomes `INTERNAL_ERROR` without detail.
 */
export function errorFormatter(log: (line: string) => void) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const original = unwrapResolverError(error)
    if (original instanceof FoggaraError) {
      const { code, hint, retryable } = original
      const extensions = { code, retryable, ...(hint === undefined ? {} : { hint }) }
      return { ...formatted, message: original.message, extensions }
    }
    const code = formatted.extensions?.['code']
    const isPublic = typeof code === 'string' && PUBLIC_CODES.has(code)
    if (isPublic && (original === error || original instanceof GraphQLError)) {
      const { stacktrace: _, ...extensions } = formatted.extensions ?? {}
      return { ...formatted, extensions }
    }
    log(`api: unexpected error: ${original instanceof Error ? original.stack : String(original)}`)
    return {
      message: 'expected an answer, found an internal error',
      ...(formatted.path === undefined ? {} : { path: formatted.path }),
      extensions: { code: 'INTERNAL_ERROR', retryable: false },
    }
  }
}
