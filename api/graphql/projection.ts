import {
  type FieldNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
  isObjectType,
} from 'graphql'

const CACHE = new WeakMap<SelectionSetNode, Map<string, readonly string[]>>()

/**
 * The columns that a selection of type `name` needs. Conditions of `@include` and `@skip` are not
 * looked at, so the answer depends on the document alone and is kept with it.
 */
export function selectionColumns(info: GraphQLResolveInfo, name: string): readonly string[] {
  return unionOf(info.fieldNodes.map((node) => columnsOf(info, node.selectionSet, name)))
}

/** The columns that the nodes of a connection of type `name` need. */
export function connectionColumns(info: GraphQLResolveInfo, name: string): readonly string[] {
  const edges = below(info, info.fieldNodes, 'edges')
  const nodes = [...below(info, info.fieldNodes, 'nodes'), ...below(info, edges, 'node')]
  return unionOf(nodes.map((node) => columnsOf(info, node.selectionSet, name)))
}

/** The columns that a sub-field, which gives rows of type `name`, needs. */
export function fieldColumns(
  info: GraphQLResolveInfo,
  field: string,
  name: string,
): readonly string[] {
  const nodes = below(info, info.fieldNodes, field)
  return unionOf(nodes.map((node) => columnsOf(info, node.selectionSet, name)))
}

/** The names of the fields selected, once each. */
export function selectedFields(info: GraphQLResolveInfo): readonly string[] {
  const nodes = info.fieldNodes.flatMap((node) => fieldsOf(info, node.selectionSet))
  return unionOf([nodes.map((node) => node.name.value)])
}

function below(
  info: GraphQLResolveInfo,
  nodes: readonly FieldNode[],
  field: string,
): readonly FieldNode[] {
  return nodes.flatMap((node) =>
    fieldsOf(info, node.selectionSet).filter((child) => child.name.value === field),
  )
}

function columnsOf(
  info: GraphQLResolveInfo,
  selectionSet: SelectionSetNode | undefined,
  name: string,
): readonly string[] {
  if (selectionSet === undefined) return []
  const known = CACHE.get(selectionSet) ?? new Map<string, readonly string[]>()
  CACHE.set(selectionSet, known)
  const cached = known.get(name)
  if (cached !== undefined) return cached
  const type = info.schema.getType(name)
  const fields = isObjectType(type) ? type.getFields() : {}
  const columns = unionOf(
    fieldsOf(info, selectionSet).map((node) => {
      const found: unknown = fields[node.name.value]?.extensions['columns']
      return Array.isArray(found) ? (found as readonly string[]) : []
    }),
  )
  known.set(name, columns)
  return columns
}

function fieldsOf(
  info: GraphQLResolveInfo,
  selectionSet: SelectionSetNode | undefined,
): readonly FieldNode[] {
  return (selectionSet?.selections ?? []).flatMap((selection): readonly FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(info, selection.selectionSet)
    return fieldsOf(info, info.fragments[selection.name.value]?.selectionSet)
  })
}

function unionOf(lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].toSorted()
}
