import type { ClickHouseClient } from '@foggara/database'
import { type Deployment, type Pin, invariant, parseAddress, receiptDomain } from '@foggara/schema'

import type { Row } from '../store/row-binary.ts'
import {
  type Accumulators,
  type AccumulatorStep,
  callAccumulators,
  checkAccumulators,
  foldAccumulators,
} from './accumulators.ts'
import { anchoredReceiptRows } from './anchored-receipts.ts'
import { type DecodedLog, type LogDecoder, eventRow, evidenceColumns } from './decode-log.ts'
import type { ChainRange } from './fetch-range.ts'
import type { IndexedRange } from './indexed.ts'
import type { Rpc } from './rpc.ts'

/** What indexing works with: where the chain is, where it is stored and what is indexed. */
export type IndexContext = {
  readonly rpc: Rpc
  readonly client: ClickHouseClient
  readonly deployment: Deployment
  readonly decoder: LogDecoder
}

/** A range of our contracts that passed every check, with its rows. */
export type FetchedRange = IndexedRange & {
  readonly after: Accumulators
  /** How the logs of those blocks are known to be complete that may hold any. */
  readonly evidence: Evidence
}

/**
 * How the logs of a block are known to be complete when it is stored; the view `block_evidence` raises
 * `trusted` blocks that a later comparison covers.
 */
type Evidence = 'bloom-negative' | 'receipts-root' | 'accumulator' | 'trusted' | 'undecoded'

/**
 * Turns a range into the rows of every chain table, and proves that no event is missing: the
 * contracts' accumulators at the range's last block must equal the fold of its events.
 *
 * `before` is the pin of the last stored block that the range follows, with the accumulators there.
 *
 * @throws {RpcLogsIncompleteError} when an event is missing; nothing may be committed then.
 */
export async function indexRange(
  context: IndexContext,
  range: ChainRange,
  before: Pin | undefined,
  accumulatorsBefore: Accumulators,
): Promise<FetchedRange> {
  const logs = range.logs.map((log) => context.decoder.decode(log))
  const { after, steps, evidence } = await proveComplete(context, range, logs, accumulatorsBefore)
  const secondsByBlock = new Map(range.headers.map((header) => [header.block, header.atSeconds]))
  const secondsOf = (block: number): number => {
    const seconds = secondsByBlock.get(block)
    invariant(seconds !== undefined, `block ${block} lies in the range`)
    return seconds
  }
  const { chainId, contracts } = context.deployment
  const domain = receiptDomain(chainId, parseAddress(contracts.ComputeRegistry))
  const receipts = await anchoredReceiptRows(context.client, before, logs, domain, secondsOf)
  const rowsByTable = new Map<string, readonly Row[]>([
    ['block', blockRows(range, evidence)],
    ['log', logs.map((decoded) => logRow(decoded, secondsOf(decoded.log.block)))],
    ['accumulator', steps.map(accumulatorRow)],
    ['anchored_receipt', receipts],
    ...eventRows(logs, secondsOf),
  ])
  const problems = logs.flatMap(({ log, problem }) =>
    problem === undefined ? [] : [`block ${log.block} log ${log.logIndex}: ${problem}`],
  )
  const { headers } = range
  return { headers, rowsByTable, after, evidence, logCount: logs.length, problems }
}

type Proof = {
  readonly after: Accumulators
  readonly steps: readonly AccumulatorStep[]
  readonly evidence: Evidence
}

/**
 * An event that cannot be decoded cannot be folded. Its contract's chain of hashes is then taken up
 * again from what the contract says, and the range counts as trusted only.
 */
async function proveComplete(
  { rpc, deployment }: IndexContext,
  range: ChainRange,
  logs: readonly DecodedLog[],
  before: Accumulators,
): Promise<Proof> {
  const last = range.headers.at(-1)
  if (last === undefined) return { after: before, steps: [], evidence: 'trusted' }
  const isNegative = range.headers.every(({ block }) => range.bloomNegative.has(block))
  if (isNegative) return { after: before, steps: [], evidence: 'bloom-negative' }
  const isKnown = range.headers.every(
    ({ block }) => range.bloomNegative.has(block) || range.receiptsProven.has(block),
  )
  const called = await callAccumulators(rpc, deployment, last.hash)
  const broken = new Set(
    logs.flatMap(({ contract, problem }) => (problem === undefined ? [] : [contract])),
  )
  if (broken.size > 0) {
    const whole = logs.filter(({ contract }) => !broken.has(contract))
    const { after, steps } = foldAccumulators(before, whole, rpc.shownUrl)
    const resumed = [...broken].flatMap((contract) => {
      const accumulator = called?.get(contract)
      return accumulator === undefined ? [] : [{ block: last.block, contract, ...accumulator }]
    })
    const merged = new Map(after)
    for (const { contract, sequence, hash } of resumed) merged.set(contract, { sequence, hash })
    return { after: merged, steps: [...steps, ...resumed], evidence: 'undecoded' }
  }
  const { after, steps } = foldAccumulators(before, logs, rpc.shownUrl)
  if (called === undefined) {
    return { after, steps, evidence: isKnown ? 'receipts-root' : 'trusted' }
  }
  checkAccumulators(after, called, rpc.shownUrl)
  return { after, steps, evidence: 'accumulator' }
}

function blockRows(range: ChainRange, evidence: Evidence): readonly Row[] {
  const logCounts = new Map<number, number>()
  for (const { block } of range.logs) logCounts.set(block, (logCounts.get(block) ?? 0) + 1)
  // A range that was healed by receipts is stored as one that was whole at once.
  const isByReceipts = range.way === 'receipts' || evidence !== 'accumulator'
  return range.headers.map((header) => ({
    block: header.block,
    hash: header.hash,
    parent_hash: header.parentHash,
    at_seconds: header.atSeconds,
    log_count: logCounts.get(header.block) ?? 0,
    evidence: range.bloomNegative.has(header.block)
      ? 'bloom-negative'
      : isByReceipts && range.receiptsProven.has(header.block)
        ? 'receipts-root'
        : evidence,
  }))
}

function logRow({ log, contract, event }: DecodedLog, atSeconds: number): Row {
  return {
    ...evidenceColumns(log, atSeconds),
    contract,
    event: event?.table.event.name ?? '',
    address: log.address,
    topics: log.topics,
    payload: log.payload,
  }
}

function accumulatorRow({ block, contract, sequence, hash }: AccumulatorStep): Row {
  return { block, contract, sequence, hash }
}

function eventRows(
  logs: readonly DecodedLog[],
  secondsOf: (block: number) => number,
): ReadonlyMap<string, readonly Row[]> {
  const rows = new Map<string, Row[]>()
  for (const { log, event } of logs) {
    if (event === undefined) continue
    const row = eventRow(log, secondsOf(log.block), event.table, event.argumentsByName)
    const list = rows.get(event.table.name)
    if (list === undefined) rows.set(event.table.name, [row])
    else list.push(row)
  }
  return rows
}
