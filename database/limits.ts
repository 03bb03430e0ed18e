/** How much one query of a reader may use; the names are ClickHouse's settings. */
export type QueryLimits = {
  readonly max_execution_time: number
  readonly max_rows_to_read: string
  readonly max_result_rows: string
  readonly max_result_bytes: string
  readonly max_memory_usage: string
  readonly max_threads: number
}

/**
 * Limits of the queries behind the API, by what they are for. Seconds, rows, bytes.
 *
 * Passing one raises `QUERY_TIMEOUT` or `QUERY_TOO_EXPENSIVE`. All are within what the embedded
 * database grants its user `reader`.
 */
export const QUERY_LIMITS = {
  /** One entity or one page, found through a primary key. */
  page: limits({ seconds: 5, rowsRead: 20_000_000, rows: 2_000, mib: 128, threads: 2 }),
  /** Sums, series and rankings over many rows. */
  summary: limits({ seconds: 10, rowsRead: 200_000_000, rows: 20_000, mib: 256, threads: 2 }),
  /** A whole table or epoch, streamed. */
  export: limits({ seconds: 30, rowsRead: 0, rows: 2_000_000, mib: 384, threads: 2 }),
} as const satisfies Readonly<Record<string, QueryLimits>>

type Measures = {
  readonly seconds: number
  /** 0: as many as it takes. */
  readonly rowsRead: number
  readonly rows: number
  readonly mib: number
  readonly threads: number
}

function limits(measures: Measures): QueryLimits {
  const { seconds, rowsRead, rows, mib, threads } = measures
  return {
    max_execution_time: seconds,
    max_rows_to_read: String(rowsRead),
    max_result_rows: String(rows),
    max_result_bytes: String((mib / 2) * 1024 * 1024),
    max_memory_usage: String(mib * 1024 * 1024),
    max_threads: threads,
  }
}
