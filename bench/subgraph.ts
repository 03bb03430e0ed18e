import { join } from 'node:path'

import { loadSubgraph, openMemoryStore, openSubgraphRunner } from '@foggara/ingest'

import {
  address,
  sampleBlock,
  sampleChain,
  sampleLog,
} from '../ingest/subgraphs/testing/sample-chain.ts'
import { median, publish } from './measurement.ts'

/**
 * How many handlers of a subgraph run in a second? `node bench/subgraph.ts [--blocks 400]`: blocks of
 * 50 moves of a token, each with two entities read and four written by a mapping of graph-ts, with
 * Proof of Indexing, over a store in memory. Processor time is what a busy machine distorts least.
 */
const FOLDER = join(import.meta.dirname, '..', 'test', 'oracle', 'transfers', 'build')
const place = process.argv.indexOf('--blocks')
const blockCount = place === -1 ? 400 : Number(process.argv[place + 1])
const MOVES_PER_BLOCK = 50
const ACCOUNT_COUNT = 500
const ROUND_COUNT = 5

async function handlersPerSecond(): Promise<number> {
  const store = openMemoryStore()
  const subgraph = await loadSubgraph(FOLDER)
  const runner = openSubgraphRunner({ subgraph, store, chain: sampleChain() })
  const blocks = Array.from({ length: blockCount }, (_, index) => {
    const moves = Array.from({ length: MOVES_PER_BLOCK }, (_unused, move) => {
      const number = index * MOVES_PER_BLOCK + move
      const from = address(1 + ((number * 7919) % ACCOUNT_COUNT))
      const to = address(1 + ((number * 104_729) % ACCOUNT_COUNT))
      return sampleLog('Transfer', [from, to, BigInt(number % 2000)])
    })
    return sampleBlock(index + 1, moves)
  })
  const before = process.cpuUsage()
  for (const block of blocks) await runner.runBlock(block)
  const { user, system } = process.cpuUsage(before)
  return (blockCount * MOVES_PER_BLOCK) / ((user + system) / 1e6)
}

const rates: number[] = []
for (let round = 0; round < ROUND_COUNT; round += 1) rates.push(await handlersPerSecond())
publish('How many handlers of a subgraph run in a second of one processor?', [
  {
    subject: `${blockCount * MOVES_PER_BLOCK} moves of a token`,
    contender: 'our runtime, with Proof of Indexing',
    quantity: 'handlers',
    value: median(rates),
    unit: '/s',
  },
])
