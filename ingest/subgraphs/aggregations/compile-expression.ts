import type { EntityField } from '../entity-cache/entity-schema.ts'
import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { writtenOut } from '../numbers/big-decimal.ts'
import { type Comparison, type Expression, ExpressionError, fieldsOf } from './expression.ts'
import {
  arithmeticFormula,
  asBoolean,
  asKnownNumber,
  asNumber,
  type BooleanFormula,
  commonType,
  equality,
  type Formula,
  type NumberFormula,
  presence,
  sameness,
  strict,
  unified,
} from './formula.ts'
import { callFunction, takesNulls } from './sql-functions.ts'
import {
  compare,
  fitted,
  negated,
  type SqlNumber,
  type SqlNumberType,
  whole,
  SqlError,
} from './sql-number.ts'

const NO_POINT: Entity = new Map()
const INT4_MAX = 2n ** 31n - 1n
const INT8_MAX = 2n ** 63n - 1n
const TYPE_NAMES: Readonly<Record<string, SqlNumberType>> = {
  int: 'int4',
  int4: 'int4',
  integer: 'int4',
  bigint: 'int8',
  int8: 'int8',
  decimal: 'numeric',
  numeric: 'numeric',
}

/**
 * Gives every part of an expression its type, as Postgres does.
 *
 * @throws {ExpressionError} for what has no type, or is not computed here.
 */
export function compileExpression(
  expression: Expression,
  fields: ReadonlyMap<string, EntityField>,
): Formula {
  const formula = compilePart(expression, fields)
  const isConstant = formula.type !== 'null' && fieldsOf(expression).length === 0
  return isConstant ? constantFormula(formula) : formula
}

function compilePart(expression: Expression, fields: ReadonlyMap<string, EntityField>): Formula {
  const compile = (part: Expression) => compileExpression(part, fields)
  const operand = (part: Expression) => operandOf(part, compile(part))
  switch (expression.type) {
    case 'field':
      return fieldFormula(expression.name, fields)
    case 'number':
      return literal(expression.text)
    case 'null':
      return { type: 'null' }
    case 'boolean': {
      const { value } = expression
      return { type: 'boolean', of: () => value }
    }
    case 'sign': {
      const number = asKnownNumber(operand(expression.operand))
      if (!expression.isMinus) return number
      return { ...number, of: strict(number, (value) => fitted(negated(value), number.type)) }
    }
    case 'not': {
      const { of } = asBoolean(compile(expression.operand))
      return { type: 'boolean', of: (point) => inverse(of(point)) }
    }
    case 'arithmetic': {
      const { operator, left, right } = expression
      return arithmeticFormula(operator, operand(left), operand(right))
    }
    case 'comparison': {
      const { operator, left, right } = expression
      return comparisonFormula(operator, operand(left), operand(right))
    }
    case 'and':
    case 'or': {
      const { left, right } = expression
      return logicFormula(expression.type === 'or', compile(left), compile(right))
    }
    case 'is':
      return isFormula(expression, compile(expression.operand))
    case 'distinct': {
      const { isNegated } = expression
      const isSame = sameness(compile(expression.left), compile(expression.right))
      return { type: 'boolean', of: (point) => isSame(point) === isNegated }
    }
    case 'case':
      return caseFormula(expression, compile)
    case 'call': {
      const { name, parameters } = expression
      return callFunction(name, parameters.map(takesNulls(name) ? compile : operand))
    }
    case 'cast':
      return castFormula(compile(expression.operand), expression.to)
  }
}

/** Postgres computes constants once, even those of a branch that no point takes. */
function constantFormula(formula: Exclude<Formula, { type: 'null' }>): Formula {
  try {
    formula.of(NO_POINT)
    return formula
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    throw new ExpressionError(error.message)
  }
}

/**
 * An operand of what is null with any operand; one that is always null is refused: Postgres then
 * does not compute the others, which may fail.
 */
function operandOf(expression: Expression, formula: Formula): Formula {
  const isConstant = formula.type === 'null' || fieldsOf(expression).length === 0
  if (!isConstant || presence(formula)(NO_POINT)) return formula
  throw new ExpressionError('an operand that is always null')
}

function fieldFormula(name: string, fields: ReadonlyMap<string, EntityField>): Formula {
  const field = fields.get(name)
  if (field === undefined || field.derivedFrom !== undefined || field.isList) {
    throw new ExpressionError(`${name}, which is no field of one value`)
  }
  if (field.isEnum) throw new ExpressionError(`${name}, which is an enum`)
  const value = (point: Entity) => {
    const found = point.get(name)
    return found?.type === 'Null' ? undefined : found
  }
  const integer = (type: 'int4' | 'int8' | 'numeric'): NumberFormula => ({
    type,
    isWhole: true,
    of: (point) => integerOf(value(point)),
  })
  switch (field.scalar) {
    case 'Int':
      return integer('int4')
    case 'Int8':
      return integer('int8')
    case 'BigInt':
      return integer('numeric')
    case 'BigDecimal':
      return { type: 'numeric', isWhole: false, of: (point) => decimalOf(value(point)) }
    case 'String':
      return { type: 'text', of: value }
    case 'Bytes':
      return { type: 'bytea', of: value }
    case 'Boolean':
    case 'Timestamp':
      throw new ExpressionError(`${name}, which is no number`)
  }
}

function integerOf(value: StoreValue | undefined): SqlNumber | undefined {
  if (value?.type === 'Int') return whole(BigInt(value.value))
  return value?.type === 'Int8' || value?.type === 'BigInt' ? whole(value.value) : undefined
}

function decimalOf(value: StoreValue | undefined): SqlNumber | undefined {
  return value?.type === 'BigDecimal' ? writtenOut(value.value) : undefined
}

function literal(text: string): NumberFormula {
  const [base = '', exponent = '0'] = text.toLowerCase().split('e')
  const [integer = '', fraction = ''] = base.split('.')
  const places = fraction.length - Number(exponent)
  if (Math.abs(places) > 1000) throw new ExpressionError(`${text}, which is too long a number`)
  const written = { digits: BigInt(`${integer}${fraction}`), scale: places }
  const value = writtenOut(written)
  const isInteger = /^\d+$/.test(text)
  const isInt8 = isInteger && value.digits <= INT8_MAX
  const type = isInt8 ? (value.digits <= INT4_MAX ? 'int4' : 'int8') : 'numeric'
  return { type, isWhole: value.scale === 0, of: () => value }
}

function logicFormula(decides: boolean, left: Formula, right: Formula): BooleanFormula {
  const [first, second] = [asBoolean(left), asBoolean(right)]
  return {
    type: 'boolean',
    of: (point) => {
      const before = first.of(point)
      if (before === decides) return decides
      const after = second.of(point)
      return after === decides ? decides : before === undefined ? undefined : after
    },
  }
}

function comparisonFormula(operator: Comparison, left: Formula, right: Formula): BooleanFormula {
  if (operator === '=' || operator === '<>') {
    const isEqual = equality(left, right)
    const isWanted = operator === '='
    return {
      type: 'boolean',
      of: (point) => {
        const found = isEqual(point)
        return found === undefined ? undefined : found === isWanted
      },
    }
  }
  const type = commonType([left, right])
  const [a, b] = [asNumber(left, type), asNumber(right, type)]
  return {
    type: 'boolean',
    of: (point) => {
      const [first, second] = [a.of(point), b.of(point)]
      if (first === undefined || second === undefined) return undefined
      const order = compare(first, second)
      if (order === 0) return operator === '<=' || operator === '>='
      return operator.startsWith('<') === order < 0
    },
  }
}

function isFormula(
  { what, isNegated }: Extract<Expression, { type: 'is' }>,
  operand: Formula,
): BooleanFormula {
  if (what === 'null') {
    const isPresent = presence(operand)
    return { type: 'boolean', of: (point) => isPresent(point) === isNegated }
  }
  const { of } = asBoolean(operand)
  const isWanted = what === 'true'
  return { type: 'boolean', of: (point) => (of(point) === isWanted) !== isNegated }
}

function caseFormula(
  { operand, branches, otherwise }: Extract<Expression, { type: 'case' }>,
  compile: (part: Expression) => Formula,
): Formula {
  const compared = operand === undefined ? undefined : compile(operand)
  if (compared?.type === 'null') throw new ExpressionError('`case null`')
  const conditions = branches.map((branch) => {
    const condition = compile(branch.condition)
    return compared === undefined ? asBoolean(condition).of : equality(compared, condition)
  })
  const results = [...branches.map(({ result }) => compile(result)), compile(otherwise)]
  return unified(results).merge((point) => {
    const index = conditions.findIndex((condition) => condition(point) === true)
    return index < 0 ? conditions.length : index
  })
}

function castFormula(operand: Formula, to: string): NumberFormula {
  const type = TYPE_NAMES[to]
  if (type === undefined) throw new ExpressionError(`a cast to ${to}`)
  const number = asNumber(operand, type)
  const isWhole = number.isWhole || type !== 'numeric'
  return { type, isWhole, of: strict(number, (value) => fitted(value, type)) }
}

function inverse(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value
}
