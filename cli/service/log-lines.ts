import type { Context } from '../command.ts'

/** Prints lines with the seconds since the start in front. */
export function timedLog(context: Context): (line: string) => void {
  const startMs = context.nowMs()
  return (line) => {
    const seconds = ((context.nowMs() - startMs) / 1000).toFixed(1)
    context.print(`${seconds.padStart(7)} s  ${line}`)
  }
}
