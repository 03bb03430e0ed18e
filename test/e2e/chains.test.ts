import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createApi } from '@foggara/api'
import { openClient, queryRows } from '@foggara/database'
import {
  type Adapter,
  type ChainPlan,
  createChainIngest,
  createSimulatedChain,
  loadAdapter,
  openRandom,
  placeAdapter,
  type Random,
  type SimulatedChain,
  startSimulatedNode,
} from '@foggara/ingest'
import type { Hex } from '@foggara/schema'
import { expect, test } from 'vitest'

import { COMMANDS } from '../../cli/commands.ts'
import { run } from '../../cli/run.ts'
import { startScratchIndex } from '../../ingest/scratch-index.ts'
import { type LogContent, encodeEvent } from '../../ingest/simulation/simulated-chain.ts'

/**
 * Several chains as of one time: the command and the API give the same cuts and the same rows, with the
 * adapter that docs/adapters.md shows.
 */

test('two chains of different block times are read as of one time, also after one reorganised', async () => {
  await using scratch = await startScratchIndex()
  const main = await scratch.open('foggara')
  const { url, username, password, reader } = scratch.server
  const connection = { url, username, password }
  const adapter = await exampleAdapter()
  const random = openRandom(77)
  const transactionsOf = notesOf(adapter)
  const fast = createSimulatedChain(random, undefined, {
    chainId: 101,
    blockSeconds: 3,
    transactionsOf,
  })
  const slow = createSimulatedChain(random, undefined, {
    chainId: 102,
    blockSeconds: 20,
    transactionsOf,
  })
  await using fastNode = await startSimulatedNode(fast, random)
  await using slowNode = await startSimulatedNode(slow, random)
  const ingests = [
    open(planOf('fast', adapter, fast, fastNode.url)),
    open(planOf('slow', adapter, slow, slowNode.url)),
  ] as const
  const sql = openClient({ ...connection, database: 'chain_fast' })
  const { app } = await createApi({
    client: openClient({ ...connection, ...reader, database: 'foggara' }),
    openDatabase: (database) => openClient({ ...connection, ...reader, database }),
    deployment: { chainId: 1 },
    log: () => undefined,
  })
  fast.mine(100)
  slow.mine(40)
  for (const ingest of ingests) await ingest.catchUp()
  const atSeconds = secondsOf(fast, 80) + 2
  const before = await agree(atSeconds)
  expect(before).toEqual([80, 12])
  const firstPage = await page(undefined)
  fast.reorg(30)
  fast.mine(3)
  for (const ingest of ingests) await ingest.catchUp()
  expect(await agree(atSeconds)).toEqual([80, 12])
  expect(await agree(secondsOf(slow, 40))).toEqual([fast.blocks().length - 1, 40])
  expect((await page(firstPage.data.sourceEvents.pageInfo.endCursor)).errors?.[0]).toMatchObject({
    extensions: { code: 'CURSOR_REORGED' },
  })
  await pagesAgree()
  await app.close()
  await sql.close()
  for (const ingest of ingests) await ingest[Symbol.asyncDispose]()

  function open(chain: ChainPlan) {
    const { signal } = new AbortController()
    const surroundings = { nowMs: Date.now, sleep: async () => undefined, signal }
    return createChainIngest({ client: main, connection, chain, ...surroundings })
  }

  /** The blocks of both chains at a time, once command and API agree with the chains. */
  async function agree(time: number): Promise<readonly number[]> {
    const lines = await foggara(['--at', String(time), '--rows', 'edge'])
    const cuts = lines.filter(({ type }) => type === 'chain')
    const rows = lines.filter(({ type }) => type === 'row')
    const answer = await graphql(
      `{ chains(atSeconds: ${time}) { name chainId cut { block { number hash } finality isLast } } }`,
    )
    const expected = [fast, slow].map((chain, index) => {
      const block = chain.blocks().findLast((each) => Number(each.header['timestamp']) <= time)
      return { name: ['fast', 'slow'][index], block: block?.number, hash: block?.hash }
    })
    expect(cuts.map(({ name, cut }) => ({ name, block: cut.block, hash: cut.hash }))).toEqual(
      expected,
    )
    expect(
      answer.data.chains.map(({ name, cut }: Loose) => ({
        name,
        block: cut.block.number,
        hash: cut.block.hash,
      })),
    ).toEqual(expected)
    for (const [index, { name, cut }] of cuts.entries()) {
      const all = [fast, slow][index]?.blocks() ?? []
      expect(cut.isLast).toBe(cut.block < all.length - 1)
      expect(cut.finality).toBe(cut.block <= all.length - 1 - 40 ? 'final' : 'latest')
      expect(cut.coverage.reduce((sum: number, each: Loose) => sum + each.blockCount, 0)).toBe(
        cut.block,
      )
      const own = rows.filter(({ chain }) => chain === name)
      expect(own.every(({ block }) => Number(block) <= cut.block)).toBe(true)
      // One edge a block.
      expect(own.length).toBe(cut.block)
    }
    return cuts.map(({ cut }) => cut.block)
  }

  async function foggara(args: readonly string[]): Promise<readonly Loose[]> {
    const printed: string[] = []
    const code = await run(['chains', ...args], COMMANDS, 'test', {
      environment: { FOGGARA_CLICKHOUSE_URL: url.replace('//', `//${username}:${password}@`) },
      directory: import.meta.dirname,
      print: (line) => printed.push(line),
      warn: () => undefined,
      nowMs: Date.now,
      stopped: new AbortController().signal,
    })
    expect(code).toBe(0)
    return printed.map((line) => JSON.parse(line))
  }

  async function graphql(query: string): Promise<Loose> {
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query } })
    return response.json()
  }

  async function page(after: string | undefined): Promise<Loose> {
    const place = 'chain: "fast", source: "notes_book", event: "NoteDerived"'
    const from = after === undefined ? '' : `, after: "${after}"`
    return graphql(`{ sourceEvents(${place}, first: 40, direction: DESC${from}) {
      block { number hash } pageInfo { hasNextPage endCursor }
      nodes { address evidence { block logIndex } arguments { name type value } } } }`)
  }

  async function pagesAgree(): Promise<void> {
    const nodes: Loose[] = []
    let after: string | undefined
    do {
      const { data } = await page(after)
      nodes.push(...data.sourceEvents.nodes)
      after = data.sourceEvents.pageInfo.hasNextPage
        ? data.sourceEvents.pageInfo.endCursor
        : undefined
    } while (after !== undefined)
    const rows = await queryRows<Loose>(
      sql,
      `select block, log_index, toString(share_e8) as share,
        concat('0x', lower(hex(parent))) as parent
      from notes_book_note_derived order by block desc, log_index desc`,
    )
    expect(nodes.map(({ evidence }) => [String(evidence.block), evidence.logIndex])).toEqual(
      rows.map(({ block, log_index: place }) => [block, place]),
    )
    const valueOf = (node: Loose, name: string) =>
      node.arguments.find((each: Loose) => each.name === name)?.value
    expect(nodes.map((node) => [valueOf(node, 'share_e8'), valueOf(node, 'parent')])).toEqual(
      rows.map(({ share, parent }) => [share, parent]),
    )
    expect(nodes.length).toBeGreaterThan(3)
  }
}, 180_000)

// Answers of every shape are looked into.
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

function planOf(
  name: string,
  adapter: Adapter,
  { deployment: { chainId } }: SimulatedChain,
  rpcUrl: string,
): ChainPlan {
  const { sources, views } = placeAdapter(adapter, chainId, adapter.chains[101]?.addresses)
  const adapters = [adapter.name]
  return { name, chainId, rpcUrls: [rpcUrl], startBlock: 1, sources, views, adapters }
}

/** The adapter of the documents, loaded from a folder as anybody's. */
async function exampleAdapter(): Promise<Adapter> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/adapters.md'), 'utf8')
  const code = /```ts\n([\s\S]*?)```/u.exec(text)?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'foggara-adapter-'))
  try {
    mkdirSync(join(folder, 'notes'))
    writeFileSync(join(folder, 'notes', 'adapter.ts'), code)
    return await loadAdapter('./notes', folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Three notes a block, the last made from one of them. */
function notesOf(adapter: Adapter): (block: number, random: Random) => readonly LogContent[][] {
  const [source] = placeAdapter(adapter, 101, undefined).sources
  const [written, derived] = source?.events ?? []
  const address = source?.addresses[0]
  return (block, random) => {
    if (block === 0 || written === undefined || derived === undefined) return []
    const ids = [random.bytes(32), random.bytes(32), random.bytes(32)]
    const notes = ids.map((id) => ({ id, author: random.bytes(20), title: `note of ${block}` }))
    const link = { child: ids[2], parent: random.pick(ids.slice(0, 2)), shareE8: random.below(100) }
    const logs = [
      ...notes.map((args) => encodeEvent({ event: written }, args)),
      encodeEvent({ event: derived }, link),
    ]
    return [logs.map((log) => ({ address: address as Hex, ...log }))]
  }
}

function secondsOf(chain: SimulatedChain, block: number): number {
  return Number(chain.blocks()[block]?.header['timestamp'])
}
