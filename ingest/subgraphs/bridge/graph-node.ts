import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

import { redactUrl } from '../../chain/rpc-errors.ts'
import { postJson } from '../../chain/rpc-http.ts'

/** How to reach the GraphQL API of a graph-node. */
export type GraphNodeOptions = {
  readonly url: string
  readonly sleep: (durationMs: number) => Promise<void>
  readonly signal: AbortSignal
  /** Longest wait for one answer; 60,000 by default. */
  readonly timeoutMs?: number
  /** How often a failure of the surroundings is met before it is raised; 3 by default. */
  readonly attemptsMax?: number
}

/** A GraphQL API of a graph-node: that of a subgraph, or of its index node. */
export type GraphNode = {
  /** The endpoint without credentials, for messages. */
  readonly shownUrl: string
  /**
   * Asks a query and returns its data.
   *
   * Raises the retryable `GRAPH_NODE_UNREACHABLE`, `GRAPH_NODE_RESPONSE_INVALID`,
   * `GRAPH_NODE_REVERTED` (the block is gone, or not there yet) and `GRAPH_NODE_QUERY_FAILED`, and
   * for good `GRAPH_NODE_DEPLOYMENT_MISSING`, `GRAPH_NODE_INDEXING_ERRORS`,
   * `GRAPH_NODE_HISTORY_PRUNED` and `GRAPH_NODE_SCHEMA_CHANGED`.
   */
  readonly ask: (query: string) => Promise<GraphData>
}

/** The fields of an answer, unchecked. */
export type GraphData = Readonly<Record<string, unknown>>

const TIMEOUT_MS = 60_000
const ATTEMPT_COUNT_MAX = 3
const RETRY_MS_MIN = 200
/** What graph-node answers beside the data of a subgraph that has failed, where that is allowed. */
const TOLERATED = 'indexing_error'

/** Opens a GraphQL API over HTTP; nothing is sent yet. */
export function openGraphNode(options: GraphNodeOptions): GraphNode {
  const shownUrl = redactUrl(options.url)
  const attemptsMax = options.attemptsMax ?? ATTEMPT_COUNT_MAX
  return {
    shownUrl,
    ask: async (query) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await askOnce(options, shownUrl, query)
        } catch (error) {
          const mayPass = error instanceof GraphNodeUnreachableError
          if (!mayPass || attempt >= attemptsMax || options.signal.aborted) throw error
          await options.sleep(RETRY_MS_MIN * 4 ** (attempt - 1))
        }
      }
    },
  }
}

async function askOnce(
  { url, signal, timeoutMs }: GraphNodeOptions,
  shownUrl: string,
  query: string,
): Promise<GraphData> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS)])
  let status: number
  let text: string
  try {
    const answer = await postJson(url, JSON.stringify({ query }), ends)
    status = answer.status
    text = Buffer.from(answer.bytes).toString('utf8')
  } catch (error) {
    if (error instanceof FoggaraError) throw error
    throw new GraphNodeUnreachableError(shownUrl, causeOf(error), error)
  }
  if (status === 429 || status >= 500) {
    throw new GraphNodeUnreachableError(shownUrl, `HTTP status ${status}`)
  }
  return dataOf(shownUrl, text)
}

function dataOf(shownUrl: string, text: string): GraphData {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw new GraphNodeResponseInvalidError(shownUrl, text, error)
  }
  const { data, errors } = fieldsOf(answer)
  const messages = listOf(errors).map((error) => textOf(fieldsOf(error)['message']))
  const hasData = typeof data === 'object' && data !== null
  const failures = hasData ? messages.filter((message) => message !== TOLERATED) : messages
  const [message] = failures
  if (message !== undefined) throw queryError(shownUrl, message)
  if (hasData) return fieldsOf(data)
  throw new GraphNodeResponseInvalidError(shownUrl, text)
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): GraphData {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}

/** The items of a list; none of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** What graph-node 0.45 says, and what it means: it has no codes. */
function queryError(shownUrl: string, message: string): FoggaraError {
  if (/deployment .* does not exist|subgraph .* not found/i.test(message)) {
    return new DeploymentMissingError(shownUrl, message)
  }
  if (message === TOLERATED) return new IndexingErrorsError(shownUrl)
  if (/only has data starting at block/.test(message)) {
    return new GraphNodeHistoryPrunedError(shownUrl, message)
  }
  if (/only indexed up to block|was reorganized while|no block with that hash/.test(message)) {
    return new GraphNodeRevertedError(shownUrl, message)
  }
  if (/has no field|Unknown (?:type|argument)|Invalid value provided for argument/.test(message)) {
    return new GraphNodeSchemaChangedError(shownUrl, message)
  }
  return new GraphNodeQueryFailedError(shownUrl, message)
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a failure'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name === 'TimeoutError' ? 'no answer in time' : error.message
}

/** graph-node is away, or answers that it is busy. */
export class GraphNodeUnreachableError extends RetryableError {
  constructor(shownUrl: string, found: string, cause?: unknown) {
    super('GRAPH_NODE_UNREACHABLE', `${shownUrl}: expected an answer, found ${found}`, {
      cause,
      hint: 'Check that graph-node runs and that the URL is that of its GraphQL API.',
    })
  }
}

/** The answer is not one of a GraphQL API. */
export class GraphNodeResponseInvalidError extends RetryableError {
  constructor(shownUrl: string, found: string, cause?: unknown) {
    const shown = JSON.stringify(found.slice(0, 80))
    super('GRAPH_NODE_RESPONSE_INVALID', `${shownUrl}: expected GraphQL data, found ${shown}`, {
      cause,
      hint: 'The URL ends like /subgraphs/name/NAME or /subgraphs/id/Qm….',
    })
  }
}

/** A query failed for a reason that may pass, such as a time limit. */
export class GraphNodeQueryFailedError extends RetryableError {
  constructor(shownUrl: string, message: string) {
    super('GRAPH_NODE_QUERY_FAILED', `${shownUrl}: expected data, found: ${oneLine(message)}`)
  }
}

/** The block of a query is not there: graph-node went back, or has not come so far. */
export class GraphNodeRevertedError extends RetryableError {
  constructor(shownUrl: string, message: string) {
    super('GRAPH_NODE_REVERTED', `${shownUrl}: expected the block, found: ${oneLine(message)}`)
  }
}

/** There is no such subgraph at the URL. */
export class DeploymentMissingError extends FatalError {
  constructor(shownUrl: string, message: string) {
    super(
      'GRAPH_NODE_DEPLOYMENT_MISSING',
      `${shownUrl}: expected a subgraph, found: ${oneLine(message)}`,
      { hint: 'Take the name or the Qm… id as graph-node has it.' },
    )
  }
}

/** Handlers of the subgraph failed, so that graph-node answers only who allows that. */
export class IndexingErrorsError extends FatalError {
  constructor(shownUrl: string) {
    super(
      'GRAPH_NODE_INDEXING_ERRORS',
      `${shownUrl}: expected a subgraph without indexing errors, found some`,
      { hint: 'Copy what there is with --allow-errors.' },
    )
  }
}

/** graph-node no longer has the state of a block. */
export class GraphNodeHistoryPrunedError extends FatalError {
  constructor(shownUrl: string, message: string) {
    super(
      'GRAPH_NODE_HISTORY_PRUNED',
      `${shownUrl}: expected the block, found: ${oneLine(message)}`,
      { hint: 'Begin with --from at a block that graph-node still has, in an empty database.' },
    )
  }
}

/** The subgraph at the URL has other types or fields than the schema says. */
export class GraphNodeSchemaChangedError extends FatalError {
  constructor(shownUrl: string, message: string) {
    super(
      'GRAPH_NODE_SCHEMA_CHANGED',
      `${shownUrl}: expected the schema that was read at the start, found: ${oneLine(message)}`,
      { hint: 'Give the schema.graphql of this deployment, and a --name of its own.' },
    )
  }
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').slice(0, 300)
}
