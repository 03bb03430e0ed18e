/** The rules of an epoch as published on chain, read for display. */
export type PublishedRuleset = {
  readonly firstBlock: number
  readonly epochBlockCount: number
  /** Every parameter by its path, as the canonical JSON writes it. */
  readonly parameters: readonly (readonly [string, string])[]
}

/** Reads a ruleset's canonical JSON; nothing when it is not one. */
export function readRuleset(json: string): PublishedRuleset | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  const parameters = flatten('', value)
  const byPath = new Map(parameters)
  const firstBlock = Number(byPath.get('firstBlock'))
  const epochBlockCount = Number(byPath.get('epochBlockCount'))
  if (!Number.isSafeInteger(firstBlock) || !Number.isSafeInteger(epochBlockCount)) return undefined
  return { firstBlock, epochBlockCount, parameters }
}

/** A fraction of 2^32 as a percentage of up to six digits, cut off. */
export function formatQ32(text: string): string {
  const scaled = (BigInt(text) * 100_000_000n) >> 32n
  const digits = scaled.toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  return `${digits.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}%`
}

function flatten(path: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  return Object.entries(value).flatMap(([name, inner]) =>
    flatten(path === '' ? name : `${path}.${name}`, inner),
  )
}
