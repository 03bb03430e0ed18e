import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { createGzip, constants as zlib } from 'node:zlib'

import type { Answer } from '../engine/engine.ts'
import type { ClickHouseException } from '../engine/exception.ts'

/** How the answer is described in the headers of a response. */
export type AnswerHead = {
  readonly queryId: string
  readonly format: string
  readonly compressed: boolean
  readonly isInsert: boolean
}

/**
 * Sends an answer as it arrives; a slow reader holds one block, never the whole result.
 *
 * The headers wait for the first block, so an error before it becomes an ordinary error response.
 * A later error is written behind ClickHouse's exception marker and the connection is broken: a
 * short answer can never be taken for a whole one.
 */
export async function sendAnswer(
  response: ServerResponse,
  head: AnswerHead,
  answer: Answer,
  toException: (error: unknown) => ClickHouseException,
): Promise<void> {
  const startedNs = process.hrtime.bigint()
  let step = await answer.next()
  const tag = randomBytes(8).toString('hex')
  describe(response, head, tag)
  if (step.done === true) {
    response.setHeader('X-ClickHouse-Summary', summary(step.value, head.isInsert, startedNs)).end()
    return
  }
  const first = step.value
  const output = openOutput(response, head.compressed)
  try {
    await write(output, response, first)
    while (!response.destroyed) {
      step = await answer.next()
      if (step.done === true) break
      await write(output, response, step.value)
    }
    output.end()
  } catch (error) {
    await breakWithException(output, response, tag, toException(error))
  } finally {
    // Reached early when the reader has gone: ends the query.
    await answer.return({ rowsRead: 0, bytesRead: 0 })
  }
}

/** The media type ClickHouse announces for a format. */
export function mediaType(format: string): string {
  if (/^JSON\w*EachRow|^NDJSON$|^JSONLines$/iu.test(format))
    return 'application/x-ndjson; charset=UTF-8'
  if (/^JSON/iu.test(format)) return 'application/json; charset=UTF-8'
  if (/^CSV/iu.test(format)) return 'text/csv; charset=UTF-8'
  if (/^(?:TSV|TabSeparated)/iu.test(format)) return 'text/tab-separated-values; charset=UTF-8'
  if (/^(?:RowBinary|Native|Arrow|Parquet|ORC|Avro|MsgPack|Protobuf)/iu.test(format)) {
    return 'application/octet-stream'
  }
  return 'text/plain; charset=UTF-8'
}

function describe(response: ServerResponse, head: AnswerHead, tag: string): void {
  response
    .setHeader('X-ClickHouse-Query-Id', head.queryId)
    .setHeader('X-ClickHouse-Format', head.format)
    .setHeader('X-ClickHouse-Timezone', 'UTC')
    .setHeader('X-ClickHouse-Exception-Tag', tag)
    .setHeader('Content-Type', mediaType(head.format))
}

function summary(
  counts: { readonly rowsRead: number; readonly bytesRead: number },
  isInsert: boolean,
  startedNs: bigint,
): string {
  const rows = String(counts.rowsRead)
  const bytes = String(counts.bytesRead)
  return JSON.stringify({
    read_rows: rows,
    read_bytes: bytes,
    written_rows: isInsert ? rows : '0',
    written_bytes: isInsert ? bytes : '0',
    total_rows_to_read: '0',
    result_rows: isInsert ? rows : '0',
    result_bytes: isInsert ? bytes : '0',
    elapsed_ns: String(process.hrtime.bigint() - startedNs),
  })
}

function openOutput(response: ServerResponse, compressed: boolean): Writable {
  if (!compressed) return response
  response.setHeader('Content-Encoding', 'gzip')
  const gzip = createGzip({ level: zlib.Z_BEST_SPEED })
  gzip.pipe(response)
  return gzip
}

async function write(output: Writable, response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (output.write(bytes) || response.destroyed) return
  const waiting = new AbortController()
  const { signal } = waiting
  // A reader that stopped reading would hold a query thread for ever.
  const stalled = setTimeout(() => response.destroy(), STALL_MS_MAX)
  const settled = [once(output, 'drain', { signal }), once(response, 'close', { signal })]
  await Promise.race(settled).finally(() => {
    clearTimeout(stalled)
    waiting.abort()
    void Promise.allSettled(settled)
  })
}

const STALL_MS_MAX = 60_000

async function breakWithException(
  output: Writable,
  response: ServerResponse,
  tag: string,
  exception: ClickHouseException,
): Promise<void> {
  const text = `${exception.message}\n`
  const size = Buffer.byteLength(text)
  const marked = `\r\n__exception__\r\n${tag}\r\n${text}${size} ${tag}\r\n__exception__\r\n`
  if (!response.destroyed) {
    await new Promise<void>((resolve) => {
      response.once('close', resolve)
      output.write(marked, () => resolve())
    })
  }
  response.destroy()
}
