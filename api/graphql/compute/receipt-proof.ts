import {
  EVENT_TABLES,
  type Hex,
  SIGNED_BATCH_TABLE,
  SUBMITTED_RECEIPT_TABLE,
  compareIds,
  invariant,
  receiptLeaf,
  receiptProof,
} from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { Source } from '../../sql/row.ts'
import { builder } from '../builder.ts'
import { isNone } from '../column-field.ts'
import { defineType } from '../define-type.ts'
import { RECEIPT } from './receipt.ts'

const SUBMITTED: Source = { ...SUBMITTED_RECEIPT_TABLE, key: ['digest'], limits: 'summary' }
const SIGNED: Source = { ...SIGNED_BATCH_TABLE, key: ['digest'] }
const ANCHORED: Source = anchoredSource()

const DELIVERY = defineType({
  name: 'ReceiptDelivery',
  description: 'How a receipt arrived over HTTP, from a file or a stream.',
  source: {
    ...SUBMITTED,
    columns: SUBMITTED.columns.filter(({ name }) =>
      ['digest', 'received_at_seconds', 'late', 'batch_digest'].includes(name),
    ),
  },
  rename: { late: 'isLate', batch_digest: 'signedBatchDigest' },
  optional: ['batch_digest'],
  links: {
    signedBatch: {
      to: 'SignedBatch',
      by: 'batch_digest',
      on: 'digest',
      description: 'The signed batch that vouches for it; null when it came alone.',
    },
  },
  orders: { RECEIVED: ['received_at_seconds'] },
  defaultDirection: 'DESC',
  filters: {},
})

type MerkleProof = { readonly root: string; readonly leaf: Hex; readonly path: readonly Hex[] }

const PROOF = builder.objectRef<MerkleProof>('MerkleProof').implement({
  description:
    'That a receipt is in a batch: fold the path into the leaf, keccak256 of the two with the smaller first, and get the root.',
  fields: (t) => ({
    root: t.field({ type: 'Bytes32', resolve: ({ root }) => root }),
    leaf: t.field({
      type: 'Bytes32',
      description: 'keccak256(keccak256(digest)).',
      resolve: ({ leaf }) => leaf,
    }),
    path: t.field({ type: ['Bytes32'], resolve: ({ path }) => [...path] }),
  }),
})

const PROVEN_BY = builder.enumType('ProvenBy', {
  description: 'OWN_SIGNATURE: it is signed itself. BATCH_SIGNATURE: a signed batch holds it.',
  values: ['OWN_SIGNATURE', 'BATCH_SIGNATURE'] as const,
})

builder.objectFields(RECEIPT.ref, (t) => ({
  provenBy: t.field({
    type: PROVEN_BY,
    description: 'What proves that the provider signed it.',
    extensions: { columns: ['signature'] },
    resolve: ({ row }) => (row['signature'] === '0x' ? 'BATCH_SIGNATURE' : 'OWN_SIGNATURE'),
  }),
  anchorProof: t.field({
    type: PROOF,
    nullable: true,
    description: 'That the anchored batch holds it; null while it is not anchored.',
    extensions: { columns: ['digest', 'batch_id'], cost: { statements: 1, perRow: true } },
    resolve: async ({ row, from }) => {
      if (isNone(row['batchId'])) return null
      const columns = ['digests', 'root']
      const batch = await from.lookup(ANCHORED, columns, 'batch_id', String(row['batchId']))
      return batch === null ? null : proofOf(row['digest'], batch['digests'], batch['root'])
    },
  }),
}))

builder.objectFields(DELIVERY.ref, (t) => ({
  proof: t.field({
    type: PROOF,
    nullable: true,
    description:
      'That its signed batch holds it; null when it came alone, or when others of the batch came before it and only the root is known.',
    extensions: { columns: ['digest', 'batch_digest'], cost: { statements: 2, perRow: true } },
    resolve: async ({ row, from }) => {
      if (isNone(row['batchDigest'])) return null
      const key = String(row['batchDigest'])
      const batch = await from.lookup(SIGNED, ['root', 'receipt_count'], 'digest', key)
      const digests = await digestsWith(from, key)
      const isWhole = batch !== null && digests.length === Number(batch['receiptCount'])
      return isWhole ? proofOf(row['digest'], digests, batch['root']) : null
    },
  }),
}))

async function digestsWith(from: Reader, batch: string): Promise<readonly string[]> {
  const rows = await from.page(
    {
      source: SUBMITTED,
      columns: ['digest'],
      conditions: [{ column: 'batch_digest', operator: 'equals', value: batch }],
      order: { columns: [], direction: 'ASC' },
      after: undefined,
      limit: DIGESTS_MAX,
    },
    undefined,
  )
  return rows.map((row) => String(row['digest']))
}

/** More than a batch may hold. */
const DIGESTS_MAX = 5_000

function proofOf(digest: unknown, digests: unknown, root: unknown): MerkleProof | null {
  invariant(Array.isArray(digests), 'a batch has digests')
  const leaves = digests.map((each) => receiptLeaf(each as Hex)).toSorted(compareIds)
  const leaf = receiptLeaf(digest as Hex)
  const path = receiptProof(leaves, leaf)
  return path === undefined ? null : { root: String(root), leaf, path }
}

function anchoredSource(): Source {
  const table = EVENT_TABLES.find(({ name }) => name === 'batch_anchored')
  invariant(table !== undefined, 'batches are anchored by an event')
  return { ...table, key: ['batch_id'] }
}
