import { type RawSearch, readCount, readText } from './url-search.ts'

/** The part of a URL that says which page of a list is shown. */
export type PlaceSearch = {
  /** The cursor that the page starts after. */
  readonly after?: string | undefined
  /** How many rows come before the page. */
  readonly offset?: number | undefined
}

/** Reads a list's place; an offset without a cursor says nothing. */
export function readPlace(search: RawSearch): PlaceSearch {
  const after = readText(search['after'])
  return after === undefined ? {} : { after, offset: readCount(search['offset']) }
}
