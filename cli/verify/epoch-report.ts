import type { Context } from '../command.ts'
import { type Difference, differenceLine } from './first-difference.ts'
import type { StoredEpoch } from './read-epoch.ts'

/** Collects what `verify` finds out, and prints it as it comes or as one object at the end. */
export type EpochReport = {
  readonly check: (
    what: string,
    difference: Difference | undefined,
    digests: string,
    notes?: readonly string[],
  ) => void
  /** Something was not checked; that is no difference. */
  readonly skip: (what: string, why: string) => void
  /** The exit code. */
  readonly finish: () => number
}

type Check = {
  readonly what: string
  readonly equal: boolean
  readonly digests: string
  readonly notes: readonly string[]
  readonly difference?: Difference
}

/** Starts the report on an epoch. */
export function createReport(stored: StoredEpoch, asJson: boolean, context: Context): EpochReport {
  const checks: Check[] = []
  const skipped: { what: string; why: string }[] = []
  const { epoch, manifest, proposed } = stored
  const { firstBlock, cutoffBlock, rulesetVersion } = manifest
  const print = (line: string): void => {
    if (!asJson) context.print(line)
  }
  const where = proposed === undefined ? 'not proposed on chain yet' : 'proposed on chain'
  print(
    `epoch ${epoch}: blocks ${firstBlock} to ${cutoffBlock}, ruleset ${rulesetVersion}, ${where}`,
  )
  return {
    check: (what, difference, digests, notes = []) => {
      const equal = difference === undefined
      checks.push({ what, equal, digests, notes, ...(equal ? {} : { difference }) })
      const detail = difference === undefined ? digests : differenceLine(difference)
      print(`${what.padEnd(10)}  ${equal ? 'equal' : 'DIFFERENT'}  ${detail}`)
      for (const note of notes) print(`${' '.repeat(12)}${note}`)
    },
    skip: (what, why) => {
      skipped.push({ what, why })
      print(`${what.padEnd(10)}  skipped  ${why}`)
    },
    finish: () => {
      const equal = checks.every((check) => check.equal)
      if (asJson) {
        const { manifestHash } = stored
        context.print(JSON.stringify({ epoch, equal, manifestHash, proposed, checks, skipped }))
      }
      return equal ? 0 : 1
    },
  }
}
