import type { SqlDialect } from './sql-session.ts'

/** How one dialect writes the few things that both dialects can do but say differently. */
export type DialectText = {
  readonly name: SqlDialect
  /** Names of the column types. `amount` holds 256 bits in ClickHouse and 127 in DuckDB. */
  readonly types: Readonly<Record<'u8' | 'u32' | 'u64' | 'amount', string>>
  readonly u32: (value: string) => string
  readonly u64: (value: string) => string
  readonly amount: (value: string) => string
  /** `⌊value / 2^bits⌋` */
  readonly shiftRight: (value: string, bits: string) => string
  /** `⌊left · right / 2^bits⌋` as 64 bits, with a product of up to 127 bits. */
  readonly mulShift: (left: string, right: string, bits: number) => string
  /** Floor of a quotient of non-negative integers; the divisor must not be 0 in any row. */
  readonly divide: (dividend: string, divisor: string) => string
  /** What is left of a 64-bit value, as 64 bits; the statement fails when `part` is larger. */
  readonly restOf: (value: string, part: string) => string
  /** A 64-bit value so wide that sums of it cannot wrap. */
  readonly wide: (value: string) => string
  readonly choose: (condition: string, then: string, otherwise: string) => string
  /** The end of a statement that recurses `depth` times. */
  readonly depthSetting: (depth: number) => string
}

/** The text of a dialect. */
export function textOf(dialect: SqlDialect): DialectText {
  return dialect === 'clickhouse' ? CLICKHOUSE : DUCKDB
}

/**
 * ClickHouse: sums and differences wrap in silence, and `UInt64 - UInt64` is Int64, whose right shift
 * keeps the sign; so what could wrap is made wide, and cast back with a check. The bounds of amounts
 * are checked before a statement runs.
 */
const CLICKHOUSE: DialectText = {
  name: 'clickhouse',
  types: { u8: 'UInt8', u32: 'UInt32', u64: 'UInt64', amount: 'UInt256' },
  u32: (value) => `toUInt32(${value})`,
  u64: (value) => `toUInt64(${value})`,
  amount: (value) => `toUInt256(${value})`,
  shiftRight: (value, bits) => `bitShiftRight(${value}, ${bits})`,
  mulShift: (left, right, bits) =>
    `toUInt64(bitShiftRight(toUInt128(${left}) * toUInt128(${right}), ${bits}))`,
  divide: (dividend, divisor) => `intDiv(${dividend}, ${divisor})`,
  restOf: (value, part) => `accurateCast(toInt256(${value}) - toInt256(${part}), 'UInt64')`,
  wide: (value) => `toUInt128(${value})`,
  choose: (condition, then, otherwise) => `if(${condition}, ${then}, ${otherwise})`,
  depthSetting: (depth) => `settings max_recursive_cte_evaluation_depth = ${depth + 10}`,
}

/** DuckDB: its integers are checked for overflow, and a sum of UBIGINT is a HUGEINT. */
const DUCKDB: DialectText = {
  name: 'duckdb',
  types: { u8: 'utinyint', u32: 'uinteger', u64: 'ubigint', amount: 'hugeint' },
  u32: (value) => `${bracketed(value)}::uinteger`,
  u64: (value) => `${bracketed(value)}::ubigint`,
  amount: (value) => `${bracketed(value)}::hugeint`,
  shiftRight: (value, bits) => `(${bracketed(value)} >> ${bits})`,
  mulShift: (left, right, bits) =>
    `((${bracketed(left)}::uhugeint * ${bracketed(right)}::uhugeint) >> ${bits})::ubigint`,
  divide: (dividend, divisor) => `(${dividend} // ${divisor})`,
  restOf: (value, part) => `(${bracketed(value)}::ubigint - ${bracketed(part)}::ubigint)`,
  wide: (value) => value,
  choose: (condition, then, otherwise) =>
    `case when ${condition} then ${then} else ${otherwise} end`,
  depthSetting: () => '',
}

/** An expression to which a cast may be appended. */
function bracketed(value: string): string {
  return /^[\w.]+$/u.test(value) ? value : `(${value})`
}
