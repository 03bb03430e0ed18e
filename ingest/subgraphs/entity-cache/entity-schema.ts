import { FatalError } from '@foggara/schema'
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  GraphQLError,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type TypeNode,
} from 'graphql'

import { type Aggregation, readAggregations } from '../aggregations/aggregation.ts'

/** The type of an entity's id. */
export type IdType = 'String' | 'Bytes' | 'Int8'

/** The type of the values that a field holds, or that its list holds. */
export type ScalarType = IdType | 'Int' | 'BigInt' | 'BigDecimal' | 'Boolean' | 'Timestamp'

/** A field of an entity. */
export type EntityField = {
  readonly name: string
  readonly scalar: ScalarType
  readonly isList: boolean
  readonly isRequired: boolean
  /** Of a list: its items may be null. */
  readonly hasNullItems: boolean
  /** Its values are names of an enum, and of type String. */
  readonly isEnum: boolean
  /** The entity, or the interface, that the field refers to. */
  readonly refersTo: string | undefined
  /** The field of the other entity that the values come from; such a field is never set. */
  readonly derivedFrom: string | undefined
}

/** An entity of the schema. */
export type EntityType = {
  readonly name: string
  readonly idType: IdType
  readonly isImmutable: boolean
  /** Of an immutable entity: a second version is left out instead of being an error. */
  readonly skipsDuplicates: boolean
  readonly isTimeseries: boolean
  readonly fields: ReadonlyMap<string, EntityField>
}

/** What a subgraph stores. */
export type EntitySchema = {
  readonly entities: ReadonlyMap<string, EntityType>
  /** One per interval, in the order in which they are rolled up. */
  readonly aggregations: readonly Aggregation[]
  /** Names of interfaces and aggregations, which cannot be stored themselves. */
  readonly otherTypes: ReadonlySet<string>
  readonly hasFullText: boolean
  readonly document: DocumentNode
}

const SCALARS: Readonly<Record<string, ScalarType>> = {
  ID: 'String',
  String: 'String',
  Bytes: 'Bytes',
  Int: 'Int',
  Int8: 'Int8',
  BigInt: 'BigInt',
  BigDecimal: 'BigDecimal',
  Boolean: 'Boolean',
  Timestamp: 'Timestamp',
}

/**
 * Reads the `schema.graphql` of a subgraph.
 *
 * @throws {EntitySchemaError}
 * @throws {AggregationError} for an aggregation that cannot be rolled up.
 */
export function parseEntitySchema(text: string): EntitySchema {
  const document = parseDocument(text)
  const objects = new Map<string, ObjectTypeDefinitionNode>()
  const aggregated = new Map<string, ObjectTypeDefinitionNode>()
  const otherTypes = new Set<string>()
  const enums = new Set<string>()
  const implementers = new Map<string, string>()
  let hasFullText = false
  for (const definition of document.definitions) {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION) enums.add(definition.name.value)
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) otherTypes.add(definition.name.value)
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue
    if (directive(definition.directives, 'fulltext') !== undefined) hasFullText = true
    if (directive(definition.directives, 'aggregation') !== undefined) {
      otherTypes.add(definition.name.value)
      aggregated.set(definition.name.value, definition)
    }
    if (directive(definition.directives, 'entity') === undefined) continue
    objects.set(definition.name.value, definition)
    for (const { name } of definition.interfaces ?? []) {
      implementers.set(name.value, definition.name.value)
    }
  }
  const context = { objects, aggregated, enums, implementers }
  const entities = new Map(
    [...objects].map(([name, definition]) => [name, entityType(definition, context)]),
  )
  const types = [...aggregated.values()].map((definition) => ({
    definition,
    type: entityType(definition, context),
  }))
  const aggregations = readAggregations(types, entities)
  return { entities, aggregations, otherTypes, hasFullText, document }
}

type SchemaContext = {
  readonly objects: ReadonlyMap<string, ObjectTypeDefinitionNode>
  /** An entity may derive a field from one: its buckets. */
  readonly aggregated: ReadonlyMap<string, ObjectTypeDefinitionNode>
  readonly enums: ReadonlySet<string>
  readonly implementers: ReadonlyMap<string, string>
}

function entityType(definition: ObjectTypeDefinitionNode, context: SchemaContext): EntityType {
  const name = definition.name.value
  const entity = directive(definition.directives, 'entity')
  const isTimeseries = flag(entity, 'timeseries')
  const fields = new Map(
    (definition.fields ?? []).map((field) => [field.name.value, entityField(name, field, context)]),
  )
  return {
    name,
    idType: idTypeOf(definition),
    isImmutable: flag(entity, 'immutable') || isTimeseries,
    skipsDuplicates: flag(entity, 'skipDuplicates'),
    isTimeseries,
    fields,
  }
}

function entityField(
  owner: string,
  field: FieldDefinitionNode,
  context: SchemaContext,
): EntityField {
  const { typeName, isList, isRequired, hasNullItems } = unwrap(field.type)
  const derivedFrom = directive(field.directives, 'derivedFrom')
  const buckets = derivedFrom === undefined ? undefined : context.aggregated.get(typeName)
  const target = context.objects.get(context.implementers.get(typeName) ?? typeName) ?? buckets
  const scalar = context.enums.has(typeName) ? 'String' : SCALARS[typeName]
  if (scalar === undefined && target === undefined) {
    throw new EntitySchemaError(
      `expected a known type for ${owner}.${field.name.value}, found ${typeName}`,
    )
  }
  return {
    name: field.name.value,
    scalar: scalar ?? (target === undefined ? 'String' : idTypeOf(target)),
    isList,
    isRequired,
    hasNullItems,
    isEnum: context.enums.has(typeName),
    refersTo: scalar === undefined ? typeName : undefined,
    derivedFrom: derivedFrom === undefined ? undefined : textArgument(derivedFrom, 'field'),
  }
}

function idTypeOf(definition: ObjectTypeDefinitionNode): IdType {
  const id = definition.fields?.find(({ name }) => name.value === 'id')
  const found = id === undefined ? 'no id' : unwrap(id.type).typeName
  if (found === 'Bytes' || found === 'Int8') return found
  if (found === 'ID' || found === 'String') return 'String'
  throw new EntitySchemaError(
    `expected ${definition.name.value}.id of type ID, String, Bytes or Int8, found ${found}`,
  )
}

function unwrap(type: TypeNode): {
  readonly typeName: string
  readonly isList: boolean
  readonly isRequired: boolean
  readonly hasNullItems: boolean
} {
  if (type.kind === Kind.NAMED_TYPE) {
    return { typeName: type.name.value, isList: false, isRequired: false, hasNullItems: false }
  }
  const inner = unwrap(type.type)
  return type.kind === Kind.NON_NULL_TYPE
    ? { ...inner, isRequired: true }
    : { ...inner, isList: true, isRequired: false, hasNullItems: !inner.isRequired }
}

function directive(
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): ConstDirectiveNode | undefined {
  return directives?.find((candidate) => candidate.name.value === name)
}

function flag(node: ConstDirectiveNode | undefined, name: string): boolean {
  const value = node?.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.BOOLEAN && value.value
}

function textArgument(node: ConstDirectiveNode, name: string): string | undefined {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

function parseDocument(text: string): DocumentNode {
  try {
    return parse(text, { noLocation: true })
  } catch (cause) {
    const message = cause instanceof GraphQLError ? cause.message : String(cause)
    throw new EntitySchemaError(`expected a schema in GraphQL, found: ${message}`, cause)
  }
}

/** The schema of a subgraph cannot be stored. */
export class EntitySchemaError extends FatalError {
  constructor(message: string, cause?: unknown) {
    super('SUBGRAPH_SCHEMA_INVALID', message, {
      cause,
      hint: 'Mend schema.graphql and build the subgraph again.',
    })
  }
}
