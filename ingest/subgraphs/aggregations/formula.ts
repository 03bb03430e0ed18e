import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { sameValue } from '../entity-cache/entity.ts'
import { type Arithmetic, ExpressionError } from './expression.ts'
import {
  compare,
  fitted,
  minus,
  plus,
  quotient,
  remainder,
  type SqlNumber,
  type SqlNumberType,
  times,
  wholeQuotient,
} from './sql-number.ts'

/** An expression with its type in Postgres; `of` gives undefined for null. */
export type Formula = NumberFormula | BooleanFormula | TextFormula | NullFormula

/** A formula that gives a number. */
export type NumberFormula = {
  readonly type: SqlNumberType
  /** No point gives a fraction, nor zeros after the point. */
  readonly isWhole: boolean
  /** @throws {SqlError} where Postgres does. */
  readonly of: (point: Entity) => SqlNumber | undefined
}

/** A formula that gives a condition. */
export type BooleanFormula = {
  readonly type: 'boolean'
  readonly of: (point: Entity) => boolean | undefined
}

/** A formula that gives text or bytes, which are only compared and handed on. */
export type TextFormula = {
  readonly type: 'text' | 'bytea'
  readonly of: (point: Entity) => StoreValue | undefined
}

/** A null that takes the type of what stands beside it. */
type NullFormula = { readonly type: 'null' }

/** The formula as one of a number; a bare null becomes a null of the type. */
export function asNumber(formula: Formula, ofNull: SqlNumberType): NumberFormula {
  if (formula.type !== 'null') return asKnownNumber(formula)
  return { type: ofNull, isWhole: true, of: () => undefined }
}

/** The formula as one of a number, where Postgres gives a bare null no type. */
export function asKnownNumber(formula: Formula): NumberFormula {
  if (isNumber(formula)) return formula
  throw new ExpressionError(`${formula.type} in place of a number`)
}

/** Whether a formula gives numbers. */
export function isNumber(formula: Formula): formula is NumberFormula {
  return formula.type === 'int4' || formula.type === 'int8' || formula.type === 'numeric'
}

/** The formula as a condition. */
export function asBoolean(formula: Formula): BooleanFormula {
  if (formula.type === 'null') return { type: 'boolean', of: () => undefined }
  if (formula.type === 'boolean') return formula
  throw new ExpressionError(`${formula.type} in place of a condition`)
}

/** The narrowest type that holds the numbers of all; a bare null holds to none. */
export function commonType(formulas: readonly Formula[]): SqlNumberType {
  const types = formulas.flatMap((formula) => (isNumber(formula) ? [formula.type] : []))
  if (types.includes('numeric')) return 'numeric'
  if (types.includes('int8')) return 'int8'
  if (types.length > 0) return 'int4'
  throw new ExpressionError('only nulls in place of a number')
}

/** One formula per branch, of one type: numbers are widened, nulls take the type of the others. */
export function unified(formulas: readonly Formula[]): {
  readonly merge: (pick: (point: Entity) => number) => Formula
} {
  const [first] = formulas.filter(({ type }) => type !== 'null')
  if (first === undefined) throw new ExpressionError('only nulls')
  if (isNumber(first)) {
    const type = commonType(formulas)
    const numbers = formulas.map((formula) => asNumber(formula, type))
    const isWhole = numbers.every((number) => number.isWhole)
    return { merge: (pick) => ({ type, isWhole, of: (point) => numbers[pick(point)]?.of(point) }) }
  }
  if (first.type === 'boolean') {
    const values = formulas.map(asBoolean)
    return { merge: (pick) => ({ type: 'boolean', of: (point) => values[pick(point)]?.of(point) }) }
  }
  if (first.type === 'null') throw new ExpressionError('only nulls')
  const { type } = first
  const texts = formulas.map((formula) => asText(formula, type))
  return { merge: (pick) => ({ type, of: (point) => texts[pick(point)]?.of(point) }) }
}

/** Whether two are equal; undefined where one is null. */
export function equality(left: Formula, right: Formula): (point: Entity) => boolean | undefined {
  const [first, second] = [presence(left), presence(right)]
  const isSame = sameness(left, right)
  return (point) => {
    const isPresent = [first(point), second(point)]
    return isPresent.includes(false) ? undefined : isSame(point)
  }
}

/** Whether a formula gives something other than null. */
export function presence(formula: Formula): (point: Entity) => boolean {
  if (formula.type === 'null') return () => false
  const { of } = formula
  return (point) => of(point) !== undefined
}

/** A number of two numbers, as an operator of Postgres between them; null where one is. */
export function arithmeticFormula(
  operator: Arithmetic,
  left: Formula,
  right: Formula,
): NumberFormula {
  const type = commonType([left, right])
  const [a, b] = [asNumber(left, type), asNumber(right, type)]
  const calculate = operator === '/' && type !== 'numeric' ? wholeQuotient : CALCULATIONS[operator]
  const isFraction = operator === '/' && type === 'numeric'
  return {
    type,
    isWhole: a.isWhole && b.isWhole && !isFraction,
    of: pairwise(a, b, (first, second) => fitted(calculate(first, second), type)),
  }
}

/** Both are computed before one that is null decides, so that either may fail. */
export function pairwise(
  a: NumberFormula,
  b: NumberFormula,
  calculate: (first: SqlNumber, second: SqlNumber) => SqlNumber,
): (point: Entity) => SqlNumber | undefined {
  return (point) => {
    const [first, second] = [a.of(point), b.of(point)]
    return first === undefined || second === undefined ? undefined : calculate(first, second)
  }
}

/** A function of one number; null for null. */
export function strict(
  { of }: NumberFormula,
  calculate: (value: SqlNumber) => SqlNumber,
): (point: Entity) => SqlNumber | undefined {
  return (point) => {
    const value = of(point)
    return value === undefined ? undefined : calculate(value)
  }
}

const CALCULATIONS: Readonly<Record<Arithmetic, (a: SqlNumber, b: SqlNumber) => SqlNumber>> = {
  '+': plus,
  '-': minus,
  '*': times,
  '/': quotient,
  '%': remainder,
}

/** Whether two are the same, where two nulls are. */
export function sameness(left: Formula, right: Formula): (point: Entity) => boolean {
  const formulas = [left, right]
  if (formulas.some(isNumber)) {
    const type = commonType(formulas)
    const [a, b] = [asNumber(left, type), asNumber(right, type)]
    return (point) => {
      const [first, second] = [a.of(point), b.of(point)]
      if (first === undefined || second === undefined) return first === second
      return compare(first, second) === 0
    }
  }
  if (formulas.some(({ type }) => type === 'boolean')) {
    const [a, b] = [asBoolean(left), asBoolean(right)]
    return (point) => a.of(point) === b.of(point)
  }
  const [known] = formulas.filter(({ type }) => type !== 'null')
  if (known?.type !== 'text' && known?.type !== 'bytea') throw new ExpressionError('only nulls')
  const [a, b] = [asText(left, known.type), asText(right, known.type)]
  return (point) => sameValue(a.of(point), b.of(point))
}

function asText(formula: Formula, type: 'text' | 'bytea'): TextFormula {
  if (formula.type === 'null') return { type, of: () => undefined }
  if (formula.type === type) return formula
  throw new ExpressionError(`${formula.type} beside ${type}`)
}
