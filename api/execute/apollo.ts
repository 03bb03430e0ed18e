import type { Server } from 'node:http'

import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer'
import type { GraphQLSchema } from 'graphql'

import type { RequestContext } from '../context.ts'
import { createExecutor, gatewayOf } from './executor.ts'
import { errorFormatter } from './format-error.ts'
import { OPERATION_LIMITS, type OperationLimits, TOKEN_COUNT_MAX, limitsPlugin } from './limits.ts'
import { overHttpPlugin } from './over-http.ts'

/** How long answers in progress may take when the server stops. */
const STOP_GRACE_MS = 5_000

/**
 * Apollo Server over our schema: our executor, our limits, no field hooks, no landing page, nothing
 * that talks to the outside.
 */
export function createApollo(options: {
  readonly schema: GraphQLSchema
  readonly httpServer: Server
  readonly limits?: OperationLimits
  readonly log: (line: string) => void
}): ApolloServer<RequestContext> {
  const { schema, httpServer, log } = options
  return new ApolloServer<RequestContext>({
    gateway: gatewayOf(schema, createExecutor(schema)),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: TOKEN_COUNT_MAX },
    nodeEnv: 'production',
    apollo: {},
    logger: { debug: ignore, info: ignore, warn: log, error: log },
    formatError: errorFormatter(log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: STOP_GRACE_MS }),
      ApolloServerPluginLandingPageDisabled(),
      limitsPlugin(options.limits ?? OPERATION_LIMITS),
      overHttpPlugin(),
    ],
  })
}

function ignore(): void {}
