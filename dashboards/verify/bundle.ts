/** An epoch's download: the manifest, the ruleset and the canonical lines of each table. */
export type Bundle = {
  /** The manifest's JSON as published. */
  readonly manifest: string
  readonly manifestHash: string
  readonly ruleset: string
  readonly lines: Readonly<Record<string, readonly string[]>>
  readonly rowCount: number
}

/**
 * Reads `/epochs/N/bundle.ndjson`: a first line with manifest and ruleset, then one line per row.
 *
 * @throws {BundleMalformedError}
 */
export function parseBundle(text: string): Bundle {
  const [first = '', ...rest] = text.split('\n').filter((line) => line !== '')
  const head = record(first, 1)
  const { manifest, manifestHash, ruleset } = head
  if (typeof manifest !== 'string' || typeof manifestHash !== 'string') {
    throw new BundleMalformedError('line 1: expected a manifest and its hash')
  }
  if (typeof ruleset !== 'string') throw new BundleMalformedError('line 1: expected a ruleset')
  const lines: Record<string, string[]> = {}
  for (const [index, row] of rest.entries()) {
    const { table, line } = record(row, index + 2)
    if (typeof table !== 'string' || typeof line !== 'string') {
      throw new BundleMalformedError(`line ${index + 2}: expected a table and its line`)
    }
    const of = lines[table]
    if (of === undefined) lines[table] = [line]
    else of.push(line)
  }
  return { manifest, manifestHash, ruleset, lines, rowCount: rest.length }
}

function record(line: string, number: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Said below, with the line's number.
  }
  throw new BundleMalformedError(`line ${number}: expected a JSON object`)
}

/** A download is not an epoch's bundle. */
export class BundleMalformedError extends Error {
  readonly code = 'BUNDLE_MALFORMED'
}
