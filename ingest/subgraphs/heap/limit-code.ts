import { ByteReader, CorruptModuleError, unsignedBytes } from './module-sections.ts'

/** The globals through which the code reports its limits, and two in which it looks at a float. */
export type LimitGlobals = {
  readonly fuel: number
  readonly grown: number
  readonly float32: number
  readonly float64: number
}

const LOOP = 0x03
const MEMORY_GROW = 0x40

/** Operands after each instruction: `u` a number, `b` one byte, 4 and 8 that many bytes. */
const OPERANDS = operandTable()
const PREFIXED_OPERANDS = '. . . . . . . . uu u uu u uu u uu u u u'.split(' ')

/**
 * The code section of which every function and every loop takes one unit of fuel per turn, and stops
 * at none; the result of the last `memory.grow` stays in a global. Arithmetic that gives no number
 * gives the same bits on every processor, as graph-node has wasmtime do.
 *
 * @throws {CorruptModuleError} for instructions that AssemblyScript 0.19 does not write.
 */
export function limitCode(content: Uint8Array, globals: LimitGlobals): Uint8Array {
  const reader = new ByteReader(content)
  const bodyCount = reader.unsigned()
  const parts: Uint8Array[] = [Uint8Array.from(unsignedBytes(bodyCount))]
  for (let index = 0; index < bodyCount; index += 1) {
    const body = limitBody(reader.take(reader.unsigned()), globals)
    parts.push(Uint8Array.from(unsignedBytes(body.length)), body)
  }
  return Buffer.concat(parts)
}

function limitBody(body: Uint8Array, globals: LimitGlobals): Uint8Array {
  const burn = Uint8Array.from(burnFuel(globals.fuel))
  const grown = unsignedBytes(globals.grown)
  const keepGrown = Uint8Array.of(0x24, ...grown, 0x23, ...grown)
  const same32 = Uint8Array.from(sameNaN(globals.float32, CONSTANT_NAN_32, 0x5b))
  const same64 = Uint8Array.from(sameNaN(globals.float64, CONSTANT_NAN_64, 0x61))
  const reader = new ByteReader(body)
  for (let count = reader.unsigned(); count > 0; count -= 1) {
    reader.skipNumber()
    reader.byte()
  }
  const parts = [body.subarray(0, reader.at), burn]
  let copiedTo = reader.at
  const insert = (code: Uint8Array) => {
    parts.push(body.subarray(copiedTo, reader.at), code)
    copiedTo = reader.at
  }
  while (!reader.isAtEnd()) {
    const operation = reader.byte()
    skipOperands(reader, operation)
    if (operation === LOOP) insert(burn)
    if (operation === MEMORY_GROW) insert(keepGrown)
    if (operation >= 0x8d && operation <= 0x97) insert(same32)
    if (operation >= 0x9b && operation <= 0xa5) insert(same64)
  }
  parts.push(body.subarray(copiedTo))
  return Buffer.concat(parts)
}

const CONSTANT_NAN_32 = [0x43, 0, 0, 0xc0, 0x7f]
const CONSTANT_NAN_64 = [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]

/** value == value ? value : NaN */
function sameNaN(global: number, nan: readonly number[], equal: number): readonly number[] {
  const index = unsignedBytes(global)
  const read = [0x23, ...index]
  return [0x24, ...index, ...read, ...nan, ...read, ...read, equal, 0x1b]
}

/** fuel -= 1; if (fuel == 0) unreachable */
function burnFuel(fuel: number): readonly number[] {
  const index = unsignedBytes(fuel)
  const take = [0x23, ...index, 0x42, 1, 0x7d, 0x24, ...index]
  return [...take, 0x23, ...index, 0x50, 0x04, 0x40, 0x00, 0x0b]
}

function skipOperands(reader: ByteReader, operation: number): void {
  if (operation === 0x0e) {
    for (let count = reader.unsigned() + 1; count > 0; count -= 1) reader.skipNumber()
    return
  }
  if (operation === 0x1c) {
    reader.take(reader.unsigned())
    return
  }
  const operands = operation === 0xfc ? PREFIXED_OPERANDS[reader.unsigned()] : OPERANDS[operation]
  if (operands === undefined) {
    const found = `0x${operation.toString(16)}`
    throw new CorruptModuleError(`expected an instruction of AssemblyScript 0.19, found ${found}`)
  }
  for (const operand of operands) {
    if (operand === 'u') reader.skipNumber()
    else if (operand !== '.') reader.take(operand === 'b' ? 1 : Number(operand))
  }
}

function operandTable(): readonly (string | undefined)[] {
  const table: (string | undefined)[] = Array.from({ length: 256 })
  const fill = (from: number, to: number, operands: string) => {
    for (let operation = from; operation <= to; operation += 1) table[operation] = operands
  }
  fill(0x00, 0x01, '.')
  fill(0x02, 0x04, 'u')
  table[0x05] = '.'
  table[0x0b] = '.'
  fill(0x0c, 0x0d, 'u')
  table[0x0f] = '.'
  table[0x10] = 'u'
  table[0x11] = 'uu'
  fill(0x1a, 0x1b, '.')
  fill(0x20, 0x24, 'u')
  fill(0x28, 0x3e, 'uu')
  fill(0x3f, 0x42, 'u')
  table[0x43] = '4'
  table[0x44] = '8'
  fill(0x45, 0xc4, '.')
  return table
}
