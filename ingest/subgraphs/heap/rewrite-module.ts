import { limitCode } from './limit-code.ts'
import {
  ByteReader,
  CorruptModuleError,
  joinSections,
  readSections,
  SECTION,
  type Section,
  unsignedBytes,
} from './module-sections.ts'

/** Under this name the code counts down the fuel it has left. */
export const FUEL_EXPORT = 'foggara::fuel'
/** Under this name the code leaves the result of its last growth of memory; -1 says that it failed. */
export const GROWN_EXPORT = 'foggara::grown'
/** Under this name a start function is called when the heap is known, as graph-node does. */
export const START_EXPORT = 'gn::start'

const GLOBAL_EXPORT = 'foggara::global'
const I32 = 0x7f
const I64 = 0x7e
const F32 = 0x7d
const F64 = 0x7c

/** A mapping's code, made ready to be put back into its first state and to be stopped. */
export type RewrittenModule = {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Names under which the mutable globals are exported. */
  readonly globalNames: readonly string[]
  readonly hasStart: boolean
}

/**
 * Exports every mutable global, counts the work, bounds the memory to `pageCountMax` pages and gives
 * what is no number one form.
 *
 * None of it changes a result that graph-node has: a module that stays within its limits computes
 * what it does there.
 *
 * @throws {CorruptModuleError}
 */
export function rewriteModule(bytes: Uint8Array, pageCountMax: number): RewrittenModule {
  const sections = readSections(bytes)
  const contents = new Map(sections.map(({ id, content }) => [id, content]))
  const importedCount = countImportedGlobals(contents.get(SECTION.import))
  const globals = readGlobals(contents.get(SECTION.global))
  const fuel = importedCount + globals.count
  const grown = fuel + 1
  const limitGlobals = { fuel, grown, float32: fuel + 2, float64: fuel + 3 }
  const mutable = globals.mutable.map((index) => ({
    name: `${GLOBAL_EXPORT}${index}`,
    kind: 3,
    index: importedCount + index,
  }))
  const start = contents.get(SECTION.start)
  const added = [
    ...mutable,
    { name: FUEL_EXPORT, kind: 3, index: fuel },
    { name: GROWN_EXPORT, kind: 3, index: grown },
  ]
  if (start !== undefined) {
    added.push({ name: START_EXPORT, kind: 0, index: new ByteReader(start).unsigned() })
  }
  const globalSection = { id: SECTION.global, content: addGlobals(globals) }
  const rewritten: Section[] = []
  for (const { id, content } of sections) {
    if (id === SECTION.global || id === SECTION.start) continue
    if (id === SECTION.export) {
      rewritten.push(globalSection, { id, content: addExports(content, added) })
    } else if (id === SECTION.memory) {
      rewritten.push({ id, content: boundMemory(content, pageCountMax) })
    } else if (id === SECTION.code) {
      rewritten.push({ id, content: limitCode(content, limitGlobals) })
    } else rewritten.push({ id, content })
  }
  return {
    bytes: joinSections(rewritten),
    globalNames: mutable.map(({ name }) => name),
    hasStart: start !== undefined,
  }
}

type Globals = {
  readonly count: number
  readonly mutable: readonly number[]
  readonly definitions: Uint8Array
}

function readGlobals(content: Uint8Array | undefined): Globals {
  if (content === undefined) return { count: 0, mutable: [], definitions: new Uint8Array() }
  const reader = new ByteReader(content)
  const count = reader.unsigned()
  const definitions = content.subarray(reader.at)
  const mutable: number[] = []
  for (let index = 0; index < count; index += 1) {
    reader.byte()
    if (reader.byte() === 1) mutable.push(index)
    skipConstant(reader)
  }
  return { count, mutable, definitions }
}

function skipConstant(reader: ByteReader): void {
  for (;;) {
    const operation = reader.byte()
    if (operation === 0x0b) return
    if (operation === 0x43) reader.take(4)
    else if (operation === 0x44) reader.take(8)
    else if (operation === 0x41 || operation === 0x42 || operation === 0x23) reader.skipNumber()
    else throw new CorruptModuleError('expected a constant for a global, found another instruction')
  }
}

function addGlobals({ count, definitions }: Globals): Uint8Array {
  const fuel = [I64, 1, 0x42, 0, 0x0b]
  const grown = [I32, 1, 0x41, 0, 0x0b]
  const float32 = [F32, 1, 0x43, 0, 0, 0, 0, 0x0b]
  const float64 = [F64, 1, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]
  const added = [...fuel, ...grown, ...float32, ...float64]
  return Uint8Array.from([...unsignedBytes(count + 4), ...definitions, ...added])
}

function addExports(
  content: Uint8Array,
  added: readonly { readonly name: string; readonly kind: number; readonly index: number }[],
): Uint8Array {
  const reader = new ByteReader(content)
  const count = reader.unsigned()
  const parts = [Uint8Array.from(unsignedBytes(count + added.length)), content.subarray(reader.at)]
  for (const { name, kind, index } of added) {
    const text = new TextEncoder().encode(name)
    parts.push(
      Uint8Array.from([...unsignedBytes(text.length), ...text, kind, ...unsignedBytes(index)]),
    )
  }
  return Buffer.concat(parts)
}

function boundMemory(content: Uint8Array, pageCountMax: number): Uint8Array {
  const reader = new ByteReader(content)
  const count = reader.unsigned()
  const flags = reader.byte()
  if (count !== 1 || flags > 1) {
    throw new CorruptModuleError('expected one memory that is not shared, found another')
  }
  const least = reader.unsigned()
  const most = flags === 1 ? reader.unsigned() : pageCountMax
  const bound = Math.max(least, Math.min(most, pageCountMax))
  return Uint8Array.from([1, 1, ...unsignedBytes(least), ...unsignedBytes(bound)])
}

function countImportedGlobals(content: Uint8Array | undefined): number {
  if (content === undefined) return 0
  const reader = new ByteReader(content)
  for (let count = reader.unsigned(); count > 0; count -= 1) {
    reader.name()
    const name = reader.name()
    if (reader.byte() !== 0) {
      throw new CorruptModuleError(`expected imports of functions only, found ${name}`)
    }
    reader.skipNumber()
  }
  return 0
}
