import { RECEIPT_BYTES_MAX } from '../parse-receipt.ts'
import type { FileItem, FilePlace } from './file-item.ts'

/** A signed batch is at most 4 MiB and stands as hex in its line. */
const LINE_BYTES_MAX = 8 * 1024 * 1024 + 1024
const NEWLINE = 0x0a

/**
 * Cuts bytes into lines: receipts as JSON, or `{"batch":"0x…"}`. Empty lines are skipped. Without
 * `takesTail` the last line counts only with its newline, as somebody may still be writing it.
 */
export async function* lineItems(
  source: AsyncIterable<Uint8Array>,
  start: FilePlace,
  takesTail: boolean,
): AsyncGenerator<readonly FileItem[], FilePlace> {
  let { position, line } = start
  let rest: Uint8Array[] = []
  let restLength = 0
  const take = (end: Uint8Array): readonly FileItem[] => {
    const length = restLength + end.length
    // Of a line that is too long for anything only as much is kept as shows that it is.
    const bytes = Buffer.concat([...rest, end], Math.min(length, keptBytes(length)))
    rest = []
    restLength = 0
    position += length
    line += 1
    return isEmpty(bytes) ? [] : [itemOf(bytes, line, position)]
  }
  for await (const piece of source) {
    const items: FileItem[] = []
    let from = 0
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
      items.push(...take(piece.subarray(from, end + 1)))
      from = end + 1
    }
    const tail = piece.subarray(from)
    if (tail.length > 0 && restLength <= LINE_BYTES_MAX) rest.push(tail)
    restLength += tail.length
    if (items.length > 0) yield items
  }
  if (takesTail && restLength > 0) yield take(new Uint8Array(0))
  return { position, line }
}

function keptBytes(length: number): number {
  return length > LINE_BYTES_MAX ? RECEIPT_BYTES_MAX + 1 : length
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === NEWLINE || byte === 0x0d || byte === 0x20)
}

const BATCH_START = '{"batch":"0x'
const BATCH_END = '"}'

function itemOf(bytes: Buffer, line: number, position: number): FileItem {
  const end = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length
  const text = bytes.subarray(0, end)
  const batch = batchIn(text)
  return batch === undefined
    ? { kind: 'receipt', bytes: text, line, position }
    : { kind: 'batch', bytes: batch, line, position }
}

/** What only resembles a batch is left to be refused as a receipt. */
function batchIn(text: Buffer): Buffer | undefined {
  if (text.toString('latin1', 0, BATCH_START.length) !== BATCH_START) return undefined
  const line = text.toString('latin1').trimEnd()
  if (!line.endsWith(BATCH_END)) return undefined
  const hex = line.slice(BATCH_START.length, -BATCH_END.length)
  const bytes = Buffer.from(hex, 'hex')
  return bytes.length * 2 === hex.length ? bytes : undefined
}
