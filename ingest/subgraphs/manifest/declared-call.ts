import type { CallArgument, DeclaredCall } from './manifest.ts'

const CALL = /^\s*(\w+)\s*\[\s*([^\]]+?)\s*\]\s*\.\s*(\w+)\s*\(([^)]*)\)\s*$/

/** Reads a call as manifests declare it, such as `Token[event.address].balanceOf(event.params.to)`. */
export function parseDeclaredCall(label: string, expression: string): DeclaredCall | undefined {
  const [, contractName, addressText, functionName, valueTexts] = CALL.exec(expression) ?? []
  if (contractName === undefined || functionName === undefined) return undefined
  const address = parseArgument(addressText ?? '')
  const texts = (valueTexts ?? '').trim() === '' ? [] : (valueTexts ?? '').split(',')
  const values: CallArgument[] = []
  for (const valueText of texts) {
    const value = parseArgument(valueText.trim())
    if (value === undefined) return undefined
    values.push(value)
  }
  if (address === undefined) return undefined
  return { label, contractName, functionName, address, values }
}

function parseArgument(text: string): CallArgument | undefined {
  if (text === 'event.address') return { type: 'event-address' }
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) {
    return { type: 'literal-address', address: text.toLowerCase() }
  }
  const path = /^event\.params\.([\w.]+)$/.exec(text)?.[1]?.split('.')
  return path === undefined || path.includes('') ? undefined : { type: 'parameter', path }
}
