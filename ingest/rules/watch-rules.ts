import { currentPin } from '@foggara/database'
import { FoggaraError } from '@foggara/schema'

import { writeStatusRow } from '../store/status-row.ts'
import type { Surroundings } from '../surroundings.ts'
import { type RuleContext, type RuleReport, checkRules } from './check-rules.ts'
import { type LedgerChanges, noteViolations } from './violation-ledger.ts'

/** What watching rules needs. */
export type RuleWatchOptions = RuleContext & {
  readonly surroundings: Surroundings
  /** Receives a line about each violation that appears or is gone. */
  readonly log: (line: string) => void
}

/** The key of the row in `status` that says how the rules were found last. */
const RULES_STATUS_KEY = 'rules'

/** Pauses between two checks, and how many times as long as a check one is, within those bounds. */
const PAUSE_MS_MIN = 30_000
const PAUSE_MS_MAX = 300_000
const PAUSE_FACTOR = 20
const NAP_MS = 1_000

/**
 * Checks every rule again and again at the newest cut until the signal aborts, wherever blocks were
 * added: every 30 seconds where a check is quick, every five minutes where it is not.
 */
export async function watchRules(options: RuleWatchOptions): Promise<void> {
  const { nowMs, sleep, signal } = options.surroundings
  let checkedAtBlock = -1
  let dueMs = nowMs()
  while (!signal.aborted) {
    await sleep(NAP_MS)
    if (signal.aborted || nowMs() < dueMs) continue
    const startMs = nowMs()
    try {
      checkedAtBlock = await checkOnce(options, checkedAtBlock)
    } catch (error) {
      // A database that is starting, or an index that is empty, is looked at again.
      if (signal.aborted) return
      if (!(error instanceof FoggaraError)) throw error
      if (!error.retryable) options.log(`RULES_UNCHECKED ${error.code}: ${error.message}`)
    }
    const pauseMs = Math.max(PAUSE_MS_MIN, PAUSE_FACTOR * (nowMs() - startMs))
    dueMs = nowMs() + Math.min(PAUSE_MS_MAX, pauseMs)
  }
}

/** Checks the rules if there is a newer block than `before`; the block that they were checked at. */
export async function checkOnce(options: RuleWatchOptions, before: number): Promise<number> {
  const { client, surroundings, log } = options
  const pin = await currentPin(client)
  if (pin.block === before) return before
  const reports = await checkRules(options, pin)
  const atMs = surroundings.nowMs()
  const changes = await noteViolations(client, reports, { block: pin.block, nowMs: atMs })
  for (const line of changeLines(changes)) log(line)
  await writeStatusRow(client, RULES_STATUS_KEY, statusOf(reports, pin.block), atMs)
  return pin.block
}

/** What the status row holds: violations are rows of their own table. */
function statusOf(reports: readonly RuleReport[], checkedAtBlock: number) {
  return {
    checkedAtBlock,
    states: Object.fromEntries(reports.map(({ name, state }) => [name, state])),
  }
}

function changeLines({ opened, closed }: LedgerChanges): readonly string[] {
  return [
    ...opened.map(
      ({ rule, subject, expected, found }) =>
        `RULE_BROKEN ${rule} ${subject}: expected ${expected}, found ${found}`,
    ),
    ...closed.map(({ rule, subject }) => `rule ${rule} holds again of ${subject}`),
  ]
}
