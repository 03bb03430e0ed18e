import type { SubgraphEvent, SubgraphStatus } from '@foggara/ingest'
import type { FoggaraError } from '@foggara/schema'

import { rate } from '../engine/run-progress.ts'
import { duration } from '../service/progress.ts'
import { count } from './count.ts'

/** What is told about subgraphs while they run. */
export type FollowLines = {
  /** Lines about an event; none for what happens all the time. */
  note(event: SubgraphEvent): readonly string[]
}

/** Starts telling; what is wrong is told once, until something else is. */
export function followLines(asJson: boolean): FollowLines {
  const troubles = new Map<string, string>()
  const isNews = (whose: string, text: string): boolean => {
    const before = troubles.get(whose)
    troubles.set(whose, text)
    return before !== text
  }
  return {
    note: (event) => {
      if (event.type === 'looked') troubles.delete('')
      if (event.type === 'ran') troubles.delete(event.name)
      if (event.type === 'looked' || event.type === 'ran' || event.type === 'passed') return []
      if (event.type === 'trouble' && !isNews('', event.error.message)) return []
      if (event.type === 'retrying' && !isNews(event.name, event.error.message)) return []
      return asJson ? [jsonLine(event)] : eventLines(event)
    },
  }
}

/** How far a subgraph is, in one line. */
export function statusLine(status: SubgraphStatus, entityCount: number | undefined): string {
  const { name, state, block, targetBlock, handlersPerSecond, events, secondsLeft } = status
  const target = targetBlock < 0 ? '' : ` of ${targetBlock}`
  const entities = entityCount === undefined ? '' : `, ${entityCount} entities`
  const isBehind = secondsLeft !== undefined && secondsLeft > 0
  const left = state === 'backfilling' && isBehind ? `, ${duration(secondsLeft)} left` : ''
  const pace = `${rate(handlersPerSecond)} handler calls/s, ${count(events, 'event')}`
  const waiting = status.waitingFiles > 0 ? `, ${count(status.waitingFiles, 'file')} to come` : ''
  return `${name}: ${state}, block ${block}${target}, ${pace}${entities}${waiting}${left}`
}

/** The same as an object in one line, with everything that is known. */
export function statusJson(
  type: 'progress' | 'end' | 'status',
  status: SubgraphStatus,
  more: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({ type, ...status, ...more })
}

/** What is wrong with a subgraph; no line where nothing is. */
export function errorLines(status: SubgraphStatus): readonly string[] {
  const { errorCode, errorText, errorHint } = status
  if (errorCode === '') return []
  const hint = errorHint === '' ? [] : [`    hint: ${errorHint}`]
  return [`  ${errorCode} ${errorText}`, ...hint]
}

type ToldEvent = Exclude<SubgraphEvent, { readonly type: 'looked' | 'ran' | 'passed' }>

function eventLines(event: ToldEvent): readonly string[] {
  switch (event.type) {
    case 'reverted': {
      const { name, from, to } = event
      return [`${name}: the chain replaced ${count(from - to, 'block')} after block ${to}`]
    }
    case 'failed': {
      const { name, failure } = event
      const { dataSource, handler, block, logIndex, message } = failure
      const log = logIndex === undefined ? '' : `, log ${logIndex}`
      const where = `${dataSource}, ${handler}, block ${block}${log}`
      const what = message.replaceAll(/\s+/g, ' ').slice(0, 300)
      return [`${name}: SUBGRAPH_HANDLER_FAILED ${where}: ${what}`]
    }
    case 'retrying':
      return [`${event.name}: ${codeAndText(event.error)}; ${nextTry(event.waitMs)}`]
    case 'stopped':
      return [`${event.name}: stands still: ${codeAndText(event.error)}`]
    case 'trouble':
      return [`${codeAndText(event.error)}; ${nextTry(event.waitMs)}`]
  }
}

function jsonLine(event: ToldEvent): string {
  if (!('error' in event)) return JSON.stringify(event)
  const { error, ...rest } = event
  const { code, message, hint } = error
  const place = 'place' in error ? { place: error.place } : {}
  return JSON.stringify({ ...rest, error: { code, message, hint, ...place } })
}

function codeAndText({ code, message }: FoggaraError): string {
  return `${code} ${message}`
}

function nextTry(waitMs: number): string {
  return `tried again in ${duration(waitMs / 1000)}`
}
