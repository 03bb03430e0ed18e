import type { FastifyRequest } from 'fastify'

/** Whether a request is a browser's that opens an address, and not a program's. */
export function wantsPage(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
}
