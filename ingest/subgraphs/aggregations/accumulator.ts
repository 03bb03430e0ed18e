import type { ScalarType } from '../entity-cache/entity-schema.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { writtenOut } from '../numbers/big-decimal.ts'
import type { Aggregate, Computation } from './aggregation.ts'
import { isNumber } from './formula.ts'
import { compare, fitted, plus, type SqlNumber, whole } from './sql-number.ts'

/** What an aggregate has made of the points of a group so far. */
export type Accumulator = {
  /** @throws {SqlError} where Postgres could not compute the point's value. */
  add(point: Entity, id: bigint): void
  /**
   * The value of the bucket's field, undefined for null; `previous` is that of the bucket before.
   *
   * @throws {SqlError} where the field does not hold it.
   */
  end(previous: StoreValue | undefined): StoreValue | undefined
}

/** Starts an aggregate of no points. */
export function openAccumulator({ field, computes }: Aggregate): Accumulator {
  if (computes.type !== 'pick') return openCombination(computes, field.scalar)
  const { isLast, argument } = computes
  if (!isNumber(argument)) return openPick(isLast, argument.of)
  const picked = openPick(isLast, argument.of)
  return {
    add: picked.add,
    end: (previous) => columnValue(picked.end(numberOf(previous)), field.scalar),
  }
}

function openCombination(
  computes: Exclude<Computation, { type: 'pick' }>,
  scalar: ScalarType,
): Accumulator {
  const of = computes.type === 'count' ? () => ONE : computes.argument.of
  const combine = COMBINATIONS[computes.type]
  let value: SqlNumber | undefined
  return {
    add: (point) => {
      const given = of(point)
      if (given !== undefined) value = value === undefined ? given : combine(value, given)
    },
    end: (previous) => {
      const before = numberOf(previous)
      const all = before === undefined || value === undefined ? undefined : combine(before, value)
      return columnValue(all ?? before ?? value, scalar)
    },
  }
}

type Combination = (a: SqlNumber, b: SqlNumber) => SqlNumber

/** Of equal numbers Postgres keeps the later one, with its digits. */
const COMBINATIONS: Readonly<Record<'count' | 'sum' | 'min' | 'max', Combination>> = {
  count: plus,
  sum: plus,
  min: (a, b) => (compare(a, b) < 0 ? a : b),
  max: (a, b) => (compare(a, b) > 0 ? a : b),
}

const ONE = whole(1n)

/** The value of the lowest or the highest id that has one. */
function openPick<T>(isLast: boolean, of: (point: Entity) => T | undefined) {
  let value: T | undefined
  let place = 0n
  return {
    add: (point: Entity, id: bigint) => {
      const given = of(point)
      if (given === undefined) return
      if (value !== undefined && (isLast ? id < place : id > place)) return
      value = given
      place = id
    },
    end: (previous: T | undefined) => (isLast ? (value ?? previous) : (previous ?? value)),
  }
}

function numberOf(value: StoreValue | undefined): SqlNumber | undefined {
  if (value?.type === 'Int') return whole(BigInt(value.value))
  if (value?.type === 'Int8' || value?.type === 'BigInt') return whole(value.value)
  return value?.type === 'BigDecimal' ? writtenOut(value.value) : undefined
}

/** An assignment to a column of Postgres. */
function columnValue(value: SqlNumber | undefined, scalar: ScalarType): StoreValue | undefined {
  if (value === undefined) return undefined
  if (scalar === 'Int') return { type: scalar, value: Number(fitted(value, 'int4').digits) }
  if (scalar === 'Int8') return { type: scalar, value: fitted(value, 'int8').digits }
  return scalar === 'BigInt' ? { type: scalar, value: value.digits } : { type: 'BigDecimal', value }
}
