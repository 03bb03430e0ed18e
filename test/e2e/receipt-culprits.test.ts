import { type Hex, NO_PREVIOUS_BATCH, compareIds, receiptLeaf } from '@foggara/schema'
import { concat, keccak256 } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { SignedBatch } from '../../ingest/provider/sign-batch.ts'
import { type ScratchIndex, startScratchIndex } from '../../ingest/scratch-index.ts'
import { commitSampleBlock } from '../../ingest/simulation/sample-chain.ts'
import { sampleKey } from '../../ingest/simulation/sample-receipt.ts'
import { type ReceiptActors, openReceiptActors } from './receipt-actors.ts'

/** Providers that hide, alter, re-order, reuse, leave out and do not anchor, beside one that does nothing wrong. */

const NAMES = ['honest', 'hider', 'alterer', 'reorderer', 'reuser', 'skipper', 'keeper']
const STRANGER = sampleKey('99')
const [AN_HOUR_ON, A_DAY_ON] = [1_700_004_000, 1_700_090_000]

let scratch: ScratchIndex
let actors: ReceiptActors

beforeAll(async () => {
  scratch = await startScratchIndex()
  actors = await openReceiptActors(await scratch.open('culprits'), NAMES)
}, 120_000)
afterAll(async () => {
  await actors?.[Symbol.asyncDispose]()
  await scratch[Symbol.asyncDispose]()
})

test(
  'the culprits are named with the evidence, and nobody else',
  { timeout: 240_000 },
  async () => {
    const honest = await actors.signBatch('honest', 1n, NO_PREVIOUS_BATCH, [1n, 2n, 3n])
    expect(await actors.sendBatch(honest)).toBe('ACCEPTED')
    expect(await actors.send('honest', { nonce: 4n })).toBe('ACCEPTED')
    expect(await actors.send('honest', { nonce: 4n, units: 7n }, STRANGER)).toBe('NONCE_REUSED')
    expect(await actors.send('honest', { nonce: 5n }, STRANGER)).toBe('SIGNER_UNKNOWN')

    for (const nonce of [1n, 2n]) expect(await actors.send('hider', { nonce })).toBe('ACCEPTED')

    const other = { nonce: 3n, fee: 9n }
    const altered = await actors.signBatch('alterer', 1n, NO_PREVIOUS_BATCH, [1n, 2n], other)
    expect(await actors.sendBatch(altered)).toBe('ACCEPTED')
    for (const nonce of [4n, 5n]) expect(await actors.send('alterer', { nonce })).toBe('ACCEPTED')

    const first = await actors.signBatch('reorderer', 1n, NO_PREVIOUS_BATCH, [1n])
    const second = await actors.signBatch('reorderer', 2n, first.digest, [2n])
    const fork = await actors.signBatch('reorderer', 2n, first.digest, [3n])
    const broken = await actors.signBatch('reorderer', 3n, first.digest, [3n])
    expect(await actors.sendBatch(first)).toBe('ACCEPTED')
    expect(await actors.sendBatch(second)).toBe('ACCEPTED')
    expect(await actors.sendBatch(fork)).toBe('SEQUENCE_REUSED')
    expect(await actors.sendBatch(broken)).toBe('PREVIOUS_MISMATCH')

    expect(await actors.send('reuser', { nonce: 1n })).toBe('ACCEPTED')
    expect(await actors.send('reuser', { nonce: 1n, units: 7n })).toBe('NONCE_REUSED')

    for (const nonce of [1n, 2n, 5n])
      expect(await actors.send('skipper', { nonce })).toBe('ACCEPTED')
    const { unsent, waiting } = await skippedBatches()
    expect(await actors.sendBatch(waiting)).toBe('GAP_BEFORE')

    const kept = await actors.signBatch('keeper', 1n, NO_PREVIOUS_BATCH, [1n, 2n])
    expect(await actors.sendBatch(kept)).toBe('ACCEPTED')
    expect(await actors.send('keeper', { nonce: 3n })).toBe('ACCEPTED')

    await actors.anchor([
      ['honest', honest.digests],
      ['honest', await actors.digestsOf('honest', [4n])],
      ['hider', await actors.digestsOf('hider', [1n, 2n, 3n])],
      ['alterer', await actors.digestsOf('alterer', [1n, 2n, 3n])],
      ['alterer', await actors.digestsOf('alterer', [4n])],
      ['reorderer', second.digests],
      ['reorderer', first.digests],
      ['skipper', await actors.digestsOf('skipper', [1n, 2n, 5n])],
    ])
    expect(await actors.send('alterer', { nonce: 4n, units: 7n })).toBe('NONCE_REUSED')
    const named = [
      'alterer: ALTERED_RECEIPT 1',
      'reorderer: REORDERED_BATCH 3',
      'reuser: NONCE_REUSED 1',
    ]
    expect(await findings()).toEqual(named)

    await actors.anchor([['reuser', await actors.digestsOf('reuser', [1n])]], AN_HOUR_ON)
    expect(await findings()).toEqual([
      'alterer: ALTERED_RECEIPT 2',
      'hider: HIDES_ANCHORED 1',
      'reorderer: REORDERED_BATCH 3',
      'reuser: NONCE_REUSED 1',
      'skipper: BATCH_GAP 1',
      'skipper: NONCE_GAP 1',
    ])
    const digest = await actors.digestOf('hider', { nonce: 3n })
    expect(await evidenceOf('hider')).toEqual([
      { ...NONE, reason: 'NOT_DELIVERED', digest, batchId: '3', anchorBlock: 2 },
    ])
    expect(await evidenceOf('alterer')).toEqual([
      {
        ...NONE,
        reason: 'DELIVERED_OTHERS',
        digest: await actors.digestOf('alterer', { nonce: 3n }),
        otherDigest: await actors.digestOf('alterer', other),
        batchId: '4',
        signedBatchDigest: altered.digest,
        anchorBlock: 2,
      },
      await reuse('alterer', 4n),
    ])
    const [one, two] = [first.digest, second.digest]
    const later = { signedBatchDigest: one, otherSignedBatchDigest: two, sequence: '1' }
    expect(await evidenceOf('reorderer')).toEqual([
      { ...NONE, reason: 'ANCHORED_LATER', batchId: '7', anchorBlock: 2, ...later },
      { ...NONE, reason: 'PREVIOUS_MISMATCH', ...against(two, broken), sequence: '3' },
      { ...NONE, reason: 'SEQUENCE_REUSED', ...against(two, fork), sequence: '2' },
    ])
    expect(await evidenceOf('reuser')).toEqual([await reuse('reuser', 1n)])
    const next = await actors.digestOf('skipper', { nonce: 5n })
    expect(await evidenceOf('skipper')).toEqual([
      { ...NONE, reason: 'GAP_BEFORE', ...against(unsent.digest, waiting), sequence: '2' },
      { ...NONE, reason: 'NONCES_MISSING', digest: next, firstNonce: '3', lastNonce: '4' },
    ])
  },
)

test(
  'a receipt shows how it came and is proven to be in both batches',
  { timeout: 60_000 },
  async () => {
    const digest = await actors.digestOf('honest', { nonce: 2n })
    const proof = 'root leaf path'
    const { receipt } = await ask<{ receipt: ShownReceipt }>(`{ receipt(digest: "${digest}") {
    provenBy anchorProof { ${proof} } batch { batchId root } evidence { block }
    delivery { isLate proof { ${proof} } signedBatch { digest sequence root signer { address } } }
  } }`)
    const { anchorProof, batch, delivery } = receipt
    expect([receipt.provenBy, receipt.evidence.block, batch.batchId]).toEqual([
      'BATCH_SIGNATURE',
      2,
      '1',
    ])
    expect([delivery.isLate, delivery.signedBatch.sequence]).toEqual([false, '1'])
    for (const found of [anchorProof, delivery.proof]) {
      expect(found.leaf).toBe(receiptLeaf(digest))
      expect(foldOf(found)).toBe(batch.root)
    }
    expect(delivery.signedBatch.root).toBe(batch.root)
  },
)

test('a body on the chain stands against what was delivered', { timeout: 120_000 }, async () => {
  const body = { nonce: 5n, units: 8n }
  const digest = await actors.digestOf('alterer', body)
  await actors.anchor([['alterer', [digest]]], AN_HOUR_ON + 1, { nonce: 5, verdict: 'valid' })
  const otherDigest = await actors.digestOf('alterer', { nonce: 5n })
  const nonces = { firstNonce: '5', lastNonce: '5' }
  expect((await evidenceOf('alterer')).find(({ reason }) => reason === 'NONCE_ANCHORED')).toEqual({
    ...NONE,
    ...nonces,
    reason: 'NONCE_ANCHORED',
    digest,
    otherDigest,
    batchId: '10',
    anchorBlock: 4,
  })
})

test('what nobody anchors for a day is named, and not before', { timeout: 120_000 }, async () => {
  await commitSampleBlock(actors.store, {}, A_DAY_ON)
  actors.clock.nowSeconds = A_DAY_ON
  const waiting = async (block?: number) =>
    (await findings(block)).filter((line) => line.includes('UNANCHORED'))
  expect(await waiting()).toEqual(['alterer: UNANCHORED_LATE 2', 'keeper: UNANCHORED_LATE 2'])
  expect(await waiting(4)).toEqual([])
  const found = (await evidenceOf('keeper')).map((row) => [row.reason, row.signedBatchDigest])
  const { digest } = await actors.signBatch('keeper', 1n, NO_PREVIOUS_BATCH, [1n, 2n])
  expect(found).toEqual([
    ['CAME_ALONE', null],
    ['CAME_IN_BATCH', digest],
  ])
})

test(
  'a finding ends with its cause, and comes back when a reorg takes the anchor',
  {
    timeout: 240_000,
  },
  async () => {
    expect(await actors.send('hider', { nonce: 3n })).toBe('ACCEPTED')
    for (const nonce of [3n, 4n]) expect(await actors.send('skipper', { nonce })).toBe('ACCEPTED')
    const { unsent, waiting } = await skippedBatches()
    expect(await actors.sendBatch(unsent)).toBe('ACCEPTED')
    expect(await actors.sendBatch(waiting)).toMatch(/ACCEPTED|DUPLICATE/)
    const lasting = [
      'alterer: ALTERED_RECEIPT 3',
      'alterer: UNANCHORED_LATE 2',
      'keeper: UNANCHORED_LATE 2',
      'reorderer: REORDERED_BATCH 3',
      'reuser: NONCE_REUSED 1',
    ]
    expect(await findings()).toEqual(lasting)
    const kept = await actors.signBatch('keeper', 1n, NO_PREVIOUS_BATCH, [1n, 2n])
    const alone = await actors.digestsOf('keeper', [3n])
    await actors.anchor(
      [
        ['keeper', kept.digests],
        ['keeper', alone],
      ],
      A_DAY_ON + 10,
    )
    expect(await anchoringOf(kept)).toBe('WHOLE')
    expect(await findings()).toEqual(lasting.filter((line) => !line.startsWith('keeper')))
    await actors.store.retractFrom(actors.store.head()?.block ?? 0)
    expect(await anchoringOf(kept)).toBe('NONE')
    expect(await findings()).toEqual(lasting)
  },
)

const NONE = {
  digest: null,
  otherDigest: null,
  batchId: null,
  signedBatchDigest: null,
  otherSignedBatchDigest: null,
  firstNonce: null,
  lastNonce: null,
  sequence: null,
  anchorBlock: null,
}

type Proof = { readonly root: Hex; readonly leaf: Hex; readonly path: readonly Hex[] }
type ShownReceipt = {
  readonly provenBy: string
  readonly anchorProof: Proof
  readonly batch: { readonly batchId: string; readonly root: Hex }
  readonly evidence: { readonly block: number }
  readonly delivery: {
    readonly isLate: boolean
    readonly proof: Proof
    readonly signedBatch: { readonly sequence: string; readonly root: Hex }
  }
}

/** As the contract folds: keccak256 of the two, the smaller first. */
function foldOf({ leaf, path }: Proof): Hex {
  return path.reduce<Hex>((node, next) => {
    const [low = node, high = next] = [node, next].toSorted(compareIds)
    return keccak256(concat([low, high]))
  }, leaf)
}

type Evidence = { readonly reason: string } & Readonly<Record<keyof typeof NONE, unknown>>
type Nodes<Item> = { readonly nodes: readonly Item[] }
type Finding = {
  readonly code: string
  readonly evidenceCount: number
  readonly provider: { readonly address: Hex }
}

async function findings(block?: number): Promise<readonly string[]> {
  const at = block === undefined ? '' : `(at: { number: ${block} })`
  const { providerFindings } = await ask<{ providerFindings: Nodes<Finding> }>(
    `{ providerFindings${at} { nodes { code evidenceCount provider { address } } } }`,
  )
  const lines = providerFindings.nodes.map(({ code, evidenceCount, provider }) => {
    return `${actors.nameOf(provider.address)}: ${code} ${evidenceCount}`
  })
  return lines.toSorted()
}

async function evidenceOf(name: string): Promise<readonly Evidence[]> {
  const fields = ['reason', ...Object.keys(NONE)].join(' ')
  const { provider } = await ask<{ provider: { findingEvidence: Nodes<Evidence> } }>(
    `{ provider(address: "${actors.addressOf(name)}") { findingEvidence { nodes { ${fields} } } } }`,
  )
  return provider.findingEvidence.nodes.toSorted((a, b) => (a.reason < b.reason ? -1 : 1))
}

/** The evidence of a nonce that was used again, with other units. */
async function reuse(name: string, nonce: bigint): Promise<Evidence> {
  const digest = await actors.digestOf(name, { nonce, units: 7n })
  const otherDigest = await actors.digestOf(name, { nonce })
  const nonces = { firstNonce: String(nonce), lastNonce: String(nonce) }
  return { ...NONE, ...nonces, reason: 'NONCE_REUSED', digest, otherDigest }
}

function against(stored: Hex, { digest }: SignedBatch) {
  return { signedBatchDigest: digest, otherSignedBatchDigest: stored }
}

async function anchoringOf({ digest }: SignedBatch): Promise<string> {
  const { signedBatch } = await ask<{ signedBatch: { anchoring: string } }>(
    `{ signedBatch(digest: "${digest}") { anchoring } }`,
  )
  return signedBatch.anchoring
}

async function ask<Data>(query: string): Promise<Data> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ query })
  const answer = await fetch(`${actors.url}/graphql`, { method: 'POST', headers, body })
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown }
  expect(errors).toBeUndefined()
  return data
}

async function skippedBatches() {
  const unsent = await actors.signBatch('skipper', 1n, NO_PREVIOUS_BATCH, [6n])
  return { unsent, waiting: await actors.signBatch('skipper', 2n, unsent.digest, [7n]) }
}
