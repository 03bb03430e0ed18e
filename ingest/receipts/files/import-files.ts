import { stat } from 'node:fs/promises'

import { FoggaraError } from '@foggara/schema'

import { type FileReport, type ImportOptions, importFile } from './import-file.ts'
import { ReceiptFileUnreadableError, listFiles } from './list-files.ts'

/** What an import of files tells. */
type ImportEvents = {
  /** A file was read as far as it can be; its `problem` says what is wrong with it. */
  readonly onFile: (report: FileReport) => void
  /** A file cannot be opened, or receipts cannot be stored now; watching goes on. */
  readonly onTrouble: (error: FoggaraError) => void
}

/** What one import of files is made with. */
export type FilesOptions = Omit<ImportOptions, 'takesTail'> & ImportEvents

/** How often a watched folder is looked at. Unit: milliseconds. */
const LOOK_MS = 1_000

/** Imports files, one after the other; one that is malformed or cannot be opened stops no other. */
export async function importFiles(paths: readonly string[], options: FilesOptions): Promise<void> {
  for (const named of paths) {
    try {
      for (const path of await listFiles([named])) {
        if (options.surroundings.signal.aborted) return
        await importOne(path, { ...options, takesTail: true }, options)
      }
    } catch (error) {
      if (!(error instanceof ReceiptFileUnreadableError)) throw error
      options.onTrouble(error)
    }
  }
}

/**
 * Imports files as they come and grow, until the signal aborts. A line counts once it ends; a file that
 * is renamed to a path takes the place of what was there.
 */
export async function watchFiles(paths: readonly string[], options: FilesOptions): Promise<void> {
  const { signal, sleep } = options.surroundings
  /** What each path was when it was read last. */
  const seen = new Map<string, string>()
  /** What was wrong with a name at the last look: it is told once. */
  const told = new Map<string, string>()
  const look = async (named: string): Promise<void> => {
    for (const path of await listFiles([named])) {
      const now = await fileState(path)
      if (signal.aborted || now === undefined || seen.get(path) === now) continue
      await importOne(path, { ...options, takesTail: false }, options)
      seen.set(path, now)
    }
  }
  while (!signal.aborted) {
    for (const named of paths) {
      try {
        await look(named)
        told.delete(named)
      } catch (error) {
        if (!(error instanceof FoggaraError)) throw error
        if (!error.retryable && !(error instanceof ReceiptFileUnreadableError)) throw error
        if (told.get(named) !== error.message) options.onTrouble(error)
        told.set(named, error.message)
      }
    }
    await sleep(LOOK_MS)
  }
}

/** A failure of the file system is about one file; any other is about all. */
async function importOne(
  path: string,
  options: ImportOptions,
  events: ImportEvents,
): Promise<void> {
  try {
    events.onFile(await importFile(path, options))
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    events.onTrouble(new ReceiptFileUnreadableError(path, error))
  }
}

async function fileState(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? undefined : `${found.ino} ${found.size} ${found.mtimeNs}`
}
