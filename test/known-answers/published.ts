import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = process.env['FOGGARA_KNOWN_ANSWERS'] ?? join(ROOT, '..', 'shared', 'known-answers')

/** Where a file or folder of published answers is. */
export function publishedPath(path: string): string {
  return join(FOLDER, path)
}

/** The text of a file of published answers. */
export function publishedText(path: string): string {
  return readFileSync(publishedPath(path), 'utf8')
}

/** The bytes of a file of published answers. */
export function publishedBytes(path: string): Buffer {
  return readFileSync(publishedPath(path))
}

/**
 * Why a test against published answers cannot run, for its name; empty when it can. The answers are
 * other people's data and not part of this repository.
 */
export function skipReason(path: string): string {
  return existsSync(publishedPath(path)) ? '' : ` (skipped: FOGGARA_KNOWN_ANSWERS has no ${path})`
}

/** The rows of a CSV file by column name; fields may be quoted, no field spans lines. */
export function publishedRows(path: string): Map<string, string>[] {
  const [header = '', ...lines] = publishedText(path).trim().split(/\r?\n/)
  const names = csvFields(header)
  return lines.map((line) => {
    const fields = csvFields(line)
    return new Map(names.map((name, index) => [name, fields[index] ?? '']))
  })
}

function csvFields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
  )
}
