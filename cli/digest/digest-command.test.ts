import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createApi } from '@foggara/api'
import {
  type ClickHouseClient,
  type ScratchDatabase,
  command,
  migrate,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { openRandom } from '@foggara/ingest'
import {
  type DigestedBlock,
  type Hex,
  blockDigest,
  digestBlocks,
  migrations,
  rangeDigest,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { insertTestRows } from '../../test/insert-rows.ts'
import { COMMANDS } from '../commands.ts'
import { run } from '../run.ts'
import { databaseSource } from './database-source.ts'
import { longDigests } from './long-digests.ts'

const SEED = 93
const SLOW_MS = 120_000
const random = openRandom(SEED)
const BLOCKS = randomBlocks()
const HEAD = BLOCKS.at(-1)?.block ?? 0

let scratch: ScratchDatabase
let directory: string
let ours: ClickHouseClient
let theirs: ClickHouseClient

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'foggara-digest-'))
  scratch = await startScratchDatabase({ memoryMib: 3_000 })
  ours = await open('ours', HEAD - 30)
  theirs = await open('theirs', HEAD - 5)
}, SLOW_MS)

afterAll(async () => {
  await ours?.close()
  await theirs?.close()
  await scratch?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

/** Blocks around a border of high levels; hashes and payloads often end in zeros. */
function randomBlocks(): readonly DigestedBlock[] {
  const bytes = (length: number): Hex => {
    const digits = Array.from({ length }, () => random.below(4) * random.below(86))
    return `0x${digits.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  }
  return Array.from({ length: 90 }, (_, index) => {
    let logIndex = 0
    return {
      block: 65_500 + index,
      hash: bytes(32),
      logs: Array.from({ length: random.below(4) }, () => {
        logIndex += 1 + random.below(300)
        return {
          logIndex,
          transactionHash: bytes(32),
          address: bytes(20),
          topics: Array.from({ length: random.below(5) }, () => bytes(32)),
          payload: bytes(random.below(70)),
        }
      }),
    }
  })
}

/** Serves what the other operator holds now: a service keeps answers, as rows never change. */
async function serveTheirs(): Promise<AsyncDisposable & { readonly url: string }> {
  const { app } = await createApi({
    client: theirs,
    deployment: { chainId: 31337 },
    log: () => undefined,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => app.close() }
}

async function open(database: string, settledBlock: number): Promise<ClickHouseClient> {
  const { url: server, username, password } = scratch.database
  await migrate({ url: server, username, password, database }, migrations('single'))
  const client = openClient({ url: server, username, password, database })
  for (const place of ['settled', 'hot'] as const) {
    const here = BLOCKS.filter(({ block }) => (place === 'settled') === block <= settledBlock)
    const blocks = here.map(({ block, hash }) => ({ commit_seq: 1, block, hash }))
    const logs = here.flatMap(({ block, logs: own }) =>
      own.map((log) => ({
        commit_seq: 1,
        block,
        log_index: log.logIndex,
        transaction_hash: log.transactionHash,
        address: log.address,
        topics: log.topics,
        payload: log.payload,
      })),
    )
    await insertTestRows(client, 'block', blocks, place)
    await insertTestRows(client, 'log', logs, place)
  }
  await insertTestRows(client, 'settlement', [{ boundary_block: settledBlock }])
  const last = BLOCKS.at(-1)
  await insertTestRows(client, 'commits', [
    {
      stream: 'chain',
      commit_seq: 1,
      first_block: HEAD,
      last_block: HEAD,
      block_hashes: [last?.hash ?? '0x'],
    },
  ])
  return client
}

async function digest(...args: readonly string[]) {
  const server = new URL(scratch.database.url)
  server.username = scratch.database.username
  server.password = scratch.database.password
  server.pathname = '/ours'
  const lines: string[] = []
  const code = await run(['digest', ...args, '--clickhouse-url', server.href], COMMANDS, '0.0.0', {
    environment: {},
    directory,
    print: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    nowMs: () => 0,
    stopped: new AbortController().signal,
  })
  return { code, text: lines.join('\n') }
}

/** The digests of a level by the definition, in TypeScript alone. */
function expectedDigests(level: number): readonly Hex[] {
  let ranges = BLOCKS.map((block) => ({ first: block.block, digest: blockDigest(block) }))
  for (let above = 4; above <= level; above += 4) {
    const size = digestBlocks(above)
    const parts = Map.groupBy(ranges, ({ first }) => first - (first % size))
    ranges = [...parts].map(([first, group]) => ({
      first,
      digest: rangeDigest(
        above,
        group.map((part) => part.digest),
      ),
    }))
  }
  return ranges.map((range) => range.digest)
}

test(
  `SQL and TypeScript give the same digests of random blocks at every level (seed ${SEED})`,
  async () => {
    const source = await databaseSource(ours)
    const span = { firstBlock: source.firstBlock, lastBlock: source.headBlock }
    for (const level of [0, 4, 8, 12, 16, 20, 24]) {
      const found = await longDigests(source, level, span)
      expect(
        found.map((range) => range.digest),
        `level ${level}`,
      ).toEqual(expectedDigests(level))
    }
  },
  SLOW_MS,
)

test(
  'equal indexes are equal, however much of them is settled',
  async () => {
    await using service = await serveTheirs()
    expect(await digest('--compare', service.url)).toMatchObject({
      code: 0,
      text: expect.stringContaining(`blocks 65500 to ${HEAD}: equal here and at 127.0.0.1`),
    })
    const printed = await digest('--level', '8')
    expect(printed.text.split('\n')).toHaveLength(2)
  },
  SLOW_MS,
)

test(
  'a byte that differs is found, with both logs, over HTTP and by files',
  async () => {
    const spoilt = BLOCKS.find(({ block, logs }) => block > 65_536 && logs.length > 1)
    const log = spoilt?.logs[1]
    const at = `block = ${spoilt?.block} and log_index = ${log?.logIndex}`
    const flip = "concat(unhex('ff'), payload)"
    for (const table of ['log_hot', 'log_settled']) {
      await command(
        theirs,
        `alter table ${table} update payload = ${flip} where ${at}`,
        {},
        { settings: { mutations_sync: '2' } },
      )
    }
    await using service = await serveTheirs()
    const found = await digest('--compare', service.url)
    expect(found.code).toBe(1)
    expect(found.text).toContain(`DIGEST_DIFFERS block ${spoilt?.block} log ${log?.logIndex} is`)
    expect(found.text).toContain(`"payload":"${log?.payload}"`)
    expect(found.text).toContain(`"payload":"0xff${log?.payload.slice(2)}"`)
    const source = await databaseSource(theirs)
    const span = { firstBlock: 65_500, lastBlock: HEAD }
    for (const level of [8, 0]) {
      const digests = await longDigests(source, level, span)
      await writeFile(
        path.join(directory, 'theirs.json'),
        JSON.stringify({ level, ...span, digests }),
      )
      const byFile = await digest('--compare', 'theirs.json')
      expect(byFile.code).toBe(1)
      expect(byFile.text).toContain('1 of')
      expect(byFile.text).toContain(
        level === 0 ? `"payload":"${log?.payload}"` : '--level 4 --json',
      )
    }
  },
  SLOW_MS,
)

test(
  'what cannot be compared is refused',
  async () => {
    expect(await digest('--from', '7', '--to', '3')).toMatchObject({ code: 1 })
    expect(await digest('--level', '3')).toMatchObject({ code: 64 })
    expect((await digest('--compare', 'nothing.json')).text).toContain('DIGEST_FILE_MALFORMED')
    expect((await digest('--compare', 'http://127.0.0.1:1')).text).toContain('UNREACHABLE')
  },
  SLOW_MS,
)

test('the query that is printed gives the same digests', async () => {
  const { text } = await digest('--level', '8', '--sql')
  const rows = await queryRows<{ digest_text: string }>(
    ours,
    `select concat('0x', lower(hex(digest))) as digest_text from (${text}) order by first_block`,
  )
  expect(rows.map((row) => row.digest_text)).toEqual(expectedDigests(8))
})
