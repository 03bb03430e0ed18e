import { builder } from './builder.ts'

/** Where on the chain a row comes from. */
export type EvidenceShape = {
  readonly block: number
  readonly transactionHash: string
  readonly logIndex: number
  readonly timestamp: number
}

/** The columns an {@link EvidenceShape} is read from. */
export const EVIDENCE_COLUMN_NAMES = [
  'block',
  'log_index',
  'transaction_hash',
  'at_seconds',
] as const

/** The GraphQL type of evidence. */
export const EVIDENCE_TYPE = builder.objectRef<EvidenceShape>('Evidence').implement({
  description: 'The event on chain that a row comes from.',
  fields: (t) => ({
    block: t.field({ type: 'SafeInt', resolve: (evidence) => evidence.block }),
    transactionHash: t.field({
      type: 'Bytes32',
      resolve: (evidence) => evidence.transactionHash,
    }),
    logIndex: t.field({
      type: 'SafeInt',
      description: 'The position of the log in its block.',
      resolve: (evidence) => evidence.logIndex,
    }),
    timestamp: t.field({
      type: 'SafeInt',
      description: "The block's time, Unix seconds.",
      resolve: (evidence) => evidence.timestamp,
    }),
  }),
})
