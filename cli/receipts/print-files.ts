import path from 'node:path'

import { type ClickHouseClient, queryRows } from '@foggara/database'

import { type Context, type OptionValues, flagOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { openDatabaseToRead } from '../service/open-database.ts'

type StoredFile = {
  readonly file: string
  readonly state: string
  readonly size: string
  readonly line: string
  readonly codes: Readonly<Record<string, string>>
}

type StoredLine = { readonly line: string; readonly code: string; readonly reason: string }

/** Runs `foggara receipts status [PATH…]`. */
export async function printFiles(
  paths: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<number> {
  const config = await loadConfig(options, context)
  const asJson = flagOption(options, 'json')
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const wanted = paths.map((name) => path.resolve(context.directory, name))
  for (const file of await storedFiles(database.client, wanted)) {
    const refused = wanted.length === 0 ? [] : await refusedLines(database.client, file.file)
    if (asJson) {
      context.print(JSON.stringify(refused.length === 0 ? file : { ...file, refused }))
      continue
    }
    const codes = Object.entries(file.codes).map(([code, count]) => `${code} ${count}`)
    context.print(`${file.file}: ${file.state}, ${file.line} lines; ${codes.join(', ')}`)
    for (const { line, code, reason } of refused) context.print(`  line ${line}: ${code} ${reason}`)
  }
  return 0
}

function storedFiles(
  client: ClickHouseClient,
  paths: readonly string[],
): Promise<readonly StoredFile[]> {
  return queryRows<StoredFile>(
    client,
    `select path as file, argMax(step.state, step.sequence) as state,
      argMax(step.size, step.sequence) as size, argMax(step.line, step.sequence) as line,
      sumMap(step.codes) as codes
    from receipt_file_step as step
    where empty({paths:Array(String)}) or path in {paths:Array(String)}
    group by file
    order by file`,
    { paths },
  )
}

function refusedLines(client: ClickHouseClient, file: string): Promise<readonly StoredLine[]> {
  return queryRows<StoredLine>(
    client,
    `select refused.1 as line, refused.2 as code, refused.3 as reason
    from receipt_file_step
    array join arrayZip(refused_lines, refused_codes, refused_reasons) as refused
    where path = {file:String}
    order by sequence, line
    limit 10000`,
    { file },
  )
}
