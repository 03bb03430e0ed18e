import type { Table } from './column.ts'

/**
 * How far files of receipts have been read, in steps: each is one insert, made when everything up to its
 * end has an outcome that is on disk. The newest step of a path says where reading goes on; what a
 * crash leaves without a step is read, and told to be a duplicate, again.
 */
export const RECEIPT_FILE_STEP_TABLE: Table = {
  name: 'receipt_file_step',
  stream: 'none',
  columns: [
    { name: 'path', type: 'String' },
    /** Counts the steps of a path, from 1. */
    { name: 'sequence', type: 'UInt64' },
    /** The sha256 of the first `head_length` bytes: another file may have taken the path. */
    { name: 'head', type: 'FixedString(32)' },
    { name: 'head_length', type: 'UInt32' },
    /** Bytes of the file when the step was made. */
    { name: 'size', type: 'UInt64' },
    /** `reading`, `done` or `malformed`. */
    { name: 'state', type: 'LowCardinality(String)' },
    /** Where the next line begins, in bytes before compression; of Parquet the number of rows read. */
    { name: 'position', type: 'UInt64' },
    /** The last line (of Parquet: row) that has its outcome, from 1. */
    { name: 'line', type: 'UInt64' },
    /** Outcomes of this step's lines by their code. */
    { name: 'codes', type: 'Map(String, UInt64)' },
    /** The lines of this step that were refused or wait in quarantine, and why. */
    { name: 'refused_lines', type: 'Array(UInt64)' },
    { name: 'refused_codes', type: 'Array(String)' },
    { name: 'refused_reasons', type: 'Array(String)' },
  ],
  orderBy: ['path', 'sequence'],
}

export const RECEIPT_FILE_TABLES: readonly Table[] = [RECEIPT_FILE_STEP_TABLE]
