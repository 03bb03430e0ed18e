import { FatalError } from '@foggara/schema'

import type { Reader } from '../sql/reader.ts'
import type { Row } from '../sql/row.ts'

/** One page of a list, and how to continue or count it. */
export type Page = {
  readonly rows: readonly Row[]
  readonly hasNextPage: boolean
  readonly from: Reader
  cursorOf(row: Row): string
  count(): Promise<number>
}

/** How many rows a page has when `first` is not given. */
export const PAGE_SIZE_DEFAULT = 20

/** How many rows a page may have. */
export const PAGE_SIZE_MAX = 1000

/** A page is asked for with too few or too many rows. */
export class PageSizeError extends FatalError {
  constructor(found: number, most: number = PAGE_SIZE_MAX) {
    super('PAGE_SIZE', `first: expected 1 to ${most}, found ${found}`, {
      hint: 'Read more rows page by page: pass pageInfo.endCursor as `after`.',
    })
  }
}
