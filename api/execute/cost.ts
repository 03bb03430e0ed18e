import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql'

import { PAGE_SIZE_DEFAULT } from '../graphql/page.ts'

/** What a field costs, as its `extensions.cost` says. */
export type FieldCost = {
  /** Statements that it runs, once per level however many rows the level has. */
  readonly statements?: number
  /** Whether its rows are as many as its `first` argument says. */
  readonly list?: boolean
  /** How many rows it is taken to have, when they are not counted by `first`. */
  readonly rows?: number
  /** Whether its statements run for each row anew. */
  readonly perRow?: boolean
}

/** What an operation asks for, counted before anything runs. */
export type OperationCost = {
  /** `rows + 10 * statements`: what is limited. */
  readonly points: number
  readonly rows: number
  readonly statements: number
  readonly depth: number
  readonly aliases: number
  readonly rootFields: number
}

/** The points of one statement, in rows. */
const STATEMENT_POINTS = 10

type Part = {
  readonly rows: number
  readonly statements: number
  readonly perRowStatements: number
  readonly depth: number
  readonly aliases: number
}

const NOTHING: Part = { rows: 0, statements: 0, perRowStatements: 0, depth: 0, aliases: 0 }

type Walk = {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: Readonly<Record<string, unknown>>
  /** Each fragment is measured once per type: nested spreads would otherwise take exponential time. */
  readonly measured: Map<string, Part>
}

/**
 * What an operation costs with these coerced variables: literals, variables, fragments and aliases
 * all count alike.
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationCost {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition)
    }
  }
  const walk: Walk = { schema, fragments, variables, measured: new Map() }
  const root = schema.getRootType(operation.operation) ?? undefined
  const part = root === undefined ? NOTHING : selectionCost(walk, operation.selectionSet, root)
  const statements = part.statements + part.perRowStatements
  return {
    points: part.rows + STATEMENT_POINTS * statements,
    rows: part.rows,
    statements,
    depth: part.depth,
    aliases: part.aliases,
    rootFields: rootFieldCount(walk, operation.selectionSet, new Map()),
  }
}

function selectionCost(walk: Walk, selectionSet: SelectionSetNode, type: GraphQLNamedType): Part {
  let total = NOTHING
  for (const selection of selectionSet.selections) {
    if (isLeftOut(walk, selection)) continue
    if (selection.kind === Kind.FIELD) {
      total = together(total, fieldCost(walk, selection, type))
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const target = typeNamed(walk, selection.typeCondition?.name.value) ?? type
      total = together(total, selectionCost(walk, selection.selectionSet, target))
    } else {
      total = together(total, fragmentCost(walk, selection.name.value))
    }
  }
  return total
}

function fragmentCost(walk: Walk, name: string): Part {
  const known = walk.measured.get(name)
  if (known !== undefined) return known
  const fragment = walk.fragments.get(name)
  const type = typeNamed(walk, fragment?.typeCondition.name.value)
  const part =
    fragment === undefined || type === undefined
      ? NOTHING
      : selectionCost(walk, fragment.selectionSet, type)
  walk.measured.set(name, part)
  return part
}

function fieldCost(walk: Walk, node: FieldNode, parent: GraphQLNamedType): Part {
  const name = node.name.value
  const aliases = node.alias === undefined ? 0 : 1
  // Introspection has limits of its own in graphql-js.
  if (name.startsWith('__')) return { ...NOTHING, aliases }
  const field =
    isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
  if (field === undefined) return { ...NOTHING, aliases }
  const type = getNamedType(field.type)
  if (isLeafType(type) && field.extensions['cost'] === undefined) {
    return { ...NOTHING, depth: 1, aliases }
  }
  const cost = (field.extensions['cost'] ?? {}) as FieldCost
  const child =
    node.selectionSet === undefined ? NOTHING : selectionCost(walk, node.selectionSet, type)
  const rows = cost.list === true ? firstOf(walk, node, parent, name) : (cost.rows ?? 0)
  const each = Math.max(rows, 1)
  const own = cost.statements ?? 0
  const isRow = rows > 0 || own > 0
  return {
    rows: (isRow ? each : 0) + each * child.rows,
    statements: (cost.perRow === true ? 0 : own) + child.statements,
    perRowStatements: (cost.perRow === true ? own : 0) + each * child.perRowStatements,
    depth: 1 + child.depth,
    aliases: aliases + child.aliases,
  }
}

function firstOf(walk: Walk, node: FieldNode, parent: GraphQLNamedType, name: string): number {
  const field = (parent as GraphQLObjectType).getFields()[name]
  if (field === undefined) return PAGE_SIZE_DEFAULT
  try {
    const first = getArgumentValues(field, node, walk.variables)['first']
    return typeof first === 'number' && first > 0 ? first : PAGE_SIZE_DEFAULT
  } catch {
    // Arguments that do not coerce are refused when the operation is executed.
    return PAGE_SIZE_DEFAULT
  }
}

function rootFieldCount(
  walk: Walk,
  selectionSet: SelectionSetNode,
  counted: Map<string, number>,
): number {
  let count = 0
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) count += 1
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      count += rootFieldCount(walk, selection.selectionSet, counted)
    } else {
      const name = selection.name.value
      const fragment = walk.fragments.get(name)
      if (!counted.has(name) && fragment !== undefined) {
        counted.set(name, rootFieldCount(walk, fragment.selectionSet, counted))
      }
      count += counted.get(name) ?? 0
    }
  }
  return count
}

function isLeftOut(walk: Walk, node: SelectionSetNode['selections'][number]): boolean {
  if (node.directives === undefined || node.directives.length === 0) return false
  try {
    const skip = getDirectiveValues(GraphQLSkipDirective, node, walk.variables)
    const include = getDirectiveValues(GraphQLIncludeDirective, node, walk.variables)
    return skip?.['if'] === true || include?.['if'] === false
  } catch {
    return false
  }
}

function typeNamed(walk: Walk, name: string | undefined): GraphQLNamedType | undefined {
  return name === undefined ? undefined : walk.schema.getType(name)
}

function together(a: Part, b: Part): Part {
  return {
    rows: a.rows + b.rows,
    statements: a.statements + b.statements,
    perRowStatements: a.perRowStatements + b.perRowStatements,
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
  }
}
