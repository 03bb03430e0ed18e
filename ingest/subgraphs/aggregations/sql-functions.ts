import type { Entity } from '../entity-cache/entity.ts'
import { ExpressionError } from './expression.ts'
import {
  arithmeticFormula,
  asKnownNumber,
  asNumber,
  commonType,
  equality,
  type Formula,
  isNumber,
  type NumberFormula,
  pairwise,
  presence,
  strict,
  unified,
} from './formula.ts'
import {
  absolute,
  ceiling,
  commonDivisor,
  commonMultiple,
  compare,
  fitted,
  sign,
  type SqlNumber,
  wholeQuotient,
} from './sql-number.ts'

/**
 * A call of one of Postgres's functions.
 *
 * `ceil` and `floor` are missing: graph-node 0.45 refuses them, though its manual lists them. `power`
 * is too: it is no exact function, and on integers one of binary floats.
 *
 * @throws {ExpressionError} for any other function, and for parameters that do not suit.
 */
export function callFunction(name: string, parameters: readonly Formula[]): Formula {
  const [first, second] = parameters
  if (name === 'coalesce' && first !== undefined) return coalesce(parameters)
  if ((name === 'greatest' || name === 'least') && first !== undefined) {
    return extreme(parameters, name === 'greatest')
  }
  if (first !== undefined && second === undefined) {
    const found = unary(name, first)
    if (found !== undefined) return found
  }
  if (first !== undefined && second !== undefined && parameters.length === 2) {
    const found = binary(name, first, second)
    if (found !== undefined) return found
  }
  throw new ExpressionError(`the function ${name} of ${parameters.length} parameters`)
}

/** Whether a function of a null may be something else. */
export function takesNulls(name: string): boolean {
  return ['coalesce', 'greatest', 'least', 'nullif'].includes(name)
}

function unary(name: string, parameter: Formula): NumberFormula | undefined {
  const number = asKnownNumber(parameter)
  if (name === 'abs') {
    return { ...number, of: strict(number, (value) => fitted(absolute(value), number.type)) }
  }
  if (name !== 'ceiling' && name !== 'sign') return undefined
  // For an integer Postgres takes the function over binary floats.
  if (number.type !== 'numeric') throw new ExpressionError(`${name} of an integer`)
  return { type: 'numeric', isWhole: true, of: strict(number, name === 'sign' ? sign : ceiling) }
}

function binary(name: string, first: Formula, second: Formula): Formula | undefined {
  if (name === 'nullif') return nullIf(first, second)
  if (name === 'mod') return arithmeticFormula('%', first, second)
  if (name === 'div') {
    const [a, b] = [asNumber(first, 'numeric'), asNumber(second, 'numeric')]
    return { type: 'numeric', isWhole: true, of: pairwise(a, b, wholeQuotient) }
  }
  if (name !== 'gcd' && name !== 'lcm') return undefined
  const type = commonType([first, second])
  const [a, b] = [asNumber(first, type), asNumber(second, type)]
  const calculate = name === 'gcd' ? commonDivisor : commonMultiple
  return {
    type,
    isWhole: a.isWhole && b.isWhole,
    of: pairwise(a, b, (x, y) => fitted(calculate(x, y), type)),
  }
}

/** What follows the first that is not null is not computed. */
function coalesce(parameters: readonly Formula[]): Formula {
  const isPresent = parameters.map(presence)
  return unified(parameters).merge((point) => isPresent.findIndex((is) => is(point)))
}

/** Nulls are passed over; of equal numbers the first one stays, with its digits. */
function extreme(parameters: readonly Formula[], isGreatest: boolean): NumberFormula {
  const type = commonType(parameters)
  const numbers = parameters.map((formula) => asNumber(formula, type))
  return {
    type,
    isWhole: numbers.every(({ isWhole }) => isWhole),
    of: (point: Entity) => {
      let best: SqlNumber | undefined
      for (const { of } of numbers) {
        const value = of(point)
        if (value === undefined) continue
        const order = best === undefined ? 0 : compare(value, best)
        if (best === undefined || (isGreatest ? order > 0 : order < 0)) best = value
      }
      return best
    },
  }
}

/** Its type is that of the first parameter once the two can be compared. */
function nullIf(first: Formula, second: Formula): Formula {
  const isEqual = equality(first, second)
  const isNumeric = isNumber(first) && isNumber(second) && second.type === 'numeric'
  const kept: Formula = isNumeric ? { ...first, type: 'numeric' } : first
  return unified([kept, { type: 'null' }]).merge((point) => (isEqual(point) === true ? 1 : 0))
}
