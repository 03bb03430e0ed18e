const HALF = 'toUInt256(340282366920938463463374607431768211456)'
const MAXIMUM = 'bitNot(toUInt256(0))'

/**
 * SQL of a sum of UInt256 that anybody may fill: ClickHouse would begin again at 0, whereas a sum that
 * has no place is told as the largest number. Exact below it.
 */
export function saturatedSum(column: string): string {
  const [high, low] = sumHalves(column)
  const carried = `(${high} + intDiv(${low}, ${HALF}))`
  return `if(${carried} >= ${HALF}, ${MAXIMUM}, ${carried} * ${HALF} + ${low} % ${HALF})`
}

/** SQL of the sums of the upper and the lower 128 bits: neither overflows below 2^128 rows. */
export function sumHalves(column: string): readonly [string, string] {
  return [`sum(intDiv(${column}, ${HALF}))`, `sum(${column} % ${HALF})`]
}
