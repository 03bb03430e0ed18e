import type { Operation, OperationVariables } from '../graphql/operation.ts'

/** The path of the API, on the origin that serves the dashboards. */
export const GRAPHQL_PATH = '/graphql'

type GraphqlError = {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly hint?: string }
}

type GraphqlAnswer<Data> = {
  readonly data?: Data | null
  readonly errors?: readonly GraphqlError[]
}

/**
 * Asks the API one operation.
 *
 * @throws {ApiError} with the API's own code, or `API_UNREACHABLE` or `API_ANSWER_UNREADABLE`.
 */
export async function fetchOperation<Data, Variables extends OperationVariables>(
  operation: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const answer = await send<Data>(operation, variables, signal)
  const error = answer.errors?.[0]
  if (error !== undefined) {
    const { code = 'INTERNAL_SERVER_ERROR', hint } = error.extensions ?? {}
    throw new ApiError(code, error.message, hint ?? HINTS[code])
  }
  if (answer.data === undefined || answer.data === null) {
    throw new ApiError('API_ANSWER_UNREADABLE', `expected data for ${operation.name}, found none`)
  }
  return answer.data
}

const HINTS: Readonly<Record<string, string>> = {
  API_UNREACHABLE: 'Check that `npm start` is still running; the page asks again by itself.',
}

async function send<Data>(
  operation: Operation<Data, never>,
  variables: OperationVariables,
  signal: AbortSignal | undefined,
): Promise<GraphqlAnswer<Data>> {
  let response: Response
  try {
    response = await fetch(GRAPHQL_PATH, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
      },
      body: JSON.stringify({
        operationName: operation.name,
        query: operation.text,
        variables,
      }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    const hint = HINTS['API_UNREACHABLE']
    throw new ApiError('API_UNREACHABLE', 'expected an answer of the API, found none', hint)
  }
  try {
    return (await response.json()) as GraphqlAnswer<Data>
  } catch {
    throw new ApiError(
      'API_ANSWER_UNREADABLE',
      `expected JSON from the API, found status ${response.status}`,
    )
  }
}

/** What the API, or the way to it, says against a question. */
export class ApiError extends Error {
  readonly code: string
  /** What the reader can do next. */
  readonly hint: string | undefined

  constructor(code: string, message: string, hint?: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.hint = hint
  }
}
