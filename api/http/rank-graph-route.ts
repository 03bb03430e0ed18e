import type { FastifyInstance } from 'fastify'

import { type ContextSource, createContext } from '../context.ts'
import {
  EpochNotClosedError,
  type RankGraph,
  rankGraphPath,
} from '../graphql/epoch/closed-epochs.ts'

const EPOCH = /^[1-9][0-9]{0,9}$/

/**
 * Serves `/epochs/:epoch/rank-graph.bin`: the rank problem of a closed epoch in the compressed form
 * of `encodeGraph`, with the digest that its solution must have as a header.
 */
export function rankGraphRoute(
  app: FastifyInstance,
  source: ContextSource,
  deadlineMs: number,
): void {
  app.get<{ Params: { epoch: string } }>(rankGraphPath(':epoch'), async (request, reply) => {
    const { epoch } = request.params
    const graph = EPOCH.test(epoch) ? await graphOf(source, Number(epoch), deadlineMs) : undefined
    if (graph === undefined) {
      const found = JSON.stringify(epoch.slice(0, 20))
      const message = `epoch ${found}: expected a closed epoch, found none`
      return reply.code(404).send({ code: 'EPOCH_NOT_CLOSED', message })
    }
    return reply
      .type('application/octet-stream')
      .headers({
        'content-disposition': `attachment; filename="epoch-${epoch}-rank-graph.bin"`,
        'cache-control': 'public, max-age=60',
        etag: `"${graph.manifestHash}"`,
        'foggara-rank-digest': graph.digest,
      })
      .send(Buffer.from(graph.bytes.buffer, graph.bytes.byteOffset, graph.bytes.byteLength))
  })
}

/** Undefined when the epoch is not closed. */
async function graphOf(
  source: ContextSource,
  epoch: number,
  deadlineMs: number,
): Promise<RankGraph | undefined> {
  const context = createContext(source, AbortSignal.timeout(deadlineMs))
  try {
    return await context.closedEpochs.rankGraph(await context.at(undefined), epoch)
  } catch (error) {
    if (error instanceof EpochNotClosedError) return undefined
    throw error
  }
}
