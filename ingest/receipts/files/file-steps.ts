import { type ClickHouseClient, queryRows } from '@foggara/database'
import { type Hex, RECEIPT_FILE_STEP_TABLE } from '@foggara/schema'

import { insertTable } from '../../store/insert.ts'
import type { FilePlace } from './file-item.ts'
import { type FileHead, headHash } from './open-file.ts'

/** How far a file has been read. */
export type FileState = 'reading' | 'done' | 'malformed'

/** A line that was not stored. */
export type RefusedLine = { readonly line: number; readonly code: string; readonly reason: string }

/** A row of `receipt_file_step`. */
export type FileStep = FilePlace & {
  readonly path: string
  readonly sequence: number
  readonly head: Hex
  readonly headLength: number
  readonly size: number
  readonly state: FileState
  readonly codes: ReadonlyMap<string, number>
  readonly refused: readonly RefusedLine[]
}

/** Where reading of a path begins. */
export type FileStart = FilePlace & {
  /** The number of the next step. */
  readonly sequence: number
  /** The file is as it was when all of it had been read. */
  readonly isDone: boolean
}

/**
 * Finds where reading of a path stopped. It begins anew where another file has taken the path, and
 * where one became shorter; only a file of lines grows, any other is written anew.
 */
export async function findStart(
  client: ClickHouseClient,
  path: string,
  head: FileHead,
): Promise<FileStart> {
  const [last] = await queryRows<StoredStep>(
    client,
    `select sequence, concat('0x', lower(hex(head))) as hash, head_length, size, state, position, line
    from receipt_file_step
    where path = {path:String}
    order by sequence desc
    limit 1`,
    { path },
  )
  if (last === undefined) return { position: 0, line: 0, sequence: 1, isDone: false }
  const sequence = Number(last.sequence) + 1
  const size = Number(last.size)
  const isSame =
    headHash(head, last.head_length) === last.hash && head.bytes.length >= last.head_length
  const isKept = head.format === 'lines' ? head.size >= size : head.size === size
  if (!isSame || !isKept) return { position: 0, line: 0, sequence, isDone: false }
  const isDone = last.state === 'done' && head.size === size
  return { position: Number(last.position), line: Number(last.line), sequence, isDone }
}

type StoredStep = {
  readonly sequence: string
  readonly hash: string
  readonly head_length: number
  readonly size: string
  readonly state: string
  readonly position: string
  readonly line: string
}

/** Resolves when the step is on disk. */
export async function writeStep(client: ClickHouseClient, step: FileStep): Promise<void> {
  const { path, sequence, head, headLength, size, state, position, line, codes, refused } = step
  const row = {
    path,
    sequence,
    head,
    head_length: headLength,
    size,
    state,
    position,
    line,
    codes: Object.fromEntries(codes),
    refused_lines: refused.map((one) => one.line),
    refused_codes: refused.map(({ code }) => code),
    refused_reasons: refused.map(({ reason }) => reason.toWellFormed()),
  }
  const { name, columns } = RECEIPT_FILE_STEP_TABLE
  const seed = `${path}\n${sequence}\n${head}\n${position}\n${state}`
  await insertTable(client, { table: name, columns, rows: [row] }, seed)
}
