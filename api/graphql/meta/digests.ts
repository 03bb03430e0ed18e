import {
  DIGEST_BLOCKS_MAX,
  DIGEST_LEVELS,
  FatalError,
  LOG_TABLE,
  type RangeDigest,
  digestSql,
  pinnedRelations,
  selectText,
} from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'

/** The most logs of a block that are given. */
const LOGS_MAX = 1_000

type ArchivedLog = {
  readonly logIndex: number
  readonly transactionHash: string
  readonly address: string
  readonly topics: readonly string[]
  readonly payload: string
}

type ArchivedBlock = { readonly block: number; readonly hash: string; readonly from: Reader }

const DIGEST = builder.objectRef<RangeDigest>('RangeDigest').implement({
  description: 'What the raw archive holds of some blocks, as one hash; see docs/completeness.md.',
  fields: (t) => ({
    firstBlock: t.field({ type: 'SafeInt', resolve: ({ firstBlock }) => firstBlock }),
    lastBlock: t.field({ type: 'SafeInt', resolve: ({ lastBlock }) => lastBlock }),
    digest: t.field({ type: 'Bytes32', resolve: ({ digest }) => digest }),
  }),
})

const ARCHIVED_LOG = builder.objectRef<ArchivedLog>('ArchivedLog').implement({
  description: 'A log of an indexed contract as the chain gave it.',
  fields: (t) => ({
    logIndex: t.field({ type: 'SafeInt', resolve: ({ logIndex }) => logIndex }),
    transactionHash: t.field({ type: 'Bytes32', resolve: (log) => log.transactionHash }),
    address: t.field({ type: 'Address', resolve: ({ address }) => address }),
    topics: t.field({ type: ['Bytes32'], resolve: ({ topics }) => [...topics] }),
    payload: t.field({ type: 'Bytes', resolve: ({ payload }) => payload }),
  }),
})

const ARCHIVED_BLOCK = builder.objectRef<ArchivedBlock>('ArchivedBlock').implement({
  description: 'A block of the raw archive.',
  fields: (t) => ({
    block: t.field({ type: 'SafeInt', resolve: ({ block }) => block }),
    hash: t.field({ type: 'Bytes32', resolve: ({ hash }) => hash }),
    logs: t.field({
      type: [ARCHIVED_LOG],
      description: `Ascending by log index; the first ${LOGS_MAX}.`,
      extensions: { cost: { statements: 1, rows: LOGS_MAX } },
      resolve: ({ block, from }) => logsOf(block, from),
    }),
  }),
})

builder.queryField('digests', (t) =>
  t.field({
    type: [DIGEST],
    description:
      'Digests of the raw archive over ranges of 2^level blocks, by which two indexes of a chain are compared.',
    args: {
      from: t.arg({ type: 'SafeInt', required: true }),
      to: t.arg({ type: 'SafeInt', required: true }),
      level: t.arg.int({ required: true, description: `One of ${DIGEST_LEVELS.join(', ')}.` }),
      at: t.arg({ type: BLOCK_INPUT, required: false }),
    },
    extensions: { cost: { statements: 40 } },
    resolve: async (_root, { from: first, to, level, at }, context) => {
      checkDigests(first, to, level)
      const from = await context.at(at)
      const span = { firstBlock: first, lastBlock: to }
      const digests = digestSql(pinnedRelations(from.pin), level, span)
      const columns = [
        { name: 'first_block', type: 'UInt64' },
        { name: 'last_block', type: 'UInt64' },
        { name: 'digest', type: 'FixedString(32)' },
      ] as const
      const sql = `${selectText(columns, `(${digests})`)} order by source.first_block`
      const rows = await from.rows({ sql, parameters: {}, limits: 'summary' })
      return rows.map((row) => ({
        firstBlock: Number(row['firstBlock']),
        lastBlock: Number(row['lastBlock']),
        digest: String(row['digest']) as RangeDigest['digest'],
      }))
    },
  }),
)

builder.queryField('archivedBlock', (t) =>
  t.field({
    type: ARCHIVED_BLOCK,
    nullable: true,
    description: 'What the raw archive holds of a block; null when it is not indexed.',
    args: {
      number: t.arg({ type: 'SafeInt', required: true }),
      at: t.arg({ type: BLOCK_INPUT, required: false }),
    },
    extensions: { cost: { statements: 1 } },
    resolve: async (_root, { number, at }, context) => {
      const from = await context.at(at)
      const columns = [{ name: 'hash', type: 'FixedString(32)' }] as const
      const blocks = pinnedRelations(from.pin).relation('block')
      const sql = `${selectText(columns, blocks)} where source.block = ${whole(number)}`
      const [row] = await from.rows({ sql, parameters: {} })
      return row === undefined ? null : { block: number, hash: String(row['hash']), from }
    },
  }),
)

async function logsOf(block: number, from: Reader): Promise<readonly ArchivedLog[]> {
  const names = ['log_index', 'transaction_hash', 'address', 'topics', 'payload']
  const columns = LOG_TABLE.columns.filter(({ name }) => names.includes(name))
  const rows = await from.rows({
    sql: `${selectText(columns, pinnedRelations(from.pin).relation('log'))}
      where source.block = ${whole(block)} order by source.log_index limit ${LOGS_MAX}`,
    parameters: {},
  })
  return rows.map((row) => ({
    logIndex: Number(row['logIndex']),
    transactionHash: String(row['transactionHash']),
    address: String(row['address']),
    topics: Array.isArray(row['topics']) ? row['topics'].map(String) : [],
    payload: String(row['payload']),
  }))
}

function checkDigests(first: number, last: number, level: number): void {
  if (!DIGEST_LEVELS.includes(level)) {
    throw new DigestRangeError(`a level of ${DIGEST_LEVELS.join(', ')}`, String(level))
  }
  const isRange = whole(first) <= whole(last) && last - first < DIGEST_BLOCKS_MAX
  if (!isRange) {
    throw new DigestRangeError(`1 to ${DIGEST_BLOCKS_MAX} blocks`, `${first} to ${last}`)
  }
}

/** Numbers stand in the SQL: nothing else may. */
function whole(number: number): number {
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new DigestRangeError('a block number', String(number))
}

/** Digests are asked for that are none, or of too many blocks. */
export class DigestRangeError extends FatalError {
  constructor(expected: string, found: string) {
    super('DIGEST_RANGE', `digests: expected ${expected}, found ${found}`, {
      hint: 'Ask for a stretch of blocks after the other, each of whole ranges of the level.',
    })
  }
}
