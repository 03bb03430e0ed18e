import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyReply } from 'fastify'

import {
  ClientGoneError,
  type ContextSource,
  DeadlineError,
  type RequestContext,
  createContext,
} from '../context.ts'
import { QUERY_PAGE, QUERY_PAGE_SCRIPT, QUERY_PAGE_STYLE } from './query-page.ts'
import { wantsPage } from './wants-page.ts'

/** Serves GraphQL at `/graphql`; a browser that opens the address gets a small query page. */
export function graphqlRoute(
  app: FastifyInstance,
  apollo: ApolloServer<RequestContext>,
  options: {
    readonly source: ContextSource
    readonly schemaText: string
    /** How long one request may take. */
    readonly deadlineMs: number
  },
): void {
  const { source, schemaText, deadlineMs } = options
  const answer = fastifyApolloHandler(apollo, {
    context: async (_request, reply) => createContext(source, signalOf(reply, deadlineMs)),
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler(request, reply) {
      if (wantsPage(request)) return reply.type('text/html; charset=utf-8').send(QUERY_PAGE)
      return answer.call(app, request, reply)
    },
  })
  app.get('/graphql/page.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(QUERY_PAGE_SCRIPT),
  )
  app.get('/graphql/page.css', (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(QUERY_PAGE_STYLE),
  )
  app.get('/schema.graphql', (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(schemaText),
  )
}

/** Aborts when the client goes away or the deadline passes, whichever is first. */
function signalOf(reply: FastifyReply, deadlineMs: number): AbortSignal {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DeadlineError(deadlineMs)), deadlineMs)
  reply.raw.once('close', () => {
    clearTimeout(timer)
    if (!reply.raw.writableFinished) controller.abort(new ClientGoneError())
  })
  return controller.signal
}
