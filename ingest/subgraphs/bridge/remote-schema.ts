import {
  type EntitySchema,
  type EntityType,
  parseEntitySchema,
} from '../entity-cache/entity-schema.ts'
import {
  type GraphData,
  type GraphNode,
  GraphNodeSchemaChangedError,
  fieldsOf,
  listOf,
  textOf,
} from './graph-node.ts'

/** What a subgraph in a graph-node stores, and how to ask for it. */
export type RemoteSchema = {
  readonly schema: EntitySchema
  readonly types: readonly RemoteType[]
}

/** An entity type and the field of `Query` that lists its entities. */
export type RemoteType = { readonly type: EntityType; readonly listName: string }

/**
 * Asks for the types of a subgraph. Without the text of its `schema.graphql` a schema is made of what
 * the API says of itself, which does not tell what is immutable.
 */
export async function readRemoteSchema(
  node: GraphNode,
  schemaText: string | undefined,
): Promise<RemoteSchema> {
  const { schema: answer } = await node.ask(INTROSPECTION)
  const found = typesOf(answer)
  const lists = listNames(found)
  const schema = parseEntitySchema(schemaText ?? schemaOf(found, lists))
  const types = [...schema.entities.values()].map((type) => {
    const listName = lists.get(type.name)
    const fields = new Set(membersOf(found.get(type.name), 'fields').map(nameOf))
    const missing = [...type.fields.keys()].find((name) => !fields.has(name))
    if (listName === undefined || missing !== undefined) {
      const what = listName === undefined ? type.name : `${type.name}.${missing}`
      throw new GraphNodeSchemaChangedError(node.shownUrl, `no ${what}`)
    }
    return { type, listName }
  })
  return { schema, types }
}

const TYPE_DEPTH = 'kind name ofType { kind name ofType { kind name ofType { kind name } } }'

const INTROSPECTION = `{ schema: __schema { types {
  kind
  name
  fields { name args { name type { ${TYPE_DEPTH} } } type { ${TYPE_DEPTH} } }
  inputFields { name }
  interfaces { name }
  enumValues { name }
} } }`

type Types = ReadonlyMap<string, GraphData>

function typesOf(answer: unknown): Types {
  const types = listOf(fieldsOf(answer)['types']).map(fieldsOf)
  return new Map(types.map((type) => [nameOf(type), type]))
}

/** By entity type; aggregations are listed by interval and have no filter by block. */
function listNames(types: Types): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const field of membersOf(types.get('Query'), 'fields')) {
    const { typeName, isList } = unwrapped(field['type'])
    const args = new Set(membersOf(field, 'args').map(nameOf))
    const filter = membersOf(types.get(`${typeName}_filter`), 'inputFields').map(nameOf)
    const isEntity = types.get(typeName)?.['kind'] === 'OBJECT' && filter.includes('_change_block')
    if (isList && isEntity && args.has('where') && !args.has('interval')) {
      names.set(typeName, nameOf(field))
    }
  }
  return names
}

function schemaOf(types: Types, lists: ReadonlyMap<string, string>): string {
  const definitions: string[] = []
  for (const [name, type] of types) {
    if (name.startsWith('__') || GENERATED.has(name)) continue
    if (type['kind'] === 'ENUM' && !name.endsWith('_orderBy')) {
      definitions.push(`enum ${name} { ${membersOf(type, 'enumValues').map(nameOf).join(' ')} }`)
    }
    if (type['kind'] === 'INTERFACE') definitions.push(`interface ${name} { id: ID! }`)
    if (lists.has(name)) definitions.push(entityOf(type, types))
  }
  return definitions.join('\n')
}

const GENERATED = new Set([
  'Aggregation_current',
  'Aggregation_interval',
  'LogLevel',
  'OrderDirection',
  '_SubgraphErrorPolicy_',
])

/** A derived field has no filter of its own name, but for one of what it leads to. */
function entityOf(type: GraphData, types: Types): string {
  const name = nameOf(type)
  const filter = new Set(membersOf(types.get(`${name}_filter`), 'inputFields').map(nameOf))
  const interfaces = membersOf(type, 'interfaces').map(nameOf)
  const fields = membersOf(type, 'fields')
    .filter((field) => filter.has(nameOf(field)))
    .map((field) => `  ${nameOf(field)}: ${typeText(field['type'])}`)
  const ofInterfaces = interfaces.length === 0 ? '' : ` implements ${interfaces.join(' & ')}`
  return `type ${name}${ofInterfaces} @entity(immutable: false) {\n${fields.join('\n')}\n}`
}

function typeText(value: unknown): string {
  const { kind, name, ofType } = fieldsOf(value)
  if (kind === 'NON_NULL') return `${typeText(ofType)}!`
  return kind === 'LIST' ? `[${typeText(ofType)}]` : String(name)
}

function unwrapped(value: unknown): { readonly typeName: string; readonly isList: boolean } {
  const { kind, name, ofType } = fieldsOf(value)
  if (kind === 'NON_NULL') return unwrapped(ofType)
  if (kind === 'LIST') return { ...unwrapped(ofType), isList: true }
  return { typeName: String(name), isList: false }
}

function membersOf(value: unknown, name: string): readonly GraphData[] {
  return listOf(fieldsOf(value)[name]).map(fieldsOf)
}

function nameOf(value: GraphData): string {
  return textOf(value['name'])
}
