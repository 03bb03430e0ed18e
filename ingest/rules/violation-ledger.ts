import { type ClickHouseClient, queryRows } from '@foggara/database'
import { RULE_VIOLATION_TABLE, type Violation, openViolationsSql } from '@foggara/schema'

import { insertTable } from '../store/insert.ts'
import type { RuleReport } from './check-rules.ts'

/** What changed since rules were checked last. */
export type LedgerChanges = {
  readonly opened: readonly NamedViolation[]
  readonly closed: readonly NamedViolation[]
}

/** A violation with the rule that it contradicts. */
export type NamedViolation = Violation & { readonly rule: string }

type OpenViolation = NamedViolation & { readonly openedBlock: number }

/** Writes what is newly broken, and what no longer is, as rows of `rule_violation`. */
export async function noteViolations(
  client: ClickHouseClient,
  reports: readonly RuleReport[],
  at: { readonly block: number; readonly nowMs: number },
): Promise<LedgerChanges> {
  const known = await openViolations(client)
  const current = reports.flatMap(({ name, violations }) =>
    violations.map((violation) => ({ ...violation, rule: name })),
  )
  const checked = new Set(
    reports.filter(({ state }) => state !== 'unchecked').map(({ name }) => name),
  )
  const knownKeys = new Set(known.map(keyOf))
  const currentKeys = new Set(current.map(keyOf))
  const opened = current.filter((violation) => !knownKeys.has(keyOf(violation)))
  const closed = known.filter(
    (violation) => checked.has(violation.rule) && !currentKeys.has(keyOf(violation)),
  )
  const rows = [
    ...opened.map((violation) => rowOf(violation, at.block, null, at.nowMs)),
    ...closed.map((violation) => rowOf(violation, violation.openedBlock, at.block, at.nowMs)),
  ]
  const { name, columns } = RULE_VIOLATION_TABLE
  if (rows.length > 0) {
    await insertTable(client, { table: name, columns, rows }, `rules:${at.block}:${at.nowMs}`)
  }
  return { opened, closed }
}

async function openViolations(client: ClickHouseClient): Promise<readonly OpenViolation[]> {
  const rows = await queryRows<{
    rule: string
    subject: string
    opened_block: string
    expected_text: string
    found_text: string
  }>(client, openViolationsSql(Number.MAX_SAFE_INTEGER))
  return rows.map((row) => ({
    rule: row.rule,
    subject: row.subject,
    openedBlock: Number(row.opened_block),
    expected: row.expected_text,
    found: row.found_text,
  }))
}

function keyOf({ rule, subject }: NamedViolation): string {
  return `${rule}\n${subject}`
}

function rowOf(
  { rule, subject, expected, found }: NamedViolation,
  openedBlock: number,
  closedBlock: number | null,
  notedAtMs: number,
) {
  return {
    rule,
    subject,
    opened_block: openedBlock,
    closed_block: closedBlock,
    expected,
    found,
    noted_at_ms: notedAtMs,
  }
}
