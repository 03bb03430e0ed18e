import { type Entity, NULL_VALUE, type StoreValue, bytesText } from '../entity-cache/entity.ts'

/** The context of a created data source as text; none gives no text. */
export function contextText(context: Entity | undefined): string {
  if (context === undefined) return ''
  return JSON.stringify([...context].map(([name, value]) => [name, plain(value)]))
}

/** The context that {@link contextText} wrote. */
export function readContextText(text: string): Entity | undefined {
  if (text === '') return undefined
  const entries = JSON.parse(text) as readonly (readonly [string, Plain])[]
  return new Map(entries.map(([name, value]) => [name, storeValue(value)]))
}

type Plain = {
  readonly type: StoreValue['type']
  readonly text: string
  readonly items?: readonly Plain[]
}

function plain(value: StoreValue): Plain {
  const { type } = value
  if (type === 'Null') return { type, text: '' }
  if (type === 'List') return { type, text: '', items: value.value.map(plain) }
  if (type === 'Bytes') return { type, text: bytesText(value.value) }
  if (type !== 'BigDecimal') return { type, text: String(value.value) }
  const { digits, scale } = value.value
  return { type, text: `${digits} ${scale}` }
}

function storeValue({ type, text, items = [] }: Plain): StoreValue {
  switch (type) {
    case 'Null':
      return NULL_VALUE
    case 'List':
      return { type, value: items.map(storeValue) }
    case 'Bytes':
      return { type, value: new Uint8Array(Buffer.from(text.slice(2), 'hex')) }
    case 'BigDecimal': {
      const [digits = '0', scale = '0'] = text.split(' ')
      return { type, value: { digits: BigInt(digits), scale: Number(scale) } }
    }
    case 'BigInt':
    case 'Int8':
    case 'Timestamp':
      return { type, value: BigInt(text) }
    case 'String':
      return { type, value: text }
    case 'Int':
      return { type, value: Number(text) }
    case 'Bool':
      return { type, value: text === 'true' }
    default:
      return type satisfies never
  }
}
