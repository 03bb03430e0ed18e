import { Agent, request } from 'node:http'

import { CONTENT_TYPES, type LoadShare, readBodies } from './load.ts'

// A process that only sends: `node send-load.ts URL JSON`, a list of shares, one connection each. The
// first requests of a connection warm up; what it prints counts the others.

/** What a sender found. */
export type SentLoad = {
  readonly receiptCount: number
  readonly seconds: number
  readonly processorSeconds: number
  /** Of every counted request, in no order. */
  readonly latenciesMs: readonly number[]
}

const WARM_UP_REQUESTS = 2

const [url, text] = process.argv.slice(2)
const shares = JSON.parse(text ?? '[]') as readonly LoadShare[]
const agent = new Agent({ keepAlive: true, maxSockets: shares.length })
const latenciesMs: number[] = []
let receiptCount = 0

async function warmUp(share: LoadShare): Promise<AsyncGenerator<Buffer>> {
  const bodies = readBodies(share.path)
  for (let index = 0; index < WARM_UP_REQUESTS; index += 1) {
    const next = await bodies.next()
    if (next.done !== true) await post(share, next.value)
  }
  return bodies
}

async function sendRest(share: LoadShare, bodies: AsyncGenerator<Buffer>): Promise<void> {
  for await (const body of bodies) {
    const startMs = performance.now()
    await post(share, body)
    latenciesMs.push(performance.now() - startMs)
    receiptCount += share.receiptsPerRequest
  }
}

function post({ kind }: LoadShare, body: Buffer): Promise<void> {
  const answer = Promise.withResolvers<void>()
  const headers = { 'content-type': CONTENT_TYPES[kind], 'content-length': body.length }
  const sent = request(url ?? '', { method: 'POST', agent, headers }, (response) => {
    if (response.statusCode === 202) {
      response.resume().once('end', answer.resolve)
      return
    }
    response.setEncoding('utf8').once('data', (found: string) => {
      answer.reject(new Error(`${response.statusCode} ${found.slice(0, 300)}`))
    })
  })
  sent.once('error', answer.reject)
  sent.end(body)
  return answer.promise
}

const opened = await Promise.all(shares.map(warmUp))
process.stdout.write('warm\n')
const startMs = performance.now()
const startCpu = process.cpuUsage()
await Promise.all(
  shares.flatMap((share, index) => {
    const bodies = opened[index]
    return bodies === undefined ? [] : [sendRest(share, bodies)]
  }),
)
const { user, system } = process.cpuUsage(startCpu)
const found: SentLoad = {
  receiptCount,
  seconds: (performance.now() - startMs) / 1000,
  processorSeconds: (user + system) / 1e6,
  latenciesMs,
}
process.stdout.write(`${JSON.stringify(found)}\n`)
agent.destroy()
