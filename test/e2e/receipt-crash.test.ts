import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { queryRows } from '@foggara/database'
import { openReceiptSender, openReceiptSigner, postReceipts } from '@foggara/ingest/provider'
import type { Hex } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { openRandom } from '../../ingest/simulation/random.ts'
import {
  SAMPLE_DEPLOYMENT,
  commitSampleBlock,
  sampleEvidence,
} from '../../ingest/simulation/sample-chain.ts'
import { sampleId, sampleKey, sampleReceipt } from '../../ingest/simulation/sample-receipt.ts'
import { openChainStore } from '../../ingest/store/chain-store.ts'
import { freePort } from './running-foggara.ts'

/** `FOGGARA_RECEIPT_KILLS=100 vitest run test/e2e/receipt-crash.test.ts` takes some minutes. */
const KILL_COUNT = Number(process.env['FOGGARA_RECEIPT_KILLS'] ?? 4)
const SEED = 20_261_123
const KEY = sampleKey('11')
const [BATCHES, SINGLES]: readonly Hex[] = [`0x${'b0'.repeat(20)}`, `0x${'b1'.repeat(20)}`]
const NOW_MS = 1_700_000_100_000

/** What a sender was told is stored. */
type Ledger = { receiptCount: number; feeTotal: bigint }

let scratch: ScratchIndex
let folder: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foggara-outbox-'))
  scratch = await startScratchIndex()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await scratch[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test(
  `through ${KILL_COUNT} kill -9 each acknowledged receipt is stored once (seed ${SEED})`,
  async () => {
    const client = await scratch.open('receipts')
    await prepareChain(client)
    const random = openRandom(SEED)
    const port = await freePort()
    const over = new AbortController()
    const [batches, singles] = [newLedger(), newLedger()]
    const senders = Promise.all([
      sendBatches(port, over.signal, batches),
      sendSingles(port, over.signal, singles),
    ])
    senders.catch(() => undefined)
    const told = (): number => batches.receiptCount + singles.receiptCount
    for (let kill = 0; kill < KILL_COUNT; kill += 1) {
      const before = told()
      const child = await startService(port)
      // Every other one comes to store something; how much is under way when it ends is drawn.
      if (kill % 2 === 0) await until(() => told() > before, senders)
      await delay(random.below(400))
      if (kill % 5 === 3) process.kill(scratch.server.pid, 'SIGKILL')
      child.kill('SIGKILL')
      if (child.signalCode === null) await once(child, 'exit')
    }
    const before = { batches: batches.receiptCount, singles: singles.receiptCount }
    await startService(port)
    await until(() => batches.receiptCount > before.batches, senders)
    await until(() => singles.receiptCount > before.singles, senders)
    over.abort()
    await senders
    const rows = await queryRows(
      client,
      `select concat('0x', lower(hex(provider))) as provider, count() as receipts,
      uniqExact(nonce) as nonces, uniqExact(digest) as digests, toString(sum(fee)) as fees
    from submitted_receipt
    group by provider
    order by provider`,
    )
    const rowOf = (provider: Hex | undefined, { receiptCount, feeTotal }: Ledger) => {
      const count = String(receiptCount)
      const same = { receipts: count, nonces: count, digests: count }
      return { provider, ...same, fees: String(feeTotal) }
    }
    expect(rows).toEqual([rowOf(BATCHES, batches), rowOf(SINGLES, singles)])
    const [log] = await queryRows<{ lost: string; refused: string }>(
      client,
      `select
      (select count() from signed_batch) - (select max(sequence) from signed_batch) as lost,
      (select count() from rejected_receipt) as refused`,
    )
    expect(log).toEqual({ lost: '0', refused: '0' })
  },
  180_000 + KILL_COUNT * 60_000,
)

/** Waits for something that senders bring about; what they raise ends the wait. */
async function until(isSo: () => boolean, senders: Promise<unknown>): Promise<void> {
  while (!isSo()) await Promise.race([delay(20), senders])
}

function newLedger(): Ledger {
  return { receiptCount: 0, feeTotal: 0n }
}

/** A sender with an outbox, which is forgotten and opened again now and then, as after a crash. */
async function sendBatches(port: number, over: AbortSignal, ledger: Ledger): Promise<void> {
  const random = openRandom(SEED + 1)
  const open = () =>
    openReceiptSender({
      ...targetOf(port),
      deployment: SAMPLE_DEPLOYMENT,
      provider: BATCHES ?? '0x',
      signerKey: KEY.privateKey,
      folder,
      batchCountMax: 64,
    })
  let sender = await open()
  while (!over.aborted) {
    const { nonce: _, provider: _unused, ...draft } = sampleReceipt('0x')
    const drafts = Array.from({ length: 1 + random.below(200) }, () => {
      return { ...draft, fee: BigInt(random.below(1 << 30)) }
    })
    await sender.add(drafts)
    if (random.oneIn(4)) sender = await open()
    const { waitingCount } = await sender.flush()
    expect(waitingCount).toBe(0)
    for (const { fee } of drafts) {
      ledger.receiptCount += 1
      ledger.feeTotal += fee
    }
  }
}

async function sendSingles(port: number, over: AbortSignal, ledger: Ledger): Promise<void> {
  const random = openRandom(SEED + 2)
  const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, KEY.privateKey)
  let nonce = 0n
  while (!over.aborted) {
    const drafts = Array.from({ length: 1 + random.below(20) }, () => {
      const fee = BigInt(random.below(1 << 30))
      return sampleReceipt(SINGLES ?? '0x', { fee, nonce: (nonce += 1n) })
    })
    const signed = await Promise.all(
      drafts.map(async (receipt) => ({ ...receipt, ...(await signer.signReceipt(receipt)) })),
    )
    const outcomes = await postReceipts(targetOf(port), signed)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    for (const { fee } of drafts) {
      ledger.receiptCount += 1
      ledger.feeTotal += fee
    }
  }
}

/** Patient enough for a service that is killed over and over. */
function targetOf(port: number) {
  return {
    url: `http://127.0.0.1:${port}/receipts`,
    sleep: (durationMs: number) => delay(Math.min(durationMs, 300)),
    signal: new AbortController().signal,
    attemptsMax: 1_000,
  }
}

async function startService(port: number): Promise<ChildProcess> {
  const { url, username, password } = scratch.server
  const task = { url, username, password, database: 'receipts', port, nowMs: NOW_MS }
  const path = fileURLToPath(new URL('receipt-service.ts', import.meta.url))
  const argument = JSON.stringify({ ...task, deployment: SAMPLE_DEPLOYMENT })
  while (true) {
    const child = spawn(process.execPath, [path, argument], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    children.add(child)
    const exited = once(child, 'exit').then(() => 'exited')
    void exited.then(() => children.delete(child))
    // While the database comes up again it ends with an error, as a service would, and is started anew.
    if ((await Promise.race([once(child.stdout, 'data'), exited])) !== 'exited') return child
  }
}

async function prepareChain(client: Awaited<ReturnType<ScratchIndex['open']>>): Promise<void> {
  const { signal } = new AbortController()
  const surroundings = { client, nowMs: () => NOW_MS, sleep: () => Promise.resolve(), signal }
  const store = await openChainStore(surroundings, () => undefined)
  const described = { kind: 0, name: '', metadata_uri: '', metadata_hash: sampleId('00') }
  await commitSampleBlock(store, {
    asset_registered: ['a1', 'a2'].map((byte, place) => {
      const asset = { ...sampleEvidence(1, place), sequence: place + 1, asset_id: sampleId(byte) }
      return { ...asset, creator: BATCHES ?? '0x', ...described }
    }),
    signing_key_set: [BATCHES, SINGLES].map((provider, place) => {
      const key = { sequence: 1, provider: provider ?? '0x', signer: KEY.address, active: true }
      return { ...sampleEvidence(1, 2 + place), ...key }
    }),
  })
}
