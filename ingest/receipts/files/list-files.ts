import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { FatalError } from '@foggara/schema'

/** What a folder's files are called to be taken for receipts; a file that is named may be called anything. */
const NAMES = /^[^.].*\.(ndjson|jsonl|parquet|fgrb)(\.(gz|zst))?$/
/** Folders within folders. */
const DEPTH_MAX = 16

/**
 * The files that paths name, folders with all they hold, ascending within each and none twice. Names
 * that begin with a dot or end otherwise than receipts do are passed over, so that a file may be
 * written under such a name and then renamed.
 *
 * @throws {ReceiptFileUnreadableError}
 */
export async function listFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    const kind = await stat(path).catch((cause: unknown) => {
      throw new ReceiptFileUnreadableError(path, cause)
    })
    if (!kind.isDirectory()) found.add(path)
    else for (const file of await filesBelow(path, 0)) found.add(file)
  }
  return [...found]
}

async function filesBelow(folder: string, depth: number): Promise<readonly string[]> {
  if (depth >= DEPTH_MAX) return []
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ReceiptFileUnreadableError(folder, cause)
  })
  const files: string[] = []
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !entry.name.startsWith('.')) {
      files.push(...(await filesBelow(path, depth + 1)))
    } else if (entry.isFile() && NAMES.test(entry.name)) files.push(path)
  }
  return files
}

/** A path that was named cannot be read. */
export class ReceiptFileUnreadableError extends FatalError {
  constructor(path: string, cause: unknown) {
    const found = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a failure'
    super('FILE_UNREADABLE', `${path}: expected a readable file or folder, found ${found}`, {
      cause,
    })
  }
}
