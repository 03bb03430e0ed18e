import type { Entity, StoreValue } from '../entity-cache/entity.ts'
import { parseDecimal } from '../numbers/big-decimal.ts'
import { parseDecimalInteger } from '../numbers/big-int.ts'
import type { Findings } from './finding.ts'
import { entries, items, member, text, type YamlNode } from './yaml-node.ts'

/** Reads the context that a manifest gives a data source; undefined where there is none. */
export function readContext(
  source: YamlNode,
  where: string,
  findings: Findings,
): Entity | undefined {
  const node = member(source, 'context')
  if (node === undefined) return undefined
  const context = new Map<string, StoreValue>()
  for (const [name, value] of entries(node)) {
    const read = contextValue(value)
    if (read !== undefined) context.set(name, read)
    else {
      findings.all.push({
        code: 'SUBGRAPH_MANIFEST_INVALID',
        where,
        message: `expected a type and data for ${name} in the context, found something else`,
        hint: 'Write the value as {type: String, data: …}; see The Graph’s manual on contexts.',
      })
    }
  }
  return context
}

function contextValue(node: YamlNode): StoreValue | undefined {
  const type = text(node, 'type')
  if (type === 'List') {
    const values = items(node, 'data').map(contextValue)
    const known = values.filter((value) => value !== undefined)
    return known.length === values.length ? { type, value: known } : undefined
  }
  const content = text(node, 'data')
  return type === undefined || content === undefined ? undefined : scalarValue(type, content)
}

function scalarValue(type: string, content: string): StoreValue | undefined {
  switch (type) {
    case 'String':
      return { type, value: content }
    case 'Bool':
      return content === 'true' || content === 'false'
        ? { type, value: content === 'true' }
        : undefined
    case 'Bytes':
      return /^(0x)?([0-9a-fA-F]{2})*$/.test(content)
        ? { type, value: new Uint8Array(Buffer.from(content.replace(/^0x/, ''), 'hex')) }
        : undefined
    case 'Int':
    case 'Int8':
    case 'BigInt':
    case 'Timestamp': {
      const value = parseDecimalInteger(content)
      if (value === undefined) return undefined
      return type === 'Int' ? { type, value: Number(value) } : { type, value }
    }
    case 'BigDecimal': {
      const value = parseDecimal(content)
      return value === undefined ? undefined : { type, value }
    }
    default:
      return undefined
  }
}
