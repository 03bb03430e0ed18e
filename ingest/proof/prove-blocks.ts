import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  BLOCK_PROOF_TABLE,
  COVERAGE_STRETCH_BLOCKS,
  type Deployment,
  FatalError,
  type Hex,
  type Pin,
  pinnedRelations,
} from '@foggara/schema'

import type { Log } from '../chain/block.ts'
import { createLogDecoder } from '../chain/decode-log.ts'
import { fetchReceipts } from '../chain/fetch-receipts.ts'
import type { RpcPool } from '../chain/rpc-pool.ts'
import { type ArchivedLog, readArchivedLogs } from '../store/archived-logs.ts'
import { insertTable } from '../store/insert.ts'
import { mapConcurrently } from '../store/map-concurrently.ts'

/** Which blocks are proven, and with what. */
export type ProveOptions = {
  /** A client that may write `block_proof`; nothing else is written. */
  readonly client: ClickHouseClient
  readonly rpc: RpcPool
  readonly deployment: Deployment
  readonly pin: Pin
  readonly firstBlock: number
  readonly lastBlock: number
  readonly signal: AbortSignal
  readonly onProgress: (report: ProofReport) => void
}

/** What came of proving blocks, so far. */
export type ProofReport = {
  readonly provenCount: number
  /** Blocks whose headers have another form than Ethereum's: their receipts prove nothing here. */
  readonly unprovableCount: number
  readonly differences: readonly StoredLogsDifferError[]
}

/** What may be proven better than it is. */
const WEAK_CLASSES = ['trusted', 'quorum', 'undecoded']
const BATCH_BLOCKS = 256
const BLOCKS_AT_ONCE = 8

/**
 * Proves settled blocks that were believed when they were fetched: their receipts must fold to the
 * root in a header that hashes to the stored hash, and hold exactly the logs that are stored.
 *
 * What is proven is stored batch by batch, so a run that was stopped goes on where it was. A
 * difference is reported and changes nothing: settled rows are never rewritten.
 *
 * @throws {ProofNotSettledError}
 */
export async function proveBlocks(options: ProveOptions): Promise<ProofReport> {
  const { pin, firstBlock, lastBlock, signal, onProgress } = options
  if (lastBlock > pin.settledBlock) throw new ProofNotSettledError(lastBlock, pin.settledBlock)
  let report: ProofReport = { provenCount: 0, unprovableCount: 0, differences: [] }
  for (let from = firstBlock; from <= lastBlock && !signal.aborted;) {
    const stretchEnd = Math.min(lastBlock, from + COVERAGE_STRETCH_BLOCKS - 1)
    const batch = await weakBlocks(options, from, stretchEnd)
    const verdicts = await proveBatch(options, batch)
    const proven = verdicts.filter((verdict) => verdict.type === 'proven')
    await storeProofs(options, proven)
    report = {
      provenCount: report.provenCount + proven.length,
      unprovableCount:
        report.unprovableCount + verdicts.filter(({ type }) => type === 'unprovable').length,
      differences: [
        ...report.differences,
        ...verdicts.flatMap((verdict) => (verdict.type === 'differs' ? [verdict.error] : [])),
      ],
    }
    if (batch.length > 0) onProgress(report)
    from = batch.length < BATCH_BLOCKS ? stretchEnd + 1 : (batch.at(-1)?.block ?? stretchEnd) + 1
  }
  return report
}

type WeakBlock = { readonly block: number; readonly hash: Hex }

type Verdict =
  | { readonly type: 'proven'; readonly block: number; readonly logCount: number }
  | { readonly type: 'unprovable' }
  | { readonly type: 'differs'; readonly error: StoredLogsDifferError }

async function weakBlocks(
  { client, pin }: ProveOptions,
  from: number,
  to: number,
): Promise<readonly WeakBlock[]> {
  const relations = pinnedRelations(pin)
  const classes = WEAK_CLASSES.map((name) => `'${name}'`).join(', ')
  const rows = await queryRows<{ block: string; hash_text: Hex }>(
    client,
    `select block, concat('0x', lower(hex(hash))) as hash_text
    from ${relations.relation('block')} as stored
    where block between ${from} and ${to} and block in (
      select block from ${relations.relation('block_evidence')} as covered
      where block between ${from} and ${to} and evidence in (${classes})
      order by block limit ${BATCH_BLOCKS}
    )
    order by block`,
  )
  return rows.map((row) => ({ block: Number(row.block), hash: row.hash_text }))
}

async function proveBatch(
  { client, rpc, pin, deployment }: ProveOptions,
  batch: readonly WeakBlock[],
): Promise<readonly Verdict[]> {
  const stored = Map.groupBy(
    await readArchivedLogs(
      client,
      pin,
      batch.map(({ block }) => block),
    ),
    ({ block }) => block,
  )
  const addresses = new Set(createLogDecoder(deployment).addresses)
  return mapConcurrently(batch, BLOCKS_AT_ONCE, async (header): Promise<Verdict> => {
    const { value } = await rpc.attempt((provider) => fetchReceipts(provider, header))
    if (!value.isProven) return { type: 'unprovable' }
    const ours = stored.get(header.block) ?? []
    const theirs = value.logs.filter(({ address }) => addresses.has(address)).map(archivedOf)
    const error = difference(header.block, ours, theirs)
    if (error !== undefined) return { type: 'differs', error }
    return { type: 'proven', block: header.block, logCount: ours.length }
  })
}

async function storeProofs(
  { client, pin }: ProveOptions,
  proven: readonly { readonly block: number; readonly logCount: number }[],
): Promise<void> {
  const [first] = proven
  if (first === undefined) return
  const rows = proven.map(({ block, logCount }) => ({
    block,
    log_count: logCount,
    proven_at_block: pin.block,
  }))
  const { name, columns } = BLOCK_PROOF_TABLE
  await insertTable(client, { table: name, columns, rows }, `${first.block}:${pin.block}`)
}

function archivedOf({ block, logIndex, transactionHash, address, topics, payload }: Log) {
  return { block, logIndex, transactionHash, address, topics, payload }
}

/** The first log by index that only one side has, or that both have otherwise. */
function difference(
  block: number,
  stored: readonly ArchivedLog[],
  proven: readonly ArchivedLog[],
): StoredLogsDifferError | undefined {
  const textOf = (logs: readonly ArchivedLog[]) =>
    new Map(logs.map((log) => [log.logIndex, JSON.stringify(log, LOG_KEYS)]))
  const [ours, theirs] = [textOf(stored), textOf(proven)]
  const indexes = [...new Set([...ours.keys(), ...theirs.keys()])].toSorted((a, b) => a - b)
  const index = indexes.find((each) => ours.get(each) !== theirs.get(each))
  if (index === undefined) return undefined
  return new StoredLogsDifferError(block, index, theirs.get(index), ours.get(index))
}

const LOG_KEYS = ['logIndex', 'transactionHash', 'address', 'topics', 'payload']

/** The receipts of a block prove other logs than those that are stored. */
export class StoredLogsDifferError extends FatalError {
  constructor(
    block: number,
    logIndex: number,
    expected: string | undefined,
    found: string | undefined,
  ) {
    super(
      'STORED_LOGS_DIFFER',
      `block ${block} log ${logIndex}: expected ${expected ?? 'none'}, found ${found ?? 'none'}`,
      {
        hint: 'Settled rows are never rewritten: index into an empty data directory with FOGGARA_PROOF=receipts, and do not rely on this range until then.',
      },
    )
  }
}

/** A block is to be proven that may still be replaced. */
export class ProofNotSettledError extends FatalError {
  constructor(block: number, settledBlock: number) {
    const found = settledBlock < 0 ? 'no settled block' : `blocks settled up to ${settledBlock}`
    super('PROOF_NOT_SETTLED', `block ${block}: expected a settled block, found ${found}`, {
      hint: 'Blocks above that are proven when they are settled, or may still be replaced.',
    })
  }
}
