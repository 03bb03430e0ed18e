import { type Rpc, openRpc } from '@foggara/ingest'
import { FoggaraError } from '@foggara/schema'

import type { Context } from '../command.ts'
import type { Check, Finding } from './finding.ts'

/** What a provider is asked about. */
export type ProviderQuestions = {
  /** The id that its chain must have; undefined: any will do. */
  readonly chainId: number | undefined
  /** The first block that is indexed. */
  readonly startBlock: number
  /** An address to ask for past states; undefined: any will do. */
  readonly contract: string | undefined
}

type Found = Omit<Finding, 'what'>

/** What one RPC provider can do, asked with some twenty small calls; `name` stands for it. */
export function providerChecks(
  name: string,
  url: string,
  questions: ProviderQuestions,
  context: Context,
): readonly Check[] {
  const sleep = (durationMs: number) =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, durationMs)
    })
  const rpc = openRpc({ url, sleep, signal: context.stopped, timeoutMs: 10_000, attemptsMax: 1 })
  const check = (what: string, run: () => Promise<Found>): Check => ({
    what: `${name} ${what}`,
    run,
  })
  return [
    check('chain', () => checkChain(rpc, questions)),
    check('latency', () => checkLatency(rpc)),
    check('tags', () => checkTags(rpc)),
    check('clock', () => checkHeadClock(rpc, context.nowMs)),
    check('logs', () => checkLogRange(rpc)),
    check('receipts', () => checkReceipts(rpc)),
    check('history', () => checkHistory(rpc, questions)),
    check('batch', () => checkBatch(rpc)),
    ...(rpc.untilHead === undefined ? [] : [check('new heads', () => checkHeads(rpc))]),
  ]
}

async function checkChain(rpc: Rpc, { chainId }: ProviderQuestions): Promise<Found> {
  const found = Number(await rpc.call('eth_chainId', []))
  const text = `chain ${found} at ${rpc.shownUrl}`
  if (chainId === undefined || found === chainId) return ok(text)
  return {
    level: 'fail',
    text: `expected chain ${chainId}, found ${text}`,
    advice: 'Set FOGGARA_RPC_URL and FOGGARA_DEPLOYMENT to the same chain.',
  }
}

const LATENCY_MS_GOOD = 500

async function checkLatency(rpc: Rpc): Promise<Found> {
  const durations: number[] = []
  for (let call = 0; call < 5; call++) {
    const startMs = performance.now()
    await rpc.call('eth_blockNumber', [])
    durations.push(performance.now() - startMs)
  }
  const median = Math.round(durations.toSorted((a, b) => a - b)[2] ?? 0)
  const text = `${median} ms for a small call, the median of five`
  return median <= LATENCY_MS_GOOD
    ? ok(text)
    : warn(text, 'Name a provider that is nearer as well: FOGGARA_OTHER_RPC_URLS.')
}

async function checkTags(rpc: Rpc): Promise<Found> {
  const known: string[] = []
  for (const tag of ['latest', 'safe', 'finalized']) {
    const header = await rpc.call('eth_getBlockByNumber', [tag, false]).catch(nothingIfAnswered)
    if (header !== null && header !== undefined) known.push(tag)
  }
  if (!known.includes('latest')) {
    return {
      level: 'fail',
      text: 'expected a latest block, found none',
      advice: 'The node has no blocks: wait until it is synchronised, or use another.',
    }
  }
  const text = `knows ${known.join(', ')}`
  return known.includes('finalized')
    ? ok(text)
    : warn(
        `expected latest, safe and finalized, found that it ${text}`,
        'Finality is then taken from what the chain is known for: 64 blocks of depth by default.',
      )
}

/** The id that development chains go by. */
const DEVNET_ID = 31_337
const HEAD_AGE_SECONDS_GOOD = 600
const CLOCK_SECONDS_GOOD = 5

async function checkHeadClock(rpc: Rpc, nowMs: () => number): Promise<Found> {
  const isDevnet = Number(await rpc.call('eth_chainId', [])) === DEVNET_ID
  if (isDevnet) return ok('a development chain keeps a time of its own')
  const { timestamp } = await headerAt(rpc, 'latest')
  const age = Math.round(nowMs() / 1000 - timestamp)
  if (age < -CLOCK_SECONDS_GOOD) {
    return warn(
      `expected a newest block of the past, found one ${-age} s ahead of this clock`,
      'Set this machine’s clock (NTP): receipts are judged by it.',
    )
  }
  const text = `the newest block is ${Math.max(0, age)} s old by this clock`
  return age <= HEAD_AGE_SECONDS_GOOD
    ? ok(text)
    : warn(text, 'Does the node follow its chain? Otherwise set this machine’s clock (NTP).')
}

/** Nobody emits from there, so that only the number of blocks is probed. */
const NOBODY = '0x00000000000000000000000000000000000f0665'
const RANGES = [10, 100, 1_000, 10_000, 100_000]
const RANGE_BLOCKS_GOOD = 100

async function checkLogRange(rpc: Rpc): Promise<Found> {
  const head = Number(await rpc.call('eth_blockNumber', []))
  let most = 0
  for (const blocks of RANGES) {
    const from = Math.max(0, head - blocks + 1)
    const filter = { address: [NOBODY], fromBlock: hex(from), toBlock: hex(head) }
    try {
      await rpc.call('eth_getLogs', [filter])
    } catch (error) {
      if (!(error instanceof FoggaraError)) throw error
      const text = `${most} blocks at once, ${blocks} are refused: ${error.message}`
      const advice = 'Blocks are fetched in such ranges: a whole chain takes long. Name another.'
      return most >= RANGE_BLOCKS_GOOD ? ok(text) : warn(text, advice)
    }
    most = blocks
    if (from === 0) return ok('the whole chain at once')
  }
  return ok(`${most} blocks at once or more`)
}

async function checkReceipts(rpc: Rpc): Promise<Found> {
  const receipts = await rpc.call('eth_getBlockReceipts', ['latest']).catch(nothingIfAnswered)
  return Array.isArray(receipts)
    ? ok('eth_getBlockReceipts answers')
    : warn(
        'expected eth_getBlockReceipts to answer, found that it does not',
        'Events that every provider leaves out cannot be found then, nor blocks proven by receipts.',
      )
}

const STATE_BLOCKS = 128

async function checkHistory(
  rpc: Rpc,
  { startBlock, contract = NOBODY }: ProviderQuestions,
): Promise<Found> {
  const head = await headerAt(rpc, 'latest')
  const hasStateAt = async (block: number): Promise<boolean> => {
    const { hash } = await headerAt(rpc, hex(Math.min(block, head.number)))
    const call = { to: contract, data: '0x' }
    const result = await rpc.call('eth_call', [call, { blockHash: hash }]).catch(nothingIfAnswered)
    return typeof result === 'string'
  }
  const first = await rpc
    .call('eth_getBlockByNumber', [hex(startBlock), false])
    .catch(nothingIfAnswered)
  if (startBlock <= head.number && (first === null || first === undefined)) {
    return {
      level: 'fail',
      text: `expected block ${startBlock}, where indexing begins, found that the node has not kept it`,
      advice: 'Use a node that keeps all blocks.',
    }
  }
  if (await hasStateAt(startBlock)) return ok(`blocks and states since block ${startBlock}`)
  if (await hasStateAt(Math.max(startBlock, head.number - STATE_BLOCKS + 1))) {
    return ok(`blocks since ${startBlock}; states of about the last ${STATE_BLOCKS} blocks`)
  }
  return warn(
    `expected states of the last ${STATE_BLOCKS} blocks, found fewer`,
    'Older blocks are proven later, by the accumulators at the newest; mappings that call need states.',
  )
}

const BATCH_CALLS = 100

async function checkBatch(rpc: Rpc): Promise<Found> {
  const calls = Array.from({ length: BATCH_CALLS }, () => ({ method: 'eth_chainId', params: [] }))
  const startedWith = async (count: number): Promise<boolean> => {
    const body = await rpc.exchange(calls.slice(0, count)).catch(nothingIfAnswered)
    if (body === undefined) return false
    const answers: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return Array.isArray(answers) && answers.length === count
  }
  if (await startedWith(BATCH_CALLS)) return ok(`${BATCH_CALLS} calls in one request`)
  return (await startedWith(2))
    ? ok(`batches of fewer than ${BATCH_CALLS} calls; the most is found by trying`)
    : warn('expected batches, found none', 'Each call is a request then, which is slower.')
}

async function checkHeads(rpc: Rpc): Promise<Found> {
  const id = await rpc.call('eth_subscribe', ['newHeads']).catch(nothingIfAnswered)
  return typeof id === 'string'
    ? ok('newHeads are told of')
    : warn('expected to subscribe to newHeads, found no such thing', 'New blocks are polled for.')
}

type Header = { readonly number: number; readonly hash: string; readonly timestamp: number }

async function headerAt(rpc: Rpc, at: string): Promise<Header> {
  const fields = Object(await rpc.call('eth_getBlockByNumber', [at, false]))
  return {
    number: Number(fields['number']),
    hash: String(fields['hash']),
    timestamp: Number(fields['timestamp']),
  }
}

function hex(block: number): string {
  return `0x${block.toString(16)}`
}

/** A refusal is an answer to a question about abilities; silence is none. */
function nothingIfAnswered(error: unknown): undefined {
  if (error instanceof FoggaraError && error.code !== 'RPC_UNREACHABLE') return undefined
  throw error
}

function ok(text: string): Found {
  return { level: 'ok', text }
}

function warn(text: string, advice: string): Found {
  return { level: 'warn', text, advice }
}
