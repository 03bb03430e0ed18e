import type { Context } from '../command.ts'
import {
  type Log,
  type LogEntry,
  type LogFormat,
  entryJson,
  entryLines,
  entryOf,
} from './log-entry.ts'

/** Where entries go besides the standard output. */
export type LogRules = {
  readonly format: LogFormat
  /** Hears of every entry. */
  readonly onEntry?: (entry: LogEntry) => void
  /** Leaves out what is said over and over. */
  readonly isBrief?: boolean
}

/** Prints what a service tells, for people or for programs. */
export function openLog(context: Context, { format, onEntry, isBrief = false }: LogRules): Log {
  const startMs = context.nowMs()
  return (line, more = {}) => {
    const entry = entryOf(line, more, context.nowMs())
    onEntry?.(entry)
    if (isBrief && more.isProgress === true) return
    if (format === 'json') context.print(entryJson(entry))
    else for (const text of entryLines(entry, startMs)) context.print(text)
  }
}
