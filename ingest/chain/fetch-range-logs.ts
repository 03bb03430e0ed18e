import type { FoggaraError, Hex } from '@foggara/schema'

import { columnsOf } from '../scan/columns-of-logs.ts'
import { type ScannedLogs, scannedLogs } from '../scan/scanned-logs.ts'
import { type Header, type Log, quantity, scannedLogsOf } from './block.ts'
import type { RangeLimits } from './fetch-range-limits.ts'
import { fetchReceipts } from './fetch-receipts.ts'
import type { HeaderCheck } from './header-check.ts'
import {
  RpcBlockMissingError,
  RpcCallFailedError,
  RpcHistoryMissingError,
  RpcRangeTooLargeError,
  RpcResponseInvalidError,
  RpcUnreachableError,
} from './rpc-errors.ts'
import type { BlockSpan } from './rpc-verdict.ts'
import { type Rpc, type RpcCall, type RpcOutcome, resultOf } from './rpc.ts'

/** A provider with what it can be asked for at once. */
export type LogSource = Rpc & {
  readonly limits: RangeLimits
  readonly headers: HeaderCheck
  /** Requests of one range that may be under way together. */
  readonly requestsAtOnce: number
}

/** Which logs are wanted; several filters want what any of them does. */
export type LogFilter = {
  /** `any`: whoever emits them. */
  readonly addresses: readonly Hex[] | 'any'
  /** The first topics that are wanted; absent: any. */
  readonly topics?: readonly Hex[]
}

/** Consecutive blocks with their logs, in any order. */
export type FetchedSpan = {
  readonly headers: readonly Header[]
  readonly logs: readonly ScannedLogs[]
  /** Blocks whose logs come from receipts that fold to the header's root. */
  readonly proven: readonly number[]
}

/** Ranges up to this many blocks are asked block by block, by hash: a node then errs or is right. */
const BY_HASH_BLOCKS_MAX = 8

/** What the limits of filters are kept under; among many addresses a few more make no difference. */
export function filterId(filters: readonly LogFilter[]): string {
  return filters
    .map(({ addresses, topics }) => {
      const count = addresses === 'any' ? 'any' : roughly(addresses.length)
      return `${count} addresses, ${topics?.length ?? 'any'} topics`
    })
    .join('; ')
}

function roughly(count: number): number {
  return count <= EXACT_COUNT_MAX ? count : 2 ** Math.ceil(Math.log2(count))
}

const EXACT_COUNT_MAX = 64

/**
 * Fetches a span in one piece, or in as many as the provider's limits ask for: by blocks, then by
 * addresses, then by topics, and for a block that cannot be asked about at all from its receipts.
 *
 * Logs and the header of the last block come in one request, hence from one node.
 */
export async function fetchSpan(
  source: LogSource,
  filters: readonly LogFilter[],
  span: BlockSpan,
  isRepeated = false,
): Promise<FetchedSpan> {
  const count = span.to - span.from + 1
  const isByHash = count <= BY_HASH_BLOCKS_MAX
  const groups = groupsOf(source, filters)
  const logCalls = isByHash ? [] : groups.map((group) => logsCall(group, placeOf(span)))
  const headerCalls = Array.from({ length: count }, (_, index) => headerCall(span.to - index))
  const outcomes = await heard(source, filters, span, [...logCalls, ...headerCalls])
  const error = outcomes.slice(0, logCalls.length).find((outcome) => outcome.type === 'error')
  if (error?.type === 'error') {
    return fetchAfter(source, filters, span, { error: error.error, isRepeated, groups })
  }
  const headers = outcomes
    .slice(logCalls.length)
    .toReversed()
    .map((outcome, index) => headerAt(source, resultOf(outcome), span.from + index))
  if (isByHash) return fetchByHash(source, filters, headers)
  const logs = outcomes
    .slice(0, logCalls.length)
    .map((outcome) => scannedLogsOf(resultOf(outcome), source.shownUrl))
  const logCount = logs.reduce((sum, { first, end }) => sum + end - first, 0)
  source.limits.noteLogs(filterId(filters), count, logCount)
  return { headers, logs, proven: [] }
}

/** Fetches blocks with the logs of their receipts, except those whose bloom rules any out. */
export async function fetchSpanByReceipts(
  source: LogSource,
  filters: readonly LogFilter[],
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
  const isWanted = logTest(filters)
  for (const header of headers.filter((each) => !isNegative(each))) {
    const receipts = await fetchReceipts(source, header)
    for (const log of receipts.logs.filter(isWanted)) logs.push(log)
    if (receipts.isProven) proven.push(header.block)
  }
  return { headers, logs: [scannedOf(logs)], proven }
}

/** Tells whether a log is one of those wanted; a filter may name tens of thousands of addresses. */
export function logTest(filters: readonly LogFilter[]): (log: Log) => boolean {
  const tests = filters.map((filter) => {
    const addresses = filter.addresses === 'any' ? undefined : new Set(filter.addresses)
    const topics = filter.topics === undefined ? undefined : new Set(filter.topics)
    return ({ address, topics: [first] }: Log): boolean =>
      (addresses === undefined || addresses.has(address)) &&
      (topics === undefined || (first !== undefined && topics.has(first)))
  })
  return (log) => tests.some((isWanted) => isWanted(log))
}

type Refusal = {
  readonly error: FoggaraError
  readonly isRepeated: boolean
  readonly groups: readonly LogFilter[]
}

/** Asks again for less, or raises what less cannot help. Each way on asks for strictly less. */
async function fetchAfter(
  source: LogSource,
  filters: readonly LogFilter[],
  span: BlockSpan,
  { error, isRepeated, groups }: Refusal,
): Promise<FetchedSpan> {
  const { limits } = source
  const largest = Math.max(...groups.map(filterSize))
  if (error instanceof RpcRangeTooLargeError) {
    if (error.verdict.type === 'too-many-filters' && largest > 1) {
      limits.noteFiltersMax(largest >> 1)
      return fetchSpan(source, filters, span)
    }
    const size = limits.noteRefusal(filterId(filters), span, error.verdict)
    return fetchPieces(source, filters, span, size)
  }
  if (!mayBeLimit(error)) throw error
  if (!isRepeated) return fetchSpan(source, filters, span, true)
  const verdict = { type: 'too-many-logs' } as const
  return fetchPieces(source, filters, span, limits.noteRefusal(filterId(filters), span, verdict))
}

async function fetchPieces(
  source: LogSource,
  filters: readonly LogFilter[],
  { from, to }: BlockSpan,
  size: number,
): Promise<FetchedSpan> {
  const pieces: FetchedSpan[] = []
  for (let start = from; start <= to; start += size) {
    const span = { from: start, to: Math.min(to, start + size - 1) }
    pieces.push(await fetchSpan(source, filters, span))
  }
  return {
    headers: pieces.flatMap((piece) => piece.headers),
    logs: pieces.flatMap((piece) => piece.logs),
    proven: pieces.flatMap((piece) => piece.proven),
  }
}

async function fetchByHash(
  source: LogSource,
  filters: readonly LogFilter[],
  headers: readonly Header[],
): Promise<FetchedSpan> {
  const groups = groupsOf(source, filters)
  const asked = headers.flatMap((header) => groups.map((group) => ({ header, group })))
  const calls = asked.map(({ header, group }) => logsCall(group, { blockHash: header.hash }))
  const span = { from: headers[0]?.block ?? 0, to: headers.at(-1)?.block ?? 0 }
  const outcomes = await heard(source, filters, span, calls)
  const logs: ScannedLogs[] = []
  const proven: number[] = []
  for (const [index, { header, group }] of asked.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    const part =
      outcome.type === 'result'
        ? { logs: [scannedLogsOf(outcome.result, source.shownUrl)], isProven: false }
        : await fetchBlockAfter(source, group, header, outcome.error, false)
    logs.push(...part.logs)
    if (part.isProven) proven.push(header.block)
  }
  // A block counts as proven when every part of its filter is.
  const isWhole = (block: number) =>
    proven.filter((each) => each === block).length === groups.length
  return { headers, logs, proven: [...new Set(proven)].filter(isWhole) }
}

type BlockLogs = { readonly logs: readonly ScannedLogs[]; readonly isProven: boolean }

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
    const logs = scannedOf(receipts.logs.filter(logTest([filter])))
    return { logs: [logs], isProven: receipts.isProven }
  }
  const found: BlockLogs[] = []
  for (const part of parts) {
    const [outcome] = await source.batchSettled([logsCall(part, { blockHash: header.hash })])
    if (outcome === undefined) continue
    found.push(
      outcome.type === 'result'
        ? { logs: [scannedLogsOf(outcome.result, source.shownUrl)], isProven: false }
        : await fetchBlockAfter(source, part, header, outcome.error, asIs.length > 0),
    )
  }
  return {
    logs: found.flatMap(({ logs }) => logs),
    isProven: found.every(({ isProven }) => isProven),
  }
}

function scannedOf(logs: readonly Log[]): ScannedLogs {
  return scannedLogs(columnsOf(logs), 0, logs.length)
}

/** Sends calls; a request that is not answered, or not in full, may have been for too much. */
async function heard(
  source: LogSource,
  filters: readonly LogFilter[],
  { from, to }: BlockSpan,
  calls: readonly RpcCall[],
): Promise<readonly RpcOutcome[]> {
  const outcomes = await source.batchSettled(calls).catch((error: unknown) => {
    if (error instanceof RpcUnreachableError || error instanceof RpcResponseInvalidError) {
      source.limits.noteSilence(filterId(filters), to - from + 1)
    }
    throw error
  })
  for (const outcome of outcomes) {
    if (outcome.type === 'error' && isGone(outcome.error)) {
      throw new RpcHistoryMissingError(source.shownUrl, from, outcome.error)
    }
  }
  return outcomes
}

function isGone(error: FoggaraError): boolean {
  return error instanceof RpcCallFailedError && error.verdict.type === 'gone'
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
  const filter = {
    ...(addresses === 'any' ? {} : { address: addresses }),
    ...(topics === undefined ? {} : { topics: [topics] }),
  }
  return { method: 'eth_getLogs', params: [{ ...filter, ...place }] }
}

function headerCall(block: number): RpcCall {
  return { method: 'eth_getBlockByNumber', params: [quantity(block), false] }
}

function headerAt({ headers, shownUrl }: LogSource, answer: unknown, block: number): Header {
  const header = headers.read(answer, shownUrl)
  if (header === undefined) {
    throw new RpcBlockMissingError(shownUrl, block)
  }
  if (header.block !== block) {
    throw new RpcResponseInvalidError(shownUrl, `block ${block}`, `block ${header.block}`)
  }
  return header
}

function filterSize({ addresses, topics }: LogFilter): number {
  return Math.max(addresses === 'any' ? 0 : addresses.length, topics?.length ?? 0)
}

/** The filters in pieces that a provider takes. */
function groupsOf(source: LogSource, filters: readonly LogFilter[]): readonly LogFilter[] {
  return filters.flatMap((filter) => filterGroups(filter, source.limits.filtersMax()))
}

/** Filters of at most so many addresses and topics that ask for the same together. */
function filterGroups(filter: LogFilter, filtersMax: number): readonly LogFilter[] {
  if (filterSize(filter) <= filtersMax || filterSize(filter) < 2) return [filter]
  return halvesOf(filter).flatMap((half) => filterGroups(half, filtersMax))
}

/** Half the addresses each, or half the topics where there is one address, or any. */
function halvesOf({ addresses, topics }: LogFilter): readonly LogFilter[] {
  const rest = topics === undefined ? {} : { topics }
  const isByAddress = addresses !== 'any' && addresses.length >= (topics?.length ?? 0)
  const list = isByAddress ? addresses : (topics ?? [])
  const middle = (list.length + 1) >> 1
  return [list.slice(0, middle), list.slice(middle)].map((half) =>
    isByAddress ? { addresses: half, ...rest } : { addresses, topics: half },
  )
}
