import { type ColumnType, FatalError } from '@foggara/schema'

/** Collects the named parameters of one statement; values never become part of the SQL text. */
export type Parameters = {
  readonly values: Record<string, unknown>
  /** Binds a value and returns SQL that yields it in the column's own type. */
  one(type: ColumnType, value: string | number | boolean): string
  /** Binds a list and returns SQL of an array in the column's own type. */
  many(type: ColumnType, values: readonly string[]): string
}

const ITEM_OF: Partial<Record<ColumnType, ColumnType>> = {
  'Array(FixedString(20))': 'FixedString(20)',
  'Array(FixedString(32))': 'FixedString(32)',
  'Array(String)': 'String',
  'Array(UInt64)': 'UInt64',
  'Nullable(UInt64)': 'UInt64',
  'LowCardinality(String)': 'String',
}

const FIXED_LENGTH: Partial<Record<ColumnType, number>> = {
  'FixedString(20)': 20,
  'FixedString(32)': 32,
}

const INTEGER = /^U?Int[0-9]+$/

/** An empty set of parameters. */
export function createParameters(): Parameters {
  const values: Record<string, unknown> = {}
  const bind = (value: unknown, type: string): string => {
    const name = `p${Object.keys(values).length}`
    values[name] = value
    return `{${name}:${type}}`
  }
  return {
    values,
    one(type, value) {
      const item = ITEM_OF[type] ?? type
      const length = FIXED_LENGTH[item]
      if (INTEGER.test(item)) return bind(integerOf(item, value).toString(), item)
      if (length === undefined) return bind(value, item === 'Bytes' ? 'String' : item)
      return `toFixedString(unhex(${bind(bareHex(value), 'String')}), ${length})`
    },
    many(type, list) {
      const item = ITEM_OF[type] ?? type
      const length = FIXED_LENGTH[item]
      if (INTEGER.test(item)) {
        return bind(
          list.map((value) => integerOf(item, value)),
          `Array(${item})`,
        )
      }
      if (length === undefined) return bind(list, `Array(${item === 'Bytes' ? 'String' : item})`)
      const bound = bind(list.map(bareHex), 'Array(String)')
      return `arrayMap(item -> toFixedString(unhex(item), ${length}), ${bound})`
    },
  }
}

/** ClickHouse wraps what is out of range, so that another row could be found. */
function integerOf(type: ColumnType, value: string | number | boolean): bigint {
  const text = String(value)
  if (!/^-?[0-9]{1,78}$/.test(text)) throw new ParameterMalformedError(type, text)
  const integer = BigInt(text)
  const bits = BigInt(type.replace(/^U?Int/, ''))
  const isSigned = type.startsWith('Int')
  const low = isSigned ? -(1n << (bits - 1n)) : 0n
  const high = 1n << (isSigned ? bits - 1n : bits)
  if (integer < low || integer >= high) throw new ParameterMalformedError(type, text)
  return integer
}

function bareHex(value: string | number | boolean): string {
  const text = String(value)
  if (!/^0x[0-9a-f]*$/.test(text)) throw new ParameterMalformedError('0x… in lower case', text)
  return text.slice(2)
}

/** A value does not fit the column that it is compared with. */
export class ParameterMalformedError extends FatalError {
  constructor(expected: string, found: string) {
    const shown = JSON.stringify(found.slice(0, 80))
    super('PARAMETER_MALFORMED', `expected ${expected}, found ${shown}`)
  }
}
