import { FatalError } from '@foggara/schema'

/** One receipt or signed batch of a file. */
export type FileItem = {
  readonly kind: 'receipt' | 'batch'
  readonly bytes: Uint8Array
  /** Its line, of Parquet its row, from 1. */
  readonly line: number
  /** Where reading goes on after it: see `position` of the table `receipt_file_step`. */
  readonly position: number
}

/** Where reading of a file begins or ended. */
export type FilePlace = { readonly position: number; readonly line: number }

/** The items of a file from a place on. */
export type FileReader = {
  /** In the order of the file; returns where it ended. Raises {@link ReceiptFileMalformedError}. */
  readonly items: AsyncGenerator<readonly FileItem[], FilePlace>
  /** How many bytes of the file have been read. */
  readonly readBytes: () => number
}

/** A file is not what it says, from a line on; the lines before it have their outcomes. */
export class ReceiptFileMalformedError extends FatalError {
  readonly line: number
  constructor(path: string, line: number, detail: string, cause?: unknown) {
    super('RECEIPT_FILE_MALFORMED', `${path} line ${line}: ${detail}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Expected lines of JSON, Parquet with the columns of a receipt, or one signed batch; plain, .gz or .zst.',
    })
    this.line = line
  }
}
