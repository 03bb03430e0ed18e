import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Kind,
  buildSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  print,
  typeFromAST,
  validate,
} from 'graphql'

/** A TypeScript module generated from one document. */
export type GeneratedModule = { readonly file: string; readonly text: string }

type Scope = {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
}

const NUMBERS = new Set(['Int', 'Float', 'SafeInt'])

/** The folder of the documents, and of the modules made from them. */
export const DOCUMENT_FOLDER = import.meta.dirname

/** Reads every document of the dashboards, in the order of their names. */
export function readDocuments(): ReadonlyMap<string, DocumentNode> {
  const names = readdirSync(DOCUMENT_FOLDER).filter((name) => name.endsWith('.graphql'))
  return new Map(
    names
      .toSorted()
      .map((name) => [
        name.replace('.graphql', ''),
        parse(readFileSync(path.join(DOCUMENT_FOLDER, name), 'utf8'), { noLocation: true }),
      ]),
  )
}

/** The API's schema as it is committed. */
export function readSchema(): GraphQLSchema {
  const file = path.join(DOCUMENT_FOLDER, '../../api/schema.graphql')
  return buildSchema(readFileSync(file, 'utf8'))
}

/** What is wrong with the documents under a schema, one line each. */
export function problemsOf(
  schema: GraphQLSchema,
  documents: ReadonlyMap<string, DocumentNode>,
): readonly string[] {
  const definitions = [...documents.values()].flatMap((document) => document.definitions)
  return validate(schema, { kind: Kind.DOCUMENT, definitions }).map((error) => error.message)
}

/** Typed operations for every document that holds one. */
export function generate(
  schema: GraphQLSchema,
  documents: ReadonlyMap<string, DocumentNode>,
): readonly GeneratedModule[] {
  const definitions = [...documents.values()].flatMap((document) => document.definitions)
  const fragments = new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  )
  const scope = { schema, fragments }
  const modules: GeneratedModule[] = []
  for (const [file, document] of documents) {
    const own = document.definitions
    const parts = [
      ...own.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map(fragmentType(scope)),
      ...own.filter((node) => node.kind === Kind.OPERATION_DEFINITION).map(operationParts(scope)),
    ]
    const used = new Set(own.flatMap((node) => spreadsIn(node)))
    const foreign = [...used].filter((name) => !definedIn(document, name)).toSorted()
    modules.push({ file: `${file}.ts`, text: moduleText(document, parts, foreign) })
  }
  return modules
}

function moduleText(
  document: DocumentNode,
  parts: readonly string[],
  foreign: readonly string[],
): string {
  const hasOperation = document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const imports = [
    foreign.length === 0 ? '' : `import type { ${foreign.join(', ')} } from './fragments.ts'\n`,
    hasOperation ? `import type { Operation } from './operation.ts'\n` : '',
  ]
  const note = '// Generated from the document of the same name by generate.ts; edit that.\n'
  return `${note}${imports.join('')}\n${parts.join('\n')}`
}

function definedIn(document: DocumentNode, fragment: string): boolean {
  return document.definitions.some(
    (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === fragment,
  )
}

function fragmentType(scope: Scope): (fragment: FragmentDefinitionNode) => string {
  return (fragment) => {
    const on = compositeOf(scope, fragment)
    const text = selectionType(scope, fragment.selectionSet, on)
    return `/** Fields of \`${on.name}\`. */\nexport type ${fragment.name.value} = ${text}\n`
  }
}

function operationParts(scope: Scope): (operation: OperationDefinitionNode) => string {
  return (operation) => {
    const name = operation.name?.value ?? 'Unnamed'
    const root = scope.schema.getQueryType()
    if (!root) throw new TypeError('expected a schema with queries')
    const data = selectionType(scope, operation.selectionSet, root)
    const variables = (operation.variableDefinitions ?? []).map((definition) => {
      const type = typeFromAST(scope.schema, definition.type)
      const optional = !isNonNullType(type) || definition.defaultValue !== undefined
      const text = isInputType(type) ? inputType(type) : 'unknown'
      const mark = optional ? '?' : ''
      return `readonly ${definition.variable.name.value}${mark}: ${text}${optional ? ' | undefined' : ''}`
    })
    const texts = [operation, ...reachableFragments(scope, operation)].map((node) => print(node))
    const constant = `${name.charAt(0).toLowerCase()}${name.slice(1)}Operation`
    return [
      `/** What \`${name}\` answers. */\nexport type ${name}Data = ${data}\n`,
      `/** What \`${name}\` is asked with. */\nexport type ${name}Variables = { ${variables.join('; ')} }\n`,
      `/** The operation \`${name}\`. */\nexport const ${constant}: Operation<${name}Data, ${name}Variables> = {`,
      `  name: '${name}',\n  text: \`${texts.join('\n\n')}\`,\n}\n`,
    ].join('\n')
  }
}

function selectionType(
  scope: Scope,
  selection: SelectionSetNode,
  parent: GraphQLCompositeType,
): string {
  if (isAbstractType(parent)) {
    const types = scope.schema.getPossibleTypes(parent)
    return types.map((type) => `(${objectType(scope, selection, type.name)})`).join(' | ')
  }
  return objectType(scope, selection, parent.name)
}

function objectType(scope: Scope, selection: SelectionSetNode, typeName: string): string {
  const type = scope.schema.getType(typeName)
  if (!isObjectType(type)) throw new TypeError(`expected an object type, found ${typeName}`)
  const fields: string[] = []
  const spreads: string[] = []
  for (const node of selection.selections) {
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      spreads.push(node.name.value)
    } else if (node.kind === Kind.INLINE_FRAGMENT) {
      const condition = node.typeCondition?.name.value ?? typeName
      if (condition === typeName) spreads.push(objectType(scope, node.selectionSet, typeName))
    } else if (node.name.value === '__typename') {
      fields.push(`readonly __typename: '${typeName}'`)
    } else {
      const definition = type.getFields()[node.name.value]
      if (definition === undefined) throw new TypeError(`no field ${typeName}.${node.name.value}`)
      const key = node.alias?.value ?? node.name.value
      const text = outputType(scope, node, definition.type)
      fields.push(isConditional(node) ? `readonly ${key}?: ${text}` : `readonly ${key}: ${text}`)
    }
  }
  const own = fields.length === 0 ? [] : [`{ ${fields.join('; ')} }`]
  return [...spreads, ...own].join(' & ')
}

/** A field under `@include` or `@skip` may be absent. */
function isConditional(node: FieldNode): boolean {
  return node.directives?.some(({ name }) => /^(include|skip)$/.test(name.value)) ?? false
}

function outputType(scope: Scope, node: FieldNode, type: GraphQLOutputType): string {
  if (!isNonNullType(type)) return `${present(scope, node, type)} | null`
  return present(scope, node, type.ofType)
}

function present(scope: Scope, node: FieldNode, type: GraphQLOutputType): string {
  if (isListType(type)) return `readonly (${outputType(scope, node, type.ofType)})[]`
  const named = getNamedType(type)
  if (isCompositeType(named) && node.selectionSet !== undefined) {
    return selectionType(scope, node.selectionSet, named)
  }
  return leafType(named)
}

function inputType(type: GraphQLInputType): string {
  if (isNonNullType(type)) return inputType(type.ofType)
  if (isListType(type)) return `readonly (${inputType(type.ofType)})[]`
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map((field) => {
      const required = isNonNullType(field.type) && field.defaultValue === undefined
      const text = inputType(field.type)
      return `readonly ${field.name}${required ? '' : '?'}: ${text}${required ? '' : ' | undefined'}`
    })
    return `{ ${fields.join('; ')} }`
  }
  return leafType(type)
}

function leafType(type: { readonly name: string }): string {
  if (isEnumType(type)) {
    return type
      .getValues()
      .map((value) => `'${value.name}'`)
      .join(' | ')
  }
  if (NUMBERS.has(type.name)) return 'number'
  return type.name === 'Boolean' ? 'boolean' : 'string'
}

function compositeOf(scope: Scope, fragment: FragmentDefinitionNode): GraphQLCompositeType {
  const type = scope.schema.getType(fragment.typeCondition.name.value)
  if (!isCompositeType(type)) throw new TypeError(`no type for fragment ${fragment.name.value}`)
  return type
}

function reachableFragments(
  scope: Scope,
  operation: OperationDefinitionNode,
): readonly FragmentDefinitionNode[] {
  const found = new Map<string, FragmentDefinitionNode>()
  const walk = (names: readonly string[]): void => {
    for (const name of names) {
      const fragment = scope.fragments.get(name)
      if (fragment === undefined || found.has(name)) continue
      found.set(name, fragment)
      walk(spreadsIn(fragment))
    }
  }
  walk(spreadsIn(operation))
  return [...found.values()]
}

function spreadsIn(node: object): readonly string[] {
  const names: string[] = []
  JSON.stringify(node, (_key, value: unknown) => {
    if (isSpread(value)) names.push(value.name.value)
    return value
  })
  return names
}

function isSpread(value: unknown): value is { readonly name: { readonly value: string } } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === Kind.FRAGMENT_SPREAD
  )
}

if (process.argv[1] === import.meta.filename) {
  const schema = readSchema()
  const documents = readDocuments()
  const problems = problemsOf(schema, documents)
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`)
    process.exitCode = 1
  } else {
    for (const { file, text } of generate(schema, documents)) {
      writeFileSync(path.join(DOCUMENT_FOLDER, file), text)
    }
  }
}
