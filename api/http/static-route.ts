import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

import { wantsPage } from './wants-page.ts'

/**
 * Serves the built dashboards; an address that is no file but wants a page gets the application,
 * which knows its own addresses.
 */
export function staticRoute(app: FastifyInstance, directory: string): void {
  app.register(fastifyStatic, {
    root: directory,
    wildcard: true,
    index: ['index.html'],
    setHeaders(reply, path) {
      const isHashed = /[/\\]static[/\\]/.test(path)
      const keep = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
      void reply.header('cache-control', keep)
    },
  })
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) return reply.sendFile('index.html')
    return reply.code(404).send({ code: 'NOT_FOUND', message: `nothing is at ${request.url}` })
  })
}
