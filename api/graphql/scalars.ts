import { GraphQLError, Kind, type ValueNode } from 'graphql'

import { builder } from './builder.ts'

const DECIMAL = /^-?(0|[1-9][0-9]{0,77})$/

builder.scalarType('BigInt', {
  description:
    'An integer of any size as decimal text, for example "1000000000000000000". Input may also be an integer literal.',
  serialize: decimalOf,
  parseValue: decimalOf,
  parseLiteral: (node) => decimalOf(literalText(node)),
})

builder.scalarType('SafeInt', {
  description: 'A whole number below 2^53, as a JSON number: blocks, counts, seconds.',
  serialize: safeIntegerOf,
  parseValue: safeIntegerOf,
  parseLiteral: (node) => safeIntegerOf(Number(literalText(node))),
})

defineHex('Address', 'An account: 0x and 40 hexadecimal digits, lower case.', 20)
defineHex('Bytes32', 'An id or hash: 0x and 64 hexadecimal digits, lower case.', 32)
defineHex('Bytes', 'Bytes: 0x and hexadecimal digits, lower case.', undefined)

function defineHex(
  name: 'Address' | 'Bytes32' | 'Bytes',
  description: string,
  byteLength: number | undefined,
): void {
  const pattern =
    byteLength === undefined
      ? /^0x([0-9a-f]{2})*$/i
      : new RegExp(`^0x[0-9a-f]{${byteLength * 2}}$`, 'i')
  const parse = (value: unknown): string => {
    if (typeof value !== 'string' || !pattern.test(value)) {
      throw badInput(`${name}: expected ${description}`, value)
    }
    return value.toLowerCase()
  }
  builder.scalarType(name, {
    description,
    serialize: (value) => value,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
  })
}

function decimalOf(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value.toString()
  if (typeof value === 'string' && DECIMAL.test(value)) return value
  throw badInput('BigInt: expected an integer as decimal text', value)
}

function safeIntegerOf(value: unknown): number {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw badInput('SafeInt: expected a whole number below 2^53', value)
}

function literalText(node: ValueNode): string | undefined {
  return node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined
}

function badInput(message: string, value: unknown): GraphQLError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value
  return new GraphQLError(`${message}, found ${shown}`)
}
