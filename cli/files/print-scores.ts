import type { FileScoreResult, FileScoreRow } from './score-files.ts'
import type { FileManifest } from './score-from-files.ts'

/** Every row as CSV `id,score,amount,carried`. */
export function csvOf(rows: readonly FileScoreRow[]): string {
  const lines = rows.map((row) => [quoted(row.id), row.score, row.amount, row.carried].join(','))
  return ['id,score,amount,carried', ...lines].join('\n')
}

/** A text as a CSV cell. */
export function quoted(id: string): string {
  return /[",\n\r]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id
}

/** Totals and manifest as one JSON object, with the rows when they are not in a file. */
export function jsonOf(result: FileScoreResult, manifest: FileManifest, withRows: boolean): string {
  const rows = result.rows.map((row) => ({
    id: row.id,
    score: row.score.toString(),
    amount: row.amount.toString(),
    carried: row.carried.toString(),
  }))
  return JSON.stringify({
    manifest,
    paid: result.paid.toString(),
    carried: result.carried.toString(),
    unallocated: result.unallocated.toString(),
    ...(withRows ? { rows } : {}),
  })
}

/** Prints the first rows as a table, then totals and hashes. */
export function printTable(
  result: FileScoreResult,
  manifest: FileManifest,
  limit: number,
  budget: bigint,
  print: (line: string) => void,
): void {
  const shown = result.rows.slice(0, limit)
  const idWidth = Math.min(44, Math.max(5, ...shown.map((row) => row.id.length)))
  const amountWidth = Math.max(6, ...shown.map((row) => row.amount.toString().length))
  print(`${'payee'.padEnd(idWidth)}  ${'score'.padStart(19)}  ${'amount'.padStart(amountWidth)}`)
  for (const row of shown) {
    const id = row.id.length > idWidth ? `${row.id.slice(0, idWidth - 1)}…` : row.id.padEnd(idWidth)
    print(
      `${id}  ${row.score.toString().padStart(19)}  ${row.amount.toString().padStart(amountWidth)}`,
    )
  }
  const hidden = result.rows.length - shown.length
  if (hidden > 0) print(`… and ${hidden} more (--limit, --out FILE)`)
  print('')
  print(`${result.nodeCount} nodes, ${result.edgeCount} edges, ${result.iterationCount} iterations`)
  print(
    `paid ${result.paid} + carried ${result.carried} + unallocated ${result.unallocated} = budget ${budget}`,
  )
  for (const [role, input] of Object.entries(manifest.inputs)) {
    print(`${role} ${input.file} sha256 ${input.sha256}`)
  }
  print(`engine ${manifest.engine}`)
  for (const note of manifest.notes) print(`  ${note}`)
  print(`rank ${result.rankDigest}`)
  print(`scores sha256 ${result.scoresSha256}`)
  print(`amounts sha256 ${result.amountsSha256}`)
}
