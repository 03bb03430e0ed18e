import { createApi } from '@foggara/api'
import type { ClickHouseClient } from '@foggara/database'
import { openReceiptIntake } from '@foggara/ingest'
import {
  type Hex,
  type Receipt,
  compareIds,
  receiptLeaf,
  receiptRoot,
  receiptToJson,
} from '@foggara/schema'

import {
  type ReceiptSigner,
  type SignedBatch,
  openReceiptSigner,
} from '../../ingest/provider/sign-batch.ts'
import {
  SAMPLE_DEPLOYMENT,
  commitSampleBlock,
  sampleEvidence,
} from '../../ingest/simulation/sample-chain.ts'
import {
  type SampleKey,
  sampleId,
  sampleKey,
  sampleReceipt,
} from '../../ingest/simulation/sample-receipt.ts'
import { type ChainStore, openChainStore } from '../../ingest/store/chain-store.ts'
import type { Row } from '../../ingest/store/row-binary.ts'

/** Providers by name, each with a signing key, before a service that takes receipts over HTTP. */
export type ReceiptActors = AsyncDisposable & {
  readonly store: ChainStore
  readonly url: string
  /** The wall's time, which the service reads. */
  readonly clock: { nowSeconds: number }
  readonly addressOf: (name: string) => Hex
  readonly nameOf: (address: Hex) => string
  readonly signBatch: (
    name: string,
    sequence: bigint,
    previous: Hex,
    nonces: readonly bigint[],
    ...more: readonly Partial<Receipt>[]
  ) => Promise<SignedBatch>
  readonly digestOf: (name: string, changes: Partial<Receipt>) => Promise<Hex>
  readonly digestsOf: (name: string, nonces: readonly bigint[]) => Promise<readonly Hex[]>
  /** Sends a receipt alone and returns the code of the answer. */
  readonly send: (name: string, changes: Partial<Receipt>, key?: SampleKey) => Promise<string>
  readonly sendBatch: (batch: SignedBatch) => Promise<string>
  /** Commits a block that anchors batches of digests, without bodies unless `body` says otherwise. */
  readonly anchor: (
    batches: readonly (readonly [name: string, digests: readonly Hex[]])[],
    atSeconds?: number,
    body?: Row,
  ) => Promise<void>
}

type Actor = { readonly address: Hex; readonly key: SampleKey; readonly signer: ReceiptSigner }

/** The second of the sample chain's genesis. */
const START = 1_700_000_000

/** Opens intake and API over an empty database, after a block that sets the providers up. */
export async function openReceiptActors(
  client: ClickHouseClient,
  names: readonly string[],
): Promise<ReceiptActors> {
  const actors = await openActors(names)
  const clock = { nowSeconds: START + 100 }
  const { signal } = new AbortController()
  const sleep = (): Promise<void> => Promise.resolve()
  const surroundings = { client, nowMs: () => clock.nowSeconds * 1000, sleep, signal }
  const store = await openChainStore(surroundings, () => undefined)
  await commitSampleBlock(store, setUp(actors))
  const deployment = SAMPLE_DEPLOYMENT
  const receipts = await openReceiptIntake({ ...surroundings, deployment })
  const log = (line: string): void => console.error(line)
  const { app } = await createApi({ client, deployment, receipts, log })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const actor = (name: string): Actor => {
    const found = actors.get(name)
    if (found === undefined) throw new TypeError(`expected an actor, found ${name}`)
    return found
  }
  const receiptOf = (name: string, changes: Partial<Receipt>): Receipt =>
    sampleReceipt(actor(name).address, changes)
  const digestOf: ReceiptActors['digestOf'] = async (name, changes) =>
    (await actor(name).signer.signReceipt(receiptOf(name, changes))).digest
  let batchCount = 0
  return {
    store,
    url,
    clock,
    addressOf: (name) => actor(name).address,
    nameOf: (address) => [...actors].find(([, found]) => found.address === address)?.[0] ?? address,
    signBatch: (name, sequence, previous, nonces, ...more) => {
      const changes = [...nonces.map((nonce) => ({ nonce })), ...more]
      const batch = changes.map((change) => receiptOf(name, change))
      return actor(name).signer.signBatch(batch, { sequence, previous })
    },
    digestOf,
    digestsOf: (name, nonces) => Promise.all(nonces.map((nonce) => digestOf(name, { nonce }))),
    send: async (name, changes, key = actor(name).key) => {
      const receipt = receiptOf(name, changes)
      const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, key.privateKey)
      const signed = { ...receipt, ...(await signer.signReceipt(receipt)) }
      const body = Buffer.from(JSON.stringify(receiptToJson(signed)))
      return post(url, 'application/json', body)
    },
    sendBatch: ({ bytes }) =>
      post(url, 'application/vnd.foggara.receipt-batch', Buffer.from(bytes)),
    anchor: async (batches, atSeconds, body = {}) => {
      const block = (store.head()?.block ?? 0) + 1
      const rows = batches.map(([name, unsorted], logIndex) => {
        const digests = unsorted.toSorted((a, b) => compareIds(receiptLeaf(a), receiptLeaf(b)))
        const evidence = sampleEvidence(block, logIndex)
        const at = { ...evidence, at_seconds: atSeconds ?? START + block }
        batchCount += 1
        const of = { ...at, batch_id: BigInt(batchCount), provider: actor(name).address }
        const root = receiptRoot(digests.map(receiptLeaf))
        const judged = digests.map((digest, position) => {
          return { ...of, ...NO_BODY, ...body, position, digest }
        })
        const batch = { ...of, root, fee_total: 0n, digests, sequence: batchCount, receipts: '0x' }
        return { batch, judged }
      })
      const tables = {
        batch_anchored: rows.map(({ batch }) => batch),
        anchored_receipt: rows.flatMap(({ judged }) => judged),
      }
      await commitSampleBlock(store, tables, atSeconds)
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

async function openActors(names: readonly string[]): Promise<ReadonlyMap<string, Actor>> {
  const actors = new Map<string, Actor>()
  for (const [index, name] of names.entries()) {
    const key = sampleKey(`1${index}`)
    const signer = await openReceiptSigner(SAMPLE_DEPLOYMENT, key.privateKey)
    actors.set(name, { address: `0x${`b${index}`.repeat(20)}`, key, signer })
  }
  return actors
}

async function post(url: string, type: string, body: Buffer<ArrayBuffer>): Promise<string> {
  const headers = { 'content-type': type }
  const answer = await fetch(`${url}/receipts`, { method: 'POST', headers, body })
  return ((await answer.json()) as { code: string }).code
}

const NO_BODY = {
  verdict: 'bodyless',
  consumer: `0x${'00'.repeat(20)}`,
  workload: 0,
  nonce: 0,
  assets: [],
  units: 0n,
  fee: 0n,
  started_at_seconds: 0,
  finished_at_seconds: 0,
  input_hash: sampleId('00'),
  output_hash: sampleId('00'),
  signature: '0x',
  signer: `0x${'00'.repeat(20)}`,
} as const

function setUp(actors: ReadonlyMap<string, Actor>): Readonly<Record<string, readonly Row[]>> {
  const place = (logIndex: number) => ({ ...sampleEvidence(1, logIndex), sequence: logIndex })
  const described = { kind: 0, name: '', metadata_uri: '', metadata_hash: sampleId('00') }
  const creator: Hex = `0x${'c0'.repeat(20)}`
  return {
    asset_registered: ['a1', 'a2'].map((byte, index) => {
      return { ...place(index), asset_id: sampleId(byte), creator, ...described }
    }),
    provider_registered: [...actors].map(([name, { address }], index) => {
      return { ...place(10 + index), provider: address, name, endpoint: '' }
    }),
    signing_key_set: [...actors.values()].map(({ address: provider, key }, index) => {
      return { ...place(30 + index), provider, signer: key.address, active: true }
    }),
  }
}
