import { DeterministicError } from '../failure.ts'
import type { Pointer } from '../heap/asc-heap.ts'
import type { WasmFunction } from '../heap/web-assembly.ts'
import {
  add,
  type BigDecimal,
  divide,
  equals,
  formatDecimal,
  multiply,
  normalise,
  parseDecimal,
  subtract,
} from '../numbers/big-decimal.ts'
import { parseDecimalInteger, withinBits } from '../numbers/big-int.ts'
import type { HostState } from './host-functions.ts'

/** The arithmetic that mappings leave to the host. */
export function numberFunctions(state: HostState): Readonly<Record<string, WasmFunction>> {
  return { ...integerFunctions(state), ...decimalFunctions(state) }
}

function integerFunctions({ heap }: HostState): Readonly<Record<string, WasmFunction>> {
  const binary = (calculate: (x: bigint, y: bigint) => bigint) => (x: Pointer, y: Pointer) => {
    const value = calculate(heap().readBigInt(x), heap().readBigInt(y))
    return heap().writeBigInt(withinBits(value))
  }
  const withByte = (calculate: (x: bigint, y: bigint) => bigint) => (x: Pointer, byte: number) => {
    const value = calculate(heap().readBigInt(x), BigInt(byte & 0xff))
    return heap().writeBigInt(withinBits(value))
  }
  return {
    'bigInt.plus': binary((x, y) => x + y),
    'bigInt.minus': binary((x, y) => x - y),
    'bigInt.times': binary((x, y) => x * y),
    'bigInt.dividedBy': binary((x, y) => {
      if (y === 0n) throw new DeterministicError(`attempted to divide BigInt \`${x}\` by zero`)
      return x / y
    }),
    'bigInt.mod': binary((x, y) => {
      if (y !== 0n) return x % y
      throw new DeterministicError(
        `attempted to calculate the remainder of \`${x}\` with a divisor of zero`,
      )
    }),
    'bigInt.bitOr': binary((x, y) => x | y),
    'bigInt.bitAnd': binary((x, y) => x & y),
    'bigInt.pow': withByte((x, exponent) => x ** exponent),
    'bigInt.leftShift': withByte((x, bits) => x << bits),
    'bigInt.rightShift': withByte((x, bits) => x >> bits),
    'bigInt.fromString': (text: Pointer) => {
      const digits = heap().readString(text)
      const value = parseDecimalInteger(digits)
      if (value === undefined) {
        throw new DeterministicError(`string is not a BigInt: \`${digits}\``)
      }
      return heap().writeBigInt(withinBits(value))
    },
    'bigInt.dividedByDecimal': (x: Pointer, y: Pointer) => {
      const numerator = normalise(heap().readBigInt(x), 0)
      return heap().writeBigDecimal(quotient(numerator, heap().readBigDecimal(y)))
    },
  }
}

function decimalFunctions({ heap }: HostState): Readonly<Record<string, WasmFunction>> {
  const binary =
    (calculate: (x: BigDecimal, y: BigDecimal) => BigDecimal) => (x: Pointer, y: Pointer) =>
      heap().writeBigDecimal(calculate(heap().readBigDecimal(x), heap().readBigDecimal(y)))
  return {
    'bigDecimal.plus': binary(add),
    'bigDecimal.minus': binary(subtract),
    'bigDecimal.times': binary(multiply),
    'bigDecimal.dividedBy': binary(quotient),
    'bigDecimal.equals': (x: Pointer, y: Pointer) =>
      equals(heap().readBigDecimal(x), heap().readBigDecimal(y)) ? 1 : 0,
    'bigDecimal.toString': (value: Pointer) =>
      heap().writeString(formatDecimal(heap().readBigDecimal(value))),
    'bigDecimal.fromString': (text: Pointer) => {
      const digits = heap().readString(text)
      const value = parseDecimal(digits)
      if (value !== undefined) return heap().writeBigDecimal(value)
      throw new DeterministicError(`string  is not a BigDecimal: '${digits}'`)
    },
  }
}

function quotient(x: BigDecimal, y: BigDecimal): BigDecimal {
  if (y.digits !== 0n) return divide(x, y)
  throw new DeterministicError(`attempted to divide BigDecimal \`${formatDecimal(x)}\` by zero`)
}
