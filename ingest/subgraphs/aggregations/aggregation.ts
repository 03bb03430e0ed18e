import { FatalError } from '@foggara/schema'
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  Kind,
  type ObjectTypeDefinitionNode,
} from 'graphql'

import type { EntityField, EntityType, ScalarType } from '../entity-cache/entity-schema.ts'
import { compileExpression } from './compile-expression.ts'
import { ExpressionError, fieldsOf, parseExpression } from './expression.ts'
import { type Formula, isNumber, type NumberFormula, type TextFormula } from './formula.ts'
import type { SqlNumberType } from './sql-number.ts'

/** An `@aggregation` of the schema over one interval: what a table of buckets is made of. */
export type Aggregation = {
  /** The table's type: the name in the schema, followed by `_hour` or `_day`. */
  readonly bucketType: EntityType
  /** Seconds. */
  readonly bucketLength: bigint
  /** The timeseries. */
  readonly source: string
  /** Fields by whose values points are grouped. */
  readonly dimensions: readonly EntityField[]
  readonly aggregates: readonly Aggregate[]
}

/** A field of a bucket that is computed. */
export type Aggregate = {
  readonly field: EntityField
  /** Goes on from the bucket before of the same group. */
  readonly isCumulative: boolean
  readonly computes: Computation
}

/** What an aggregate makes of the points of a group. */
export type Computation =
  | { readonly type: 'count' }
  | { readonly type: 'sum' | 'min' | 'max'; readonly argument: NumberFormula }
  /** The value of the first or the last point that has one. */
  | {
      readonly type: 'pick'
      readonly isLast: boolean
      readonly argument: NumberFormula | TextFormula
    }

/** The intervals, the shorter ones first. */
const INTERVALS = [
  { name: 'hour', bucketLength: 3600n },
  { name: 'day', bucketLength: 86_400n },
] as const

/** What numbers widen to, from one to the next. */
const NUMERIC_SCALARS: readonly ScalarType[] = ['Int', 'Int8', 'BigInt', 'BigDecimal']

const COUNT: Computation = { type: 'count' }

const NUMBER_TYPES: readonly SqlNumberType[] = ['int4', 'int8', 'numeric']

const COLUMN_TYPES: Readonly<Partial<Record<ScalarType, SqlNumberType | 'text' | 'bytea'>>> = {
  Int: 'int4',
  Int8: 'int8',
  BigInt: 'numeric',
  BigDecimal: 'numeric',
  String: 'text',
  Bytes: 'bytea',
}

/** A type of the schema with an `@aggregation`, and its fields as those of an entity. */
export type AggregationType = {
  readonly definition: ObjectTypeDefinitionNode
  readonly type: EntityType
}

/**
 * Reads the aggregations of a schema: those by the hour before those by the day, as they are rolled up.
 *
 * @throws {AggregationError} naming the field, where graph-node refuses the schema or fails at the
 *   first bucket, or where an expression is not computed here.
 */
export function readAggregations(
  types: readonly AggregationType[],
  entities: ReadonlyMap<string, EntityType>,
): readonly Aggregation[] {
  const read = types.map((type) => ({
    intervals: intervalsOf(type),
    ...readAggregation(type, entities),
  }))
  return INTERVALS.flatMap(({ name, bucketLength }) =>
    read
      .filter(({ intervals }) => intervals.has(name))
      .map(({ type, source, dimensions, aggregates }) => ({
        bucketType: { ...type, name: `${type.name}_${name}`, isImmutable: true },
        bucketLength,
        source,
        dimensions,
        aggregates,
      })),
  )
}

function readAggregation(
  { definition, type }: AggregationType,
  entities: ReadonlyMap<string, EntityType>,
) {
  const name = type.name
  const sourceName = text(argument(directive(definition.directives, 'aggregation'), 'source'))
  const source = entities.get(sourceName ?? '')
  if (source === undefined || !source.isTimeseries) {
    throw new AggregationError(name, `a timeseries as source`, sourceName ?? 'none')
  }
  if (type.fields.get('timestamp')?.scalar !== 'Timestamp' || type.idType !== 'Int8') {
    throw new AggregationError(name, 'an id of type Int8 and a timestamp', 'other fields')
  }
  const fields = (definition.fields ?? []).flatMap((node) => {
    const field = type.fields.get(node.name.value)
    if (field === undefined || field.name === 'id' || field.name === 'timestamp') return []
    return [{ field, aggregate: directive(node.directives, 'aggregate') }]
  })
  const dimensions = fields
    .filter(({ aggregate }) => aggregate === undefined)
    .map(({ field }) => dimensionOf(name, field, source))
  const names = new Set(dimensions.map((dimension) => dimension.name))
  const aggregates = fields.flatMap(({ field, aggregate }) =>
    aggregate === undefined
      ? []
      : [readAggregate(name, { field, aggregate, source, dimensions: names })],
  )
  if (aggregates.length === 0) throw new AggregationError(name, 'an @aggregate', 'none')
  return { type, source: source.name, dimensions, aggregates }
}

function dimensionOf(name: string, field: EntityField, source: EntityType): EntityField {
  const same = source.fields.get(field.name)
  const isSame =
    same?.scalar === field.scalar &&
    same.refersTo === field.refersTo &&
    same.isList === field.isList &&
    same.derivedFrom === undefined &&
    field.derivedFrom === undefined
  if (isSame) return field
  const expected = `a field of ${source.name} with the same type, or an @aggregate`
  throw new AggregationError(`${name}.${field.name}`, expected, 'neither')
}

type AggregateSource = {
  readonly field: EntityField
  readonly aggregate: ConstDirectiveNode
  readonly source: EntityType
  readonly dimensions: ReadonlySet<string>
}

function readAggregate(name: string, given: AggregateSource): Aggregate {
  const { field, aggregate } = given
  const where = `${name}.${field.name}`
  const fn = text(argument(aggregate, 'fn')) ?? 'none'
  const cumulative = argument(aggregate, 'cumulative')
  const isCumulative = cumulative?.kind === Kind.BOOLEAN && cumulative.value
  const isNumeric = NUMERIC_SCALARS.includes(field.scalar) && !field.isList && !field.refersTo
  if (!isNumeric && fn !== 'first' && fn !== 'last') {
    throw new AggregationError(where, 'a numeric type', field.scalar)
  }
  if (field.isEnum) throw new AggregationError(where, 'a type that is no enum', 'one')
  const written = text(argument(aggregate, 'arg'))
  if (written === undefined && fn === 'count') return { field, isCumulative, computes: COUNT }
  if (written === undefined) throw new AggregationError(where, 'an argument', 'none')
  const formula = formulaOf(where, written, given)
  const refused = (found: string) =>
    new AggregationError(where, `a value for ${field.scalar}`, `${found} in \`${written}\``)
  if (isNumber(formula) && field.scalar === 'BigInt' && !formula.isWhole) {
    throw refused('one that may have a fraction')
  }
  switch (fn) {
    case 'count':
      return { field, isCumulative, computes: COUNT }
    case 'sum':
    case 'min':
    case 'max':
      if (!isNumber(formula)) throw refused(formula.type)
      return { field, isCumulative, computes: { type: fn, argument: formula } }
    case 'first':
    case 'last':
      if (!isHandedOn(formula, field)) throw refused(formula.type)
      return {
        field,
        isCumulative,
        computes: { type: 'pick', isLast: fn === 'last', argument: formula },
      }
    default:
      throw new AggregationError(where, 'sum, count, min, max, first or last', fn)
  }
}

/** An expression over the points' fields, each of which the aggregate's type must hold. */
function formulaOf(where: string, written: string, given: AggregateSource): Formula {
  const { field, source, dimensions } = given
  try {
    const expression = parseExpression(written)
    for (const name of fieldsOf(expression)) {
      if (dimensions.has(name)) {
        // graph-node selects it twice, and Postgres then does not know which one is meant.
        throw new ExpressionError(`the dimension ${name}`)
      }
      const read = source.fields.get(name)
      const scalar = read?.scalar ?? field.scalar
      if (read?.refersTo !== undefined && read.refersTo !== field.refersTo) {
        throw new ExpressionError(`${name}, which refers to ${read.refersTo},`)
      }
      const [own, others] = [field.scalar, scalar].map((one) => NUMERIC_SCALARS.indexOf(one))
      if (own !== undefined && others !== undefined && others > own) {
        throw new ExpressionError(`${name} of type ${scalar}`)
      }
    }
    return compileExpression(expression, source.fields)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const found = `${error.message} in \`${written}\``
    throw new AggregationError(
      where,
      `an expression for ${field.scalar} that is computed here`,
      found,
    )
  }
}

function isHandedOn(formula: Formula, field: EntityField): formula is NumberFormula | TextFormula {
  if (field.isList || formula.type === 'null' || formula.type === 'boolean') return false
  const column = COLUMN_TYPES[field.scalar]
  if (column === undefined || !isNumber(formula)) return formula.type === column
  return NUMBER_TYPES.indexOf(formula.type) <= NUMBER_TYPES.findIndex((type) => type === column)
}

function intervalsOf({ definition }: AggregationType): ReadonlySet<string> {
  const list = argument(directive(definition.directives, 'aggregation'), 'intervals')
  const names = list?.kind === Kind.LIST ? list.values.map((value) => text(value) ?? 'none') : []
  const unknown = names.find((name) => INTERVALS.every((interval) => interval.name !== name))
  if (unknown === undefined && names.length > 0) return new Set(names)
  throw new AggregationError(definition.name.value, 'the intervals hour or day', unknown ?? 'none')
}

function directive(
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): ConstDirectiveNode | undefined {
  return directives?.find((candidate) => candidate.name.value === name)
}

function argument(node: ConstDirectiveNode | undefined, name: string): ConstValueNode | undefined {
  return node?.arguments?.find((candidate) => candidate.name.value === name)?.value
}

function text(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}

/** An aggregation of the schema cannot be rolled up. */
export class AggregationError extends FatalError {
  constructor(where: string, expected: string, found: string) {
    super('SUBGRAPH_SCHEMA_INVALID', `expected ${expected} at ${where}, found ${found}`, {
      hint: 'Mend schema.graphql; docs/subgraph-aggregations.md lists what is computed.',
    })
  }
}
