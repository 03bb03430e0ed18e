import type { ApolloServerOptionsWithGateway, BaseContext } from '@apollo/server'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  execute,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'

/** One operation to execute: the document is the same object each time it comes. */
export type Execution = {
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly context: unknown
}

/** Executes operations against one schema. */
export type Executor = (execution: Execution) => Promise<ExecutionResult>

type Gateway = ApolloServerOptionsWithGateway<BaseContext>['gateway']

/** Compiling costs about as much as this many executions, so rare documents are interpreted. */
const COMPILE_FROM_EXECUTION = 3

type Compiled = { count: number; readonly query: CompiledQuery | undefined }

/**
 * An executor that compiles the documents that come often and interprets the others. Compiled
 * queries live as long as their documents, which Apollo keeps in a bounded store.
 */
export function createExecutor(schema: GraphQLSchema): Executor {
  const documents = new WeakMap<DocumentNode, Map<string, Compiled>>()
  return async (execution) => {
    const operations = documents.get(execution.document) ?? new Map<string, Compiled>()
    documents.set(execution.document, operations)
    const name = execution.operationName ?? ''
    const known = operations.get(name) ?? { count: 0, query: undefined }
    const count = known.count + 1
    const query = count === COMPILE_FROM_EXECUTION ? compiledQuery(schema, execution) : known.query
    operations.set(name, { count, query })
    return query === undefined ? interpret(schema, execution) : runCompiled(query, execution)
  }
}

/** Executes with graphql-js. */
export async function interpret(
  schema: GraphQLSchema,
  { document, operationName, variables, context }: Execution,
): Promise<ExecutionResult> {
  return execute({
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: context,
  })
}

/** Compiles an operation; undefined when graphql-jit cannot. */
export function compiledQuery(
  schema: GraphQLSchema,
  { document, operationName }: Pick<Execution, 'document' | 'operationName'>,
): CompiledQuery | undefined {
  try {
    const compiled = compileQuery(schema, document, operationName ?? undefined)
    return isCompiledQuery(compiled) ? compiled : undefined
  } catch {
    // The compiler throws on some documents that graphql-js can execute.
    return undefined
  }
}

/** Executes a compiled operation and gives its errors the shape that Apollo expects. */
export async function runCompiled(
  query: CompiledQuery,
  { variables, context }: Pick<Execution, 'variables' | 'context'>,
): Promise<ExecutionResult> {
  const result = await query.query(undefined, context, variables)
  if (result.errors === undefined) return result
  const isRefused = result.data === undefined
  return { ...result, errors: result.errors.map((error) => realError(error, isRefused)) }
}

/** The executor as the gateway that Apollo takes one from. */
export function gatewayOf(schema: GraphQLSchema, executor: Executor): Gateway {
  let announce: (() => void) | undefined
  return {
    onSchemaLoadOrUpdate(callback) {
      announce = () => callback({ apiSchema: schema, coreSupergraphSdl: '' })
      return () => undefined
    },
    async load() {
      announce?.()
      return {
        executor: async (request) =>
          executor({
            document: request.document,
            operationName: request.operationName,
            variables: request.request.variables ?? {},
            context: request.context,
          }),
      }
    },
    async stop() {},
  }
}

/**
 * graphql-jit's errors are of a class of its own without `extensions`, over which Apollo's formatter
 * stumbles and masks every error.
 */
function realError(error: GraphQLError, isRefused: boolean): GraphQLError {
  const original = error.originalError ?? undefined
  return new GraphQLError(error.message, {
    path: error.path,
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(original === undefined ? {} : { originalError: original }),
    extensions: isRefused ? { code: 'BAD_USER_INPUT', ...error.extensions } : error.extensions,
  })
}
