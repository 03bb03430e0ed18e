/** How a service tells what happens: lines for people, or a JSON object per line. */
export const LOG_FORMATS = ['text', 'json'] as const

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number]

/** One thing that is told, for a person to read or a program to sort. */
export type LogEntry = {
  readonly atMs: number
  readonly level: 'info' | 'warn' | 'error'
  /** The part of the system that tells: `index`, `database`, `chain` …. */
  readonly component: string
  /** The code of what went wrong; undefined where nothing did. */
  readonly code: string | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly fields: LogFields
}

/** Facts of an entry as names and values. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>

/** What an entry says beside its line. */
export type LogMore = {
  readonly fields?: LogFields
  readonly hint?: string | undefined
  /** Said over and over while something runs: left out where a screen shows the same. */
  readonly isProgress?: boolean
}

/** Tells one line, which begins with the part that tells it: `index: RPC_UNREACHABLE …`. */
export type Log = (line: string, more?: LogMore) => void

/**
 * Reads a line into an entry: what stands before the first colon is the component, the first word in
 * capitals with an underscore is the code. What stands still is an error, every other code a warning.
 */
export function entryOf(line: string, more: LogMore, atMs: number): LogEntry {
  const [, component = 'service', message = line] =
    /^([a-z]+(?: [\w-]+)?): (.*)$/su.exec(line) ?? []
  const code = CODE.exec(message)?.[0]
  const isStill = /(?:^|: )stands still/u.test(message)
  return {
    atMs,
    level: isStill ? 'error' : code === undefined ? 'info' : 'warn',
    component,
    code,
    message,
    hint: more.hint,
    fields: more.fields ?? {},
  }
}

/** An entry in one line for programs: time, level, code, component, message, fields. */
export function entryJson({ atMs, level, code, component, ...rest }: LogEntry): string {
  const time = new Date(atMs).toISOString()
  return JSON.stringify({ time, level, code: code ?? null, component, ...rest })
}

/** An entry as lines for people, with the seconds since the start in front. */
export function entryLines(entry: LogEntry, startMs: number): readonly string[] {
  const { atMs, component, message, hint } = entry
  const seconds = ((atMs - startMs) / 1000).toFixed(1)
  const text = component === 'service' ? message : `${component}: ${message}`
  const line = `${seconds.padStart(7)} s  ${text}`
  return hint === undefined ? [line] : [line, `${seconds.padStart(7)} s    hint: ${hint}`]
}

const CODE = /(?<![\w/.])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w/.])/u
