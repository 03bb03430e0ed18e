import type { FoggaraError, Hex } from '@foggara/schema'

import { type Header, type Log, decodeHeader, decodeLogs, quantity } from './block.ts'
import type { RangeLimits } from './fetch-range-limits.ts'
import { fetchReceipts } from './fetch-receipts.ts'
import {
  RpcBlockMissingError,
  RpcCallFailedError,
  RpcRangeTooLargeError,
  RpcResponseInvalidError,
  RpcUnreachableError,
} from './rpc-errors.ts'
import type { BlockSpan } from './rpc-verdict.ts'
import { type Rpc, type RpcCall, type RpcOutcome, resultOf } from './rpc.ts'

/** A provider with what it can be asked for at once. */
export type LogSource = Rpc & {
  readonly limits: RangeLimits
  /** Requests of one range that may be under way together. */
  readonly requestsAtOnce: number
}

/** Which logs are wanted. */
export type LogFilter = {
  readonly addresses: readonly Hex[]
  /** The first topics that are wanted; absent: any. */
  readonly topics?: readonly Hex[]
}

/** Consecutive blocks with their logs, in any order. */
export type FetchedSpan = {
  readonly headers: readonly Header[]
  readonly logs: readonly Log[]
  /** Blocks whose logs come from receipts that fold to the header's root. */
  readonly proven: readonly number[]
}

/** Ranges up to this many blocks are asked block by block, by hash: a node then errs or is right. */
const BY_HASH_BLOCKS_MAX = 8

/** What a filter's limits are kept under. */
export function filterId({ addresses, topics }: LogFilter): string {
  return `${addresses.length} addresses, ${topics?.length ?? 'any'} topics`
}

/**
 * Fetches a span in one piece, or in as many as the provider's limits ask for: by blocks, then by
 * addresses, then by topics, and for a block that cannot be asked about at all from its receipts.
 *
 * Logs and the header of the last block come in one request, hence from one node.
 */
export async function fetchSpan(
  source: LogSource,
  filter: LogFilter,
  span: BlockSpan,
  isRepeated = false,
): Promise<FetchedSpan> {
  const count = span.to - span.from + 1
  const isByHash = count <= BY_HASH_BLOCKS_MAX
  const groups = filterGroups(filter, source.limits.filtersMax())
  const logCalls = isByHash ? [] : groups.map((group) => logsCall(group, placeOf(span)))
  const headerCalls = Array.from({ length: count }, (_, index) => headerCall(span.to - index))
  const outcomes = await heard(source, filter, count, [...logCalls, ...headerCalls])
  const error = outcomes.slice(0, logCalls.length).find((outcome) => outcome.type === 'error')
  if (error?.type === 'error') {
    return fetchAfter(source, filter, span, { error: error.error, isRepeated, groups })
  }
  const headers = outcomes
    .slice(logCalls.length)
    .toReversed()
    .map((outcome, index) => headerAt(source, resultOf(outcome), span.from + index))
  if (isByHash) return fetchByHash(source, filter, headers)
  const logs = outcomes
    .slice(0, logCalls.length)
    .flatMap((outcome) => decodeLogs(resultOf(outcome), source.shownUrl))
  source.limits.noteLogs(filterId(filter), count, logs.length)
  return { headers, logs, proven: [] }
}

/** Fetches blocks with the logs of their receipts, except those whose bloom rules any out. */
export async function fetchSpanByReceipts(
  source: LogSource,
  filter: LogFilter,
  span: BlockSpan,
  isNegative: (header: Header) => boolean,
): Promise<FetchedSpan> {
  const count = span.to - span.from + 1
  const answers = await source.batch(
    Array.from({ length: count }, (_, index) => headerCall(span.from + index)),
  )
  const headers = answers.map((answer, index) => headerAt(source, answer, span.from + index))
  const logs: Log[] = []
  const proven: number[] = []
  const isWanted = logTest(filter)
  for (const header of headers.filter((each) => !isNegative(each))) {
    const receipts = await fetchReceipts(source, header)
    for (const log of receipts.logs.filter(isWanted)) logs.push(log)
    if (receipts.isProven) proven.push(header.block)
  }
  return { headers, logs, proven }
}

/** Tells whether a log is one of those wanted; a filter may name tens of thousands of addresses. */
export function logTest(filter: LogFilter): (log: Log) => boolean {
  const addresses = new Set(filter.addresses)
  const topics = filter.topics === undefined ? undefined : new Set(filter.topics)
  return ({ address, topics: [first] }) =>
    addresses.has(address) && (topics === undefined || (first !== undefined && topics.has(first)))
}

type Refusal = {
  readonly error: FoggaraError
  readonly isRepeated: boolean
  readonly groups: readonly LogFilter[]
}

/** Asks again for less, or raises what less cannot help. Each way on asks for strictly less. */
async function fetchAfter(
  source: LogSource,
  filter: LogFilter,
  span: BlockSpan,
  { error, isRepeated, groups }: Refusal,
): Promise<FetchedSpan> {
  const { limits } = source
  const largest = Math.max(...groups.map(filterSize))
  if (error instanceof RpcRangeTooLargeError) {
    if (error.verdict.type === 'too-many-filters' && largest > 1) {
      limits.noteFiltersMax(largest >> 1)
      return fetchSpan(source, filter, span)
    }
    const size = limits.noteRefusal(filterId(filter), span, error.verdict)
    return fetchPieces(source, filter, span, size)
  }
  if (!mayBeLimit(error)) throw error
  if (!isRepeated) return fetchSpan(source, filter, span, true)
  const verdict = { type: 'too-many-logs' } as const
  return fetchPieces(source, filter, span, limits.noteRefusal(filterId(filter), span, verdict))
}

async function fetchPieces(
  source: LogSource,
  filter: LogFilter,
  { from, to }: BlockSpan,
  size: number,
): Promise<FetchedSpan> {
  const pieces: FetchedSpan[] = []
  for (let start = from; start <= to; start += size) {
    const span = { from: start, to: Math.min(to, start + size - 1) }
    pieces.push(await fetchSpan(source, filter, span))
  }
  return {
    headers: pieces.flatMap((piece) => piece.headers),
    logs: pieces.flatMap((piece) => piece.logs),
    proven: pieces.flatMap((piece) => piece.proven),
  }
}

async function fetchByHash(
  source: LogSource,
  filter: LogFilter,
  headers: readonly Header[],
): Promise<FetchedSpan> {
  const groups = filterGroups(filter, source.limits.filtersMax())
  const asked = headers.flatMap((header) => groups.map((group) => ({ header, group })))
  const calls = asked.map(({ header, group }) => logsCall(group, { blockHash: header.hash }))
  const outcomes = await heard(source, filter, headers.length, calls)
  const logs: Log[] = []
  const proven: number[] = []
  for (const [index, { header, group }] of asked.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    const part =
      outcome.type === 'result'
        ? { logs: decodeLogs(outcome.result, source.shownUrl), isProven: false }
        : await fetchBlockAfter(source, group, header, outcome.error, false)
    for (const log of part.logs) logs.push(log)
    if (part.isProven) proven.push(header.block)
  }
  // A block counts as proven when every part of its filter is.
  const isWhole = (block: number) =>
    proven.filter((each) => each === block).length === groups.length
  return { headers, logs, proven: [...new Set(proven)].filter(isWhole) }
}

type BlockLogs = { readonly logs: readonly Log[]; readonly isProven: boolean }

/** One block that cannot be asked about in one call: half the filter each, or its receipts. */
async function fetchBlockAfter(
  source: LogSource,
  filter: LogFilter,
  header: Header,
  error: FoggaraError,
  isRepeated: boolean,
): Promise<BlockLogs> {
  const isLimit = error instanceof RpcRangeTooLargeError
  if (!isLimit && !mayBeLimit(error)) throw error
  const asIs = isLimit || isRepeated ? [] : [filter]
  const halves = filterSize(filter) > 1 ? halvesOf(filter) : []
  const parts = asIs.length > 0 ? asIs : halves
  if (parts.length === 0) {
    const receipts = await fetchReceipts(source, header)
    return { ...receipts, logs: receipts.logs.filter(logTest(filter)) }
  }
  const found: BlockLogs[] = []
  for (const part of parts) {
    const [outcome] = await source.batchSettled([logsCall(part, { blockHash: header.hash })])
    if (outcome === undefined) continue
    found.push(
      outcome.type === 'result'
        ? { logs: decodeLogs(outcome.result, source.shownUrl), isProven: false }
        : await fetchBlockAfter(source, part, header, outcome.error, asIs.length > 0),
    )
  }
  return {
    logs: found.flatMap(({ logs }) => logs),
    isProven: found.every(({ isProven }) => isProven),
  }
}

/** Sends calls; a request that is not answered, or not in full, may have been for too much. */
async function heard(
  source: LogSource,
  filter: LogFilter,
  blockCount: number,
  calls: readonly RpcCall[],
): Promise<readonly RpcOutcome[]> {
  try {
    return await source.batchSettled(calls)
  } catch (error) {
    if (error instanceof RpcUnreachableError || error instanceof RpcResponseInvalidError) {
      source.limits.noteSilence(filterId(filter), blockCount)
    }
    throw error
  }
}

/** A failure in words that nobody knows, or of time, may be a limit. */
function mayBeLimit(error: FoggaraError): boolean {
  return (
    error instanceof RpcCallFailedError &&
    (error.verdict.type === 'unknown' || error.verdict.type === 'unavailable')
  )
}

type Place = Readonly<Record<string, Hex>>

function placeOf({ from, to }: BlockSpan): Place {
  return { fromBlock: quantity(from), toBlock: quantity(to) }
}

function logsCall({ addresses, topics }: LogFilter, place: Place): RpcCall {
  const filter = { address: addresses, ...(topics === undefined ? {} : { topics: [topics] }) }
  return { method: 'eth_getLogs', params: [{ ...filter, ...place }] }
}

function headerCall(block: number): RpcCall {
  return { method: 'eth_getBlockByNumber', params: [quantity(block), false] }
}

function headerAt(rpc: Rpc, answer: unknown, block: number): Header {
  const header = decodeHeader(answer, rpc.shownUrl)
  if (header === undefined) {
    throw new RpcBlockMissingError(rpc.shownUrl, block)
  }
  if (header.block !== block) {
    throw new RpcResponseInvalidError(rpc.shownUrl, `block ${block}`, `block ${header.block}`)
  }
  return header
}

function filterSize({ addresses, topics }: LogFilter): number {
  return Math.max(addresses.length, topics?.length ?? 0)
}

/** Filters of at most so many addresses and topics that ask for the same together. */
function filterGroups(filter: LogFilter, filtersMax: number): readonly LogFilter[] {
  if (filterSize(filter) <= filtersMax || filterSize(filter) < 2) return [filter]
  return halvesOf(filter).flatMap((half) => filterGroups(half, filtersMax))
}

/** Half the addresses each, or half the topics where there is one address. */
function halvesOf({ addresses, topics }: LogFilter): readonly LogFilter[] {
  const rest = topics === undefined ? {} : { topics }
  const isByAddress = addresses.length >= (topics?.length ?? 0)
  const list = isByAddress ? addresses : (topics ?? [])
  const middle = (list.length + 1) >> 1
  return [list.slice(0, middle), list.slice(middle)].map((half) =>
    isByAddress ? { addresses: half, ...rest } : { addresses, topics: half },
  )
}
