import { FatalError, invariant } from '@foggara/schema'

import { type FileItem, type FilePlace, ReceiptFileMalformedError } from './file-item.ts'

/** The columns of a receipt, as in its JSON. */
const COLUMNS = [
  'provider',
  'consumer',
  'workload',
  'nonce',
  'assets',
  'units',
  'fee',
  'startedAtSeconds',
  'finishedAtSeconds',
  'inputHash',
  'outputHash',
  'signature',
] as const

const MEMORY_LIMIT = '512MiB'

/**
 * The rows of a Parquet file as the JSON of receipts, from a row on. Numbers may be text or integers,
 * hex may be text or bytes; what a row holds otherwise is left to be refused.
 */
export async function* parquetItems(
  path: string,
  start: FilePlace,
  onShare: (readRows: number, allRows: number) => void,
): AsyncGenerator<readonly FileItem[], FilePlace> {
  const { DuckDBInstance } = await loadDuckDb()
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: '1',
  })
  const connection = await instance.connect()
  let line = start.line
  try {
    const file = sqlText(path.replaceAll(/[*?[]/g, '[$&]'))
    const described = await connection.runAndReadAll(`describe select * from read_parquet(${file})`)
    const types = new Map(
      described.getRowsJson().map(([name, type]) => [name, typeof type === 'string' ? type : '']),
    )
    const selected = COLUMNS.map((name) => `${asText(path, name, types.get(name))} as "${name}"`)
    const counted = await connection.runAndReadAll(`select count(*) from read_parquet(${file})`)
    const rowCount = Number(counted.getRowsJS()[0]?.[0] ?? 0)
    const result = await connection.stream(
      `select ${selected.join(', ')}, file_row_number
      from read_parquet(${file}, file_row_number = true)
      where file_row_number >= ${start.position}`,
    )
    for await (const rows of result.yieldRowsJs()) {
      const items = rows.map((row): FileItem => {
        // Sorting would hold the whole file in memory; one thread keeps its order.
        invariant(Number(row[COLUMNS.length]) === line, `${path}: row ${line} came out of order`)
        line += 1
        const receipt = Object.fromEntries(COLUMNS.map((name, index) => [name, row[index]]))
        return {
          kind: 'receipt',
          bytes: Buffer.from(JSON.stringify(receipt)),
          line,
          position: line,
        }
      })
      onShare(line, rowCount)
      yield items
    }
    return { position: line, line }
  } catch (cause) {
    if (cause instanceof FatalError) throw cause
    const found = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new ReceiptFileMalformedError(path, line + 1, `expected Parquet, found: ${found}`, cause)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** SQL that gives a column as its JSON has it. */
function asText(path: string, name: string, type: string | undefined): string {
  const column = `"${name}"`
  if (name === 'assets') {
    if (type === 'VARCHAR[]') return column
    if (type === 'BLOB[]') return `list_transform(${column}, item -> '0x' || lower(hex(item)))`
  } else {
    if (type === 'VARCHAR') return column
    if (type === 'BLOB') return `'0x' || lower(hex(${column}))`
    if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/.test(type ?? '')) {
      return `cast(${column} as varchar)`
    }
  }
  const expected = name === 'assets' ? 'a list of text or bytes' : 'text, bytes or integers'
  const found = type ?? 'no such column'
  throw new ReceiptFileMalformedError(
    path,
    1,
    `column ${name}: expected ${expected}, found ${found}`,
  )
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

async function loadDuckDb() {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new ParquetUnavailableError(cause)
  }
}

/** Parquet is read by DuckDB, which is not installed or does not load on this machine. */
export class ParquetUnavailableError extends FatalError {
  constructor(cause: unknown) {
    super('PARQUET_UNAVAILABLE', 'expected @duckdb/node-api to load, found it missing or broken', {
      cause,
      hint: 'Install it with `npm install @duckdb/node-api`, or give the receipts as lines of JSON.',
    })
  }
}
