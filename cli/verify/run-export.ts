import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { type ClickHouseClient, currentPin, queryRowBlocks } from '@foggara/database'
import { SNAPSHOT_TABLES } from '@foggara/gpu-analytics'
import {
  ALLOCATION_PART_TABLE,
  ALLOCATION_TABLE,
  EPOCH_POOL_TABLE,
  EPOCH_USAGE_PAIR_VIEW,
  EPOCH_USAGE_VIEW,
  FatalError,
  SCORE_TABLE,
  type Table,
  type View,
} from '@foggara/schema'

import type { Context, OptionValues } from '../command.ts'
import { loadConfig } from '../config.ts'
import { rowsOf } from '../score/close-epochs.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { readEpoch, tableSql } from './read-epoch.ts'

/** A table or a view that has rows for each epoch, by the name of its file, with a total order. */
type Result = { readonly file: string; readonly table: Table | View; readonly order: string }

const RESULTS: readonly Result[] = [
  { file: 'scores', table: SCORE_TABLE, order: 'source.measure, source.id' },
  { file: 'pools', table: EPOCH_POOL_TABLE, order: 'source.pool' },
  {
    file: 'parts',
    table: ALLOCATION_PART_TABLE,
    order: 'source.account, source.pool, source.source_id, source.withheld_reason',
  },
  { file: 'allocations', table: ALLOCATION_TABLE, order: 'source.account' },
  { file: 'usage', table: EPOCH_USAGE_VIEW, order: 'source.consumer, source.asset_id' },
  {
    file: 'usage-pairs',
    table: EPOCH_USAGE_PAIR_VIEW,
    order: 'source.asset_id, source.other_asset_id',
  },
]

/** Runs `foggara export EPOCH --out DIR`. */
export async function runExport(
  epoch: number,
  out: string,
  options: OptionValues,
  context: Context,
): Promise<number> {
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const { client } = database
  const pin = await currentPin(client)
  const stored = await readEpoch(rowsOf(client), pin, epoch)
  const directory = path.resolve(context.directory, out)
  try {
    await mkdir(path.join(directory, 'tables'), { recursive: true })
    await mkdir(path.join(directory, 'results'), { recursive: true })
    const files = ['manifest.json', 'ruleset.json']
    await write(directory, 'manifest.json', [stored.manifestText])
    await write(directory, 'ruleset.json', [stored.rulesetJson])
    for (const table of SNAPSHOT_TABLES) {
      const name = `tables/${table}.jsonl`
      await write(
        directory,
        name,
        stored.lines[table].map((line) => `${line}\n`),
      )
      files.push(name)
    }
    for (const { file, table, order } of RESULTS) {
      const name = `results/${file}.jsonl`
      await write(directory, name, resultLines(client, tableSql(pin, table, epoch, order)))
      files.push(name)
    }
    const sums = await Promise.all(files.map((name) => sumLine(directory, name)))
    await write(directory, 'SHA256SUMS', sums)
    context.print(`wrote ${files.length + 1} files of epoch ${epoch} to ${directory}`)
    return 0
  } catch (cause) {
    throw cause instanceof Error &&
      'code' in cause &&
      typeof cause.code === 'string' &&
      'path' in cause
      ? new ExportError(directory, cause.code, cause)
      : cause
  }
}

async function* resultLines(client: ClickHouseClient, sql: string): AsyncGenerator<string> {
  for await (const rows of queryRowBlocks<unknown>(client, sql)) {
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  }
}

async function write(
  directory: string,
  name: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  await pipeline(Readable.from(lines), createWriteStream(path.join(directory, name)))
}

async function sumLine(directory: string, name: string): Promise<string> {
  const bytes = await readFile(path.join(directory, name))
  return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`
}

/** The files cannot be written. */
export class ExportError extends FatalError {
  constructor(directory: string, found: string, cause: unknown) {
    const code = found === 'ENOSPC' ? 'DISK_FULL' : 'EXPORT_UNWRITABLE'
    super(code, `expected to write to ${directory}, found ${found}`, { cause })
  }
}
