import { parse } from 'yaml'

/** A value of a manifest: every scalar is text, so that addresses stay what they are. */
export type YamlNode = string | null | readonly YamlNode[] | { readonly [name: string]: YamlNode }

/**
 * Reads YAML whose scalars stay text.
 *
 * @throws the error of the parser.
 */
export function parseYaml(content: string): YamlNode {
  return parse(content, { schema: 'failsafe', maxAliasCount: 100 }) as YamlNode
}

/** The value under the name, where the node is a map that has it. */
export function member(
  node: YamlNode | undefined,
  ...names: readonly string[]
): YamlNode | undefined {
  let current = node
  for (const name of names) {
    if (typeof current !== 'object' || current === null || isList(current)) return undefined
    current = Object.hasOwn(current, name) ? current[name] : undefined
  }
  return current
}

/** The text under the name. */
export function text(node: YamlNode | undefined, ...names: readonly string[]): string | undefined {
  const value = member(node, ...names)
  return typeof value === 'string' ? value : undefined
}

/** The items under the name; none where there is no list. */
export function items(
  node: YamlNode | undefined,
  ...names: readonly string[]
): readonly YamlNode[] {
  const value = member(node, ...names)
  return value !== undefined && isList(value) ? value : []
}

/** The names and values of a map; none where there is no map. */
export function entries(node: YamlNode | undefined): readonly (readonly [string, YamlNode])[] {
  return typeof node === 'object' && node !== null && !isList(node) ? Object.entries(node) : []
}

function isList(node: YamlNode): node is readonly YamlNode[] {
  return Array.isArray(node)
}
