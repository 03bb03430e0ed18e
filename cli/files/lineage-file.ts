import { gunzipSync } from 'node:zlib'

import { FatalError } from '@foggara/schema'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'

import { type CsvRow, CsvMalformedError, cell, readCsv } from './csv-table.ts'
import type { InputFile } from './input-file.ts'
import { type TarEntry, readTar } from './tar.ts'

/** One asset of a lineage file. */
export type LineageEntry = { readonly name: string; readonly dependencies: readonly string[] }

/**
 * Reads a lineage file by its ending: CSV with columns name and dependencies, YAML with a list of
 * objects that have them, or a tar (.tar, .tar.gz, .tgz) of YAML files.
 *
 * @throws {CsvMalformedError | LineageMalformedError | TarMalformedError}
 */
export function readLineage(file: InputFile): readonly LineageEntry[] {
  if (/\.(tar|tar\.gz|tgz)$/i.test(file.name)) return readArchive(file)
  const text = new TextDecoder().decode(file.bytes)
  return /\.ya?ml$/i.test(file.name) ? fromYaml(file.name, text) : fromCsv(file.name, text)
}

function fromCsv(file: string, text: string): LineageEntry[] {
  return readCsv(file, text, ['name', 'dependencies']).rows.map((row) => {
    const name = cell(row, 'name')
    if (name === '') throw new CsvMalformedError(file, row.line, 'expected a name, found nothing')
    return { name, dependencies: dependenciesOf(file, row) }
  })
}

/** A list as Python prints it, a JSON list, or names separated by semicolons. */
function dependenciesOf(file: string, row: CsvRow): string[] {
  const text = cell(row, 'dependencies')
  if (text === '') return []
  if (!text.startsWith('['))
    return text
      .split(';')
      .map((name) => name.trim())
      .filter(Boolean)
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\])/y
  const found: string[] = []
  item.lastIndex = 1
  if (/^\[\s*\]$/.test(text)) return found
  for (let match = item.exec(text); match !== null; match = item.exec(text)) {
    found.push((match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1'))
    if (match[3] === ']' && item.lastIndex === text.length) return found
  }
  throw new CsvMalformedError(
    file,
    row.line,
    `expected a list of names, found ${text.slice(0, 60)}`,
  )
}

const names = z.array(z.coerce.string()).nullish()
const yamlAssets = z.array(
  z.looseObject({
    name: z.coerce.string().min(1),
    /** A list, or an object that explains its `value`. */
    dependencies: z.union([names, z.looseObject({ value: names }).transform(({ value }) => value)]),
  }),
)

function fromYaml(file: string, text: string): LineageEntry[] {
  let value: unknown
  try {
    value = parseYaml(text, { maxAliasCount: 100 })
  } catch (cause) {
    throw new LineageMalformedError(file, cause instanceof Error ? cause.message : '', cause)
  }
  const parsed = yamlAssets.safeParse(value ?? [])
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new LineageMalformedError(file, `${issue?.path.join('.')}: ${issue?.message}`)
  }
  return parsed.data.map(({ name, dependencies }) => ({
    name: name.trim(),
    dependencies: (dependencies ?? []).map((dependency) => dependency.trim()),
  }))
}

function readArchive(file: InputFile): LineageEntry[] {
  const isZipped = file.bytes[0] === 0x1f && file.bytes[1] === 0x8b
  const entries = readTar(file.name, isZipped ? gunzipSync(file.bytes) : file.bytes)
  return entries
    .filter((entry: TarEntry) => /\.ya?ml$/i.test(entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => fromYaml(entry.name, new TextDecoder().decode(entry.bytes)))
}

/** A lineage file does not have the documented shape. */
export class LineageMalformedError extends FatalError {
  constructor(file: string, detail: string, cause?: unknown) {
    super('LINEAGE_MALFORMED', `${file}: ${detail.split('\n')[0] ?? ''}`, { cause })
  }
}
