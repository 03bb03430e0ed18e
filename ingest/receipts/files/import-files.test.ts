import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { DuckDBInstance } from '@duckdb/node-api'
import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type Receipt, receiptToJson } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openReceiptSigner } from '../../provider/sign-batch.ts'
import { type ScratchIndex, startScratchIndex } from '../../scratch-index.ts'
import { SAMPLE_DEPLOYMENT } from '../../simulation/sample-chain.ts'
import { prepareSampleProvider } from '../../simulation/sample-provider.ts'
import { sampleId, sampleKey, sampleReceipt } from '../../simulation/sample-receipt.ts'
import { openReceiptIntake } from '../intake.ts'
import type { FileReport } from './import-file.ts'
import { importFiles, watchFiles } from './import-files.ts'

const PROVIDER = `0x${'b0'.repeat(20)}` as const
const KEY = sampleKey('11')
const NOW_MS = 1_700_000_100_000

let scratch: ScratchIndex
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foggara-files-'))
  scratch = await startScratchIndex()
})
afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('lines, gzip, zstd, Parquet and batches bring the same receipts as rows', async () => {
  const client = await openIndex('formats')
  const lines = await signedLines(1, 250)
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  const batch = async (sequence: bigint, previous: `0x${string}`, from: number) => {
    const receipts = Array.from({ length: 50 }, (_, index) => receiptOf(from + index))
    return signer.signBatch(receipts, { sequence, previous })
  }
  const first = await batch(1n, sampleId('00'), 251)
  const second = await batch(2n, first.digest, 301)
  const inLine = `{"batch":"0x${Buffer.from(second.bytes).toString('hex')}"}`
  const files = {
    'a.ndjson': [...lines.slice(0, 50), '', ' \r', 'no json'].join('\n'),
    'b.ndjson.gz': gzipSync(lines.slice(50, 100).join('\n')),
    'c.jsonl.zst': zstdCompressSync(lines.slice(100, 150).join('\r\n')),
    'f.fgrb': first.bytes,
    'g.ndjson': `${inLine}\n{"batch":"0x4"}\n${lines[0]}\n`,
    'h.txt': 'not taken from a folder',
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  await writeParquet(join(folder, 'd.parquet'), lines.slice(150, 200), 'text')
  await writeParquet(join(folder, "e's [1].parquet"), lines.slice(200, 250), 'native')
  const reports = await importAll(client, [folder])
  expect(
    reports.map(({ path, state, line, codes }) => [path.slice(-7), state, line, [...codes]]),
  ).toEqual([
    [
      '.ndjson',
      'done',
      53,
      [
        ['ACCEPTED', 50],
        ['RECEIPT_NOT_JSON', 1],
      ],
    ],
    ['json.gz', 'done', 50, [['ACCEPTED', 50]]],
    ['onl.zst', 'done', 50, [['ACCEPTED', 50]]],
    ['parquet', 'done', 50, [['ACCEPTED', 50]]],
    ['parquet', 'done', 50, [['ACCEPTED', 50]]],
    ['/f.fgrb', 'done', 1, [['ACCEPTED', 1]]],
    [
      '.ndjson',
      'done',
      3,
      [
        ['ACCEPTED', 1],
        ['RECEIPT_MALFORMED', 1],
        ['DUPLICATE', 1],
      ],
    ],
  ])
  expect(await storedNonces(client)).toEqual(numbers(1, 350))
  const refused = await queryRows(
    client,
    `select refused_lines as lines, refused_codes as codes from receipt_file_step
    where notEmpty(refused_lines) order by path`,
  )
  expect(refused).toEqual([
    { lines: ['53'], codes: ['RECEIPT_NOT_JSON'] },
    { lines: ['2'], codes: ['RECEIPT_MALFORMED'] },
  ])
  const again = await importAll(client, [folder])
  expect(again.map(({ state, codes }) => [state, codes.size])).toEqual(again.map(() => ['done', 0]))
}, 120_000)

test('a file that breaks off is named with its line, and stops no other', async () => {
  const client = await openIndex('broken')
  const own = await mkdtemp(join(folder, '.broken-'))
  const lines = await signedLines(1, 60)
  const whole = gzipSync(lines.slice(0, 40).join('\n'))
  await writeFile(join(own, 'a.ndjson.gz'), whole.subarray(0, Math.floor(whole.length / 2)))
  await writeFile(join(own, 'b.parquet'), 'PAR1 and no more')
  await writeParquet(join(own, 'c.parquet'), lines.slice(0, 1), 'lacking')
  await writeFile(join(own, 'd.ndjson'), 'provider,consumer\n1,2\n')
  await writeFile(join(own, 'e.ndjson'), lines.slice(40).join('\n'))
  const troubles: string[] = []
  const reports = await importAll(client, [join(own, 'none'), own], troubles)
  expect(troubles).toEqual(['FILE_UNREADABLE'])
  expect(reports.map(({ state, problem }) => [state, problem?.code])).toEqual([
    ['malformed', 'RECEIPT_FILE_MALFORMED'],
    ['malformed', 'RECEIPT_FILE_MALFORMED'],
    ['malformed', 'RECEIPT_FILE_MALFORMED'],
    ['malformed', 'RECEIPT_FILE_MALFORMED'],
    ['done', undefined],
  ])
  const readable = reports[0]?.line ?? 0
  expect(readable).toBeGreaterThan(10)
  expect(reports[0]?.problem?.line).toBe(readable + 1)
  expect(await storedNonces(client)).toEqual([...numbers(1, readable), ...numbers(41, 60)])
  // Once the file is whole it is read from where it broke off.
  await writeFile(join(own, 'a.ndjson.gz'), whole)
  const [mended] = await importAll(client, [join(own, 'a.ndjson.gz')])
  expect(mended).toMatchObject({ state: 'done', linesBefore: readable, line: 40 })
  expect(await storedNonces(client)).toEqual(numbers(1, 60))
}, 120_000)

test('a watched folder is followed through growth, halves of lines and renames', async () => {
  const client = await openIndex('watched')
  const own = await mkdtemp(join(folder, '.watched-'))
  const lines = await signedLines(1, 30)
  const path = join(own, 'a.ndjson')
  const half = (lines[10] ?? '').slice(0, 300)
  await writeFile(path, `${lines.slice(0, 10).join('\n')}\n${half}`)
  await writeFile(join(own, '.b.ndjson'), 'half written')
  const over = new AbortController()
  const watching = watchFiles([own], {
    ...importOptions(client, await openIntake(client)),
    surroundings: { nowMs: () => NOW_MS, sleep: () => delay(20), signal: over.signal },
    onFile: () => undefined,
  })
  await until(async () => (await storedNonces(client)).length === 10)
  await appendFile(path, `${(lines[10] ?? '').slice(300)}\n`)
  await until(async () => (await storedNonces(client)).length === 11)
  await writeFile(join(own, '.a.ndjson'), `${lines.slice(11, 20).join('\n')}\n`)
  await rename(join(own, '.a.ndjson'), path)
  await writeFile(join(own, 'b.ndjson'), `${lines.slice(20).join('\n')}\n`)
  await until(async () => (await storedNonces(client)).length === 30)
  over.abort()
  await watching
  const [row] = await queryRows<{ total: string }>(
    client,
    `select sum(codes['ACCEPTED']) as total from receipt_file_step`,
  )
  expect(row?.total).toBe('30')
}, 120_000)

async function openIndex(name: string): Promise<ClickHouseClient> {
  const client = await scratch.open(name)
  await prepareSampleProvider(client, PROVIDER, KEY.address)
  return client
}

function surroundings() {
  const { signal } = new AbortController()
  return { nowMs: () => NOW_MS, sleep: () => Promise.resolve(), signal }
}

function openIntake(client: ClickHouseClient) {
  return openReceiptIntake({ client, deployment: SAMPLE_DEPLOYMENT, ...surroundings() })
}

function importOptions(client: ClickHouseClient, gate: Awaited<ReturnType<typeof openIntake>>) {
  const onTrouble = (error: Error): void => {
    throw error
  }
  return { client, gate, surroundings: surroundings(), onStep: () => undefined, onTrouble }
}

async function importAll(
  client: ClickHouseClient,
  paths: readonly string[],
  troubles?: string[],
): Promise<readonly FileReport[]> {
  const reports: FileReport[] = []
  const options = importOptions(client, await openIntake(client))
  await importFiles(paths, {
    ...options,
    onFile: (report) => reports.push(report),
    ...(troubles === undefined ? {} : { onTrouble: ({ code }) => troubles.push(code) }),
  })
  return reports
}

function receiptOf(nonce: number): Receipt {
  return sampleReceipt(PROVIDER, { nonce: BigInt(nonce), units: BigInt(nonce) ** 20n })
}

async function signedLines(from: number, to: number): Promise<readonly string[]> {
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  return Promise.all(
    numbers(from, to).map(async (nonce) => {
      const receipt = receiptOf(Number(nonce))
      const { signature } = await signer.signReceipt(receipt)
      return JSON.stringify(receiptToJson({ ...receipt, signature }))
    }),
  )
}

/** `native`: hex as bytes and numbers as integers where they fit. */
async function writeParquet(
  path: string,
  lines: readonly string[],
  style: 'text' | 'native' | 'lacking',
): Promise<void> {
  const source = join(folder, '.parquet-source.ndjson')
  await writeFile(source, lines.join('\n'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const changes = {
    text: '*',
    lacking: '* exclude (signature)',
    native: `* replace (
      unhex(provider[3:]) as provider, unhex(signature[3:]) as signature, nonce::ubigint as nonce,
      fee::decimal(38, 0) as fee, startedAtSeconds::bigint as startedAtSeconds,
      list_transform(assets, item -> unhex(item[3:])) as assets
    )`,
  }
  const columns = `{provider: 'VARCHAR', consumer: 'VARCHAR', workload: 'VARCHAR', nonce: 'VARCHAR',
    assets: 'VARCHAR[]', units: 'VARCHAR', fee: 'VARCHAR', startedAtSeconds: 'VARCHAR',
    finishedAtSeconds: 'VARCHAR', inputHash: 'VARCHAR', outputHash: 'VARCHAR', signature: 'VARCHAR'}`
  const target = path.replaceAll("'", "''")
  await connection.run(
    `copy (select ${changes[style]} from read_json('${source}', columns = ${columns}))
    to '${target}' (format parquet, compression zstd, row_group_size 16)`,
  )
  connection.closeSync()
  instance.closeSync()
}

async function storedNonces(client: ClickHouseClient): Promise<readonly string[]> {
  const rows = await queryRows<{ nonce: string }>(
    client,
    'select nonce from submitted_receipt order by nonce',
  )
  return rows.map(({ nonce }) => nonce)
}

function numbers(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(90_000)
  while (!(await isSo())) {
    deadline.throwIfAborted()
    await delay(20)
  }
}
