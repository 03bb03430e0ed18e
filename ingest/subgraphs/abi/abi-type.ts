/** A type of a contract's ABI. */
export type AbiType =
  | { readonly type: 'address' | 'bool' | 'string' | 'bytes' | 'function' }
  | { readonly type: 'fixedBytes'; readonly size: number }
  | { readonly type: 'int' | 'uint'; readonly bits: number }
  | { readonly type: 'array'; readonly item: AbiType }
  | { readonly type: 'fixedArray'; readonly item: AbiType; readonly length: number }
  | { readonly type: 'tuple'; readonly members: readonly AbiType[] }

/** A parameter as the JSON of an ABI holds it. */
export type AbiParameter = {
  readonly name?: string
  readonly type: string
  readonly indexed?: boolean
  readonly components?: readonly AbiParameter[]
}

/** The type of a parameter; undefined where there is no such type. */
export function parameterType(parameter: AbiParameter): AbiType | undefined {
  return parseAbiType(canonicalType(parameter))
}

/** The type as signatures write it: tuples by their members. */
export function canonicalType({ type, components = [] }: AbiParameter): string {
  if (!type.startsWith('tuple')) return type
  return `(${components.map(canonicalType).join(',')})${type.slice('tuple'.length)}`
}

/** Reads a type as signatures write it, such as `(address,uint256[2])[]`. */
export function parseAbiType(text: string): AbiType | undefined {
  const reader = { text: text.replaceAll(' ', ''), at: 0 }
  const type = readType(reader)
  return reader.at === reader.text.length ? type : undefined
}

/** Whether a value of the type takes its place elsewhere, behind an offset. */
export function isDynamic(type: AbiType): boolean {
  if (type.type === 'string' || type.type === 'bytes' || type.type === 'array') return true
  if (type.type === 'fixedArray') return isDynamic(type.item)
  return type.type === 'tuple' && type.members.some(isDynamic)
}

/** How many bytes a value takes in place. */
export function headLength(type: AbiType): number {
  if (isDynamic(type)) return 32
  if (type.type === 'fixedArray') return type.length * headLength(type.item)
  if (type.type !== 'tuple') return 32
  return type.members.reduce((sum, member) => sum + headLength(member), 0)
}

type TypeReader = { readonly text: string; at: number }

function readType(reader: TypeReader): AbiType | undefined {
  let type = reader.text[reader.at] === '(' ? readTuple(reader) : readWord(reader)
  while (type !== undefined && reader.text[reader.at] === '[') {
    const end = reader.text.indexOf(']', reader.at)
    const length = reader.text.slice(reader.at + 1, end)
    if (end < 0 || !/^\d*$/.test(length)) return undefined
    reader.at = end + 1
    type =
      length === ''
        ? { type: 'array', item: type }
        : { type: 'fixedArray', item: type, length: Number(length) }
  }
  return type
}

function readTuple(reader: TypeReader): AbiType | undefined {
  const members: AbiType[] = []
  reader.at += 1
  if (reader.text[reader.at] === ')') {
    reader.at += 1
    return { type: 'tuple', members }
  }
  for (;;) {
    const member = readType(reader)
    if (member === undefined) return undefined
    members.push(member)
    const next = reader.text[reader.at]
    reader.at += 1
    if (next === ')') return { type: 'tuple', members }
    if (next !== ',') return undefined
  }
}

function readWord(reader: TypeReader): AbiType | undefined {
  const word = /^[a-z]+\d*/.exec(reader.text.slice(reader.at))?.[0] ?? ''
  reader.at += word.length
  if (word === 'address' || word === 'bool' || word === 'string' || word === 'bytes') {
    return { type: word }
  }
  if (word === 'function') return { type: word }
  const [, name, digits] = /^(bytes|int|uint)(\d*)$/.exec(word) ?? []
  if (name === undefined) return undefined
  const size = digits === '' ? 256 : Number(digits)
  if (name === 'bytes') return size >= 1 && size <= 32 ? { type: 'fixedBytes', size } : undefined
  if (size < 8 || size > 256 || size % 8 !== 0) return undefined
  return { type: name === 'int' ? 'int' : 'uint', bits: size }
}
