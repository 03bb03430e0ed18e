import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { queryRows } from '@foggara/database'
import { receiptToJson } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openReceiptSigner } from '../../../provider/sign-batch.ts'
import { type ScratchIndex, startScratchIndex } from '../../../scratch-index.ts'
import { openRandom } from '../../../simulation/random.ts'
import { SAMPLE_DEPLOYMENT } from '../../../simulation/sample-chain.ts'
import { prepareSampleProvider } from '../../../simulation/sample-provider.ts'
import { sampleKey, sampleReceipt } from '../../../simulation/sample-receipt.ts'

const SEED = 61_123
const KILL_COUNT = 6
const LINE_COUNT = 1_200
const KEY = sampleKey('11')
const PROVIDER = `0x${'b0'.repeat(20)}` as const
const NOW_MS = 1_700_000_100_000

let scratch: ScratchIndex
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foggara-crash-'))
  scratch = await startScratchIndex()
})
afterAll(async () => {
  await scratch[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test(`an import that is killed ${KILL_COUNT} times loses and repeats nothing (seed ${SEED})`, async () => {
  const client = await scratch.open('killed')
  await prepareSampleProvider(client, PROVIDER, KEY.address)
  const random = openRandom(SEED)
  const lines = await randomLines(random)
  const half = LINE_COUNT / 2
  const paths = [join(folder, 'a.ndjson'), join(folder, 'b.ndjson.gz')]
  await writeFile(paths[0] ?? '', lines.slice(0, half).join('\n'))
  await writeFile(paths[1] ?? '', gzipSync(lines.slice(half).join('\n')))
  for (let kill = 0; kill < KILL_COUNT; kill += 1) {
    const { child, stepped } = startImport(paths)
    // Now and then between the first rows and their step, now and then many steps on.
    await Promise.race([stepped, once(child, 'exit')])
    await delay(random.below(120))
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const { child } = startImport(paths)
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
  const rows = await queryRows(
    client,
    `select count() as rows, uniqExact(digest) as digests, toString(sum(fee)) as fees
    from submitted_receipt`,
  )
  const stored = lines.length - BAD.length
  const fees = (BigInt(stored) * BigInt(stored + 1)) / 2n
  expect(rows).toEqual([{ rows: String(stored), digests: String(stored), fees: String(fees) }])
  // The steps follow each other: each line has exactly one outcome, and each bad one its line.
  const steps = await queryRows(
    client,
    `select sum(arraySum(mapValues(codes))) as outcomes, max(line) as lines,
      arraySort(groupArrayArray(refused_lines)) as refused
    from receipt_file_step group by path order by path`,
  )
  const badIn = (from: number, to: number) =>
    BAD.filter((index) => index >= from && index < to).map((index) => String(index - from + 1))
  const expected = [badIn(0, half), badIn(half, LINE_COUNT)].map((refused) => {
    return { outcomes: String(half), lines: String(half), refused }
  })
  expect(steps).toEqual(expected)
}, 120_000)

const BAD = [7, 300, 599, 600, 1_100]

async function randomLines(random: ReturnType<typeof openRandom>): Promise<readonly string[]> {
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  let nonce = 0n
  const lines: string[] = []
  for (let index = 0; index < LINE_COUNT; index += 1) {
    if (BAD.includes(index)) {
      lines.push('{"no":"receipt"}')
      continue
    }
    nonce += 1n
    const receipt = sampleReceipt(PROVIDER, { nonce, fee: nonce, units: BigInt(random.below(99)) })
    const { signature } = await signer.signReceipt(receipt)
    lines.push(JSON.stringify(receiptToJson({ ...receipt, signature })))
  }
  return lines
}

function startImport(paths: readonly string[]) {
  const { url, username, password } = scratch.server
  const connection = { url, username, password, database: 'killed' }
  const task = { connection, deployment: SAMPLE_DEPLOYMENT, paths, wallMs: NOW_MS }
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return { child, stepped: once(child.stdout, 'data') }
}
