import { FatalError } from '@foggara/schema'
import { z } from 'zod'

/** Runs one query and gives its rows as JSON values. */
export type Rows = (sql: string) => Promise<readonly unknown[]>

/** Text of a non-negative integer as ClickHouse quotes it. */
export const integerText = z
  .union([z.string().regex(/^(0|[1-9][0-9]*)$/), z.number().int().min(0)])
  .transform((value) => BigInt(value))

/** A count or a block number, quoted or not. */
export const smallNumber = z
  .union([z.string().regex(/^(0|[1-9][0-9]{0,15})$/), z.number().int().min(0)])
  .transform(Number)

/** An address or a 32-byte id as lower-case hex. */
export const hexText = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]*$/)])

/**
 * Runs a query and checks every row.
 *
 * @throws {RowMalformedError}
 */
export async function readRows<Schema extends z.ZodType>(
  rows: Rows,
  schema: Schema,
  sql: string,
): Promise<z.output<Schema>[]> {
  const found = await rows(sql)
  return found.map((row) => {
    const parsed = schema.safeParse(row)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw new RowMalformedError(`${issue?.path.join('.')}: ${issue?.message}`, row)
  })
}

/** The database answers with a row of another shape. */
export class RowMalformedError extends FatalError {
  constructor(detail: string, row: unknown) {
    super('ROW_MALFORMED', `expected ${detail}, found ${JSON.stringify(row)?.slice(0, 200)}`)
  }
}
