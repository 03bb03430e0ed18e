import type { ColumnType } from '../table/column.ts'

/** Zeros in place of a hash that there is none of. */
export const NO_HASH = `toFixedString('', 32)`

/** The columns of a finding's evidence; what does not apply is zero or empty. */
export const EVIDENCE_TYPES: Readonly<Record<string, ColumnType>> = {
  provider: 'FixedString(20)',
  code: 'String',
  /** Names the row among those of its provider and code. */
  item: 'String',
  reason: 'String',
  receipt_count: 'UInt256',
  since_seconds: 'UInt64',
  digest: 'FixedString(32)',
  other_digest: 'FixedString(32)',
  batch_id: 'UInt256',
  signed_batch: 'FixedString(32)',
  other_signed_batch: 'FixedString(32)',
  signer: 'FixedString(20)',
  first_nonce: 'UInt64',
  last_nonce: 'UInt64',
  sequence: 'UInt64',
  anchor_block: 'UInt64',
  anchor_transaction: 'FixedString(32)',
}

const NOTHING: Readonly<Record<string, string>> = {
  digest: NO_HASH,
  other_digest: NO_HASH,
  batch_id: 'toUInt256(0)',
  signed_batch: NO_HASH,
  other_signed_batch: NO_HASH,
  signer: `toFixedString('', 20)`,
  first_nonce: 'toUInt64(0)',
  last_nonce: 'toUInt64(0)',
  sequence: 'toUInt64(0)',
  anchor_block: 'toUInt64(0)',
  anchor_transaction: NO_HASH,
}

/** Selects rows of evidence: the columns given as SQL, and nothing for the others. */
export function evidence(given: Readonly<Record<string, string>>, rest: string): string {
  const list = Object.entries(EVIDENCE_TYPES).map(([name, type]) => {
    const sql = given[name] ?? NOTHING[name]
    // The columns of a union have to be of one type, whatever the branches count with.
    return type.startsWith('UInt') ? `to${type}(${sql}) as ${name}` : `${sql} as ${name}`
  })
  return `select ${list.join(', ')} from ${rest}`
}
