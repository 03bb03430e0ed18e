import type { IngestStatus, ProviderReport, SubgraphStatus } from '@foggara/ingest'

import { duration } from '../service/progress.ts'
import type { ChainReading, MemoryReading, Problem, ServiceReading } from './board.ts'
import type { Span, Style, StyledLine } from './styled-line.ts'
import type { ReceiptReading } from './watch-receipts.ts'

/** When a screen is drawn. Unit: milliseconds since 1970. */
export type ScreenTimes = { readonly startMs: number; readonly nowMs: number }

/** What a service does, as lines of about 80 columns; what matters most stands left and on top. */
export function screenLines(reading: ServiceReading, times: ScreenTimes): readonly StyledLine[] {
  const { chains, subgraphs, receipts, epochs, memory, problems } = reading
  const runs = duration((times.nowMs - times.startMs) / 1000)
  return [
    [
      { text: 'foggara', style: 'strong' },
      { text: `  runs for ${runs}` },
      { text: `  ${memoryText(memory)}`, style: memoryStyle(memory) },
    ],
    ...chains.flatMap(chainLines),
    ...subgraphs.map(subgraphLine),
    ...(receipts === undefined ? [] : [receiptLine(receipts)]),
    ...(epochs?.epoch === undefined
      ? []
      : [[{ text: `epochs    ${number(epochs.closed)} closed, the last is ${epochs.epoch}` }]]),
    ...problems.toReversed().map((problem) => problemLine(problem, times.nowMs)),
  ]
}

function chainLines({ chain, status }: ChainReading): readonly StyledLine[] {
  const { chainHeadBlock: head, finalizedBlock, indexedBlock, settledBlock } = status
  return [
    [
      { text: `chain ${chain}  `, style: 'strong' },
      { text: status.state.padEnd(11), style: STATE_STYLES[status.state] },
      { text: `  block ${block(indexedBlock)} of ${block(head)}` },
      { text: `  final ${block(finalizedBlock)}  settled ${block(settledBlock)}`, style: 'dim' },
    ],
    [{ text: `  ${paceText(status)}` }],
    ...status.providers.map(providerLine),
  ]
}

const STATE_STYLES: Readonly<Record<IngestStatus['state'], Style>> = {
  starting: 'dim',
  backfilling: 'good',
  following: 'good',
  retrying: 'doubtful',
  stopped: 'bad',
  ended: 'dim',
}

function paceText(status: IngestStatus): string {
  const { blocksPerSecond, logsPerSecond, secondsLeft, secondsSinceProgress, reorgs } = status
  const isBehind = secondsLeft !== 0
  const left = secondsLeft === null ? 'nothing moves' : `${duration(secondsLeft)} left`
  return [
    `${number(blocksPerSecond)} blocks/s`,
    `${number(logsPerSecond)} events/s`,
    isBehind ? left : 'up to date',
    `last blocks ${duration(secondsSinceProgress)} ago`,
    ...(reorgs > 0 ? [`${number(reorgs)} reorgs`] : []),
  ].join(', ')
}

function providerLine({ id, state, latencyMs, usage, trouble }: ProviderReport): StyledLine {
  const errors = Object.values(usage.errors).reduce((sum, count) => sum + count, 0)
  const cost = usage.units === null ? '' : `, ${number(usage.units)} units`
  const wrong: Span =
    state === 'well' || trouble === '' ? { text: '' } : { text: `  ${trouble}`, style: 'dim' }
  return [
    { text: '  ' },
    { text: state.padEnd(11), style: PROVIDER_STYLES[state] },
    { text: ` ${id}`, style: 'dim' },
    { text: `  ${number(latencyMs)} ms, ${number(usage.calls)} calls${cost}` },
    ...(errors === 0 ? [] : [{ text: `, ${number(errors)} errors`, style: 'doubtful' as const }]),
    wrong,
  ]
}

const PROVIDER_STYLES: Readonly<Record<ProviderReport['state'], Style>> = {
  well: 'good',
  paused: 'doubtful',
  quarantined: 'bad',
}

function subgraphLine(status: SubgraphStatus): StyledLine {
  const { name, state, block: at, targetBlock, handlersPerSecond, secondsLeft, errorCode } = status
  const isBehind = secondsLeft !== undefined && secondsLeft > 0
  const left = isBehind ? `, ${duration(secondsLeft)} left` : ''
  const isWell = state === 'backfilling' || state === 'following' || state === 'done'
  return [
    { text: `subgraph ${name}  `, style: 'strong' },
    { text: state, style: isWell ? 'good' : state === 'starting' ? 'dim' : 'bad' },
    { text: `  block ${block(at)} of ${block(targetBlock)}` },
    { text: `, ${number(handlersPerSecond)} handlers/s${left}` },
    { text: errorCode === '' ? '' : `  ${errorCode}`, style: 'bad' },
  ]
}

function receiptLine({ outcomes, waiting, perSecond }: ReceiptReading): StyledLine {
  const byStatus = Map.groupBy(outcomes, ({ status }) => status)
  const parts = [...byStatus].map(([status, all]) => {
    const count = all.reduce((sum, entry) => sum + entry.count, 0)
    return `, ${number(count)} ${status}`
  })
  const queue = waiting > 0 ? `, ${number(waiting)} waiting` : ''
  return [
    { text: 'receipts  ', style: 'strong' },
    { text: `${number(perSecond)}/s${parts.join('')}${queue}` },
  ]
}

function problemLine({ code, message, count, atMs }: Problem, nowMs: number): StyledLine {
  const ago = duration(Math.max(0, nowMs - atMs) / 1000)
  const times = count === 1 ? '' : `, ${count} times`
  const rest = message.replace(code, '').replace(/^[\s:]+/u, '')
  return [
    { text: code, style: 'doubtful' },
    { text: ` (${ago} ago${times}) `, style: 'dim' },
    { text: rest },
  ]
}

function memoryText({ residentBytes, databaseBytes, ceilingBytes }: MemoryReading): string {
  const database = databaseBytes === undefined ? '' : ` + ${megabytes(databaseBytes)} database`
  const of = ceilingBytes === undefined ? '' : ` of ${megabytes(ceilingBytes)}`
  return `memory ${megabytes(residentBytes)}${database}${of}`
}

function memoryStyle({ residentBytes, databaseBytes = 0, ceilingBytes }: MemoryReading): Style {
  const isOver = ceilingBytes !== undefined && residentBytes + databaseBytes > ceilingBytes
  return isOver ? 'bad' : 'dim'
}

function megabytes(bytes: number): string {
  return `${number(Math.round(bytes / 1e6))} MB`
}

function block(value: number): string {
  return value < 0 ? '–' : number(value)
}

/** `1234567` as `1,234,567`, whatever the machine's language. */
function number(value: number): string {
  const [whole = '', fraction] = String(Math.round(10 * value) / 10).split('.')
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
