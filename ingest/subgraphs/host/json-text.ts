/** A value of JSON whose numbers are still the text that was read. */
export type JsonValue =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'number'; readonly value: string }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly value: readonly JsonValue[] }
  | { readonly type: 'object'; readonly value: ReadonlyMap<string, JsonValue> }

/** Larger texts are not read. */
export const JSON_BYTES_MAX = 10_000_000

const DEPTH_MAX = 127
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERALS: readonly (readonly [string, JsonValue])[] = [
  ['null', { type: 'null' }],
  ['true', { type: 'bool', value: true }],
  ['false', { type: 'bool', value: false }],
]

/** Reads JSON as serde_json does, with numbers of any size; undefined where it is none. */
export function parseJson(bytes: Uint8Array): JsonValue | undefined {
  if (bytes.length > JSON_BYTES_MAX) return undefined
  try {
    const reader = { text: UTF_8.decode(bytes), at: 0 }
    const value = readValue(reader, 0)
    skipSpace(reader)
    return reader.at === reader.text.length ? value : undefined
  } catch (error) {
    if (error instanceof JsonTextError || error instanceof TypeError) return undefined
    throw error
  }
}

type Reader = { readonly text: string; at: number }

function readValue(reader: Reader, depth: number): JsonValue {
  if (depth > DEPTH_MAX) throw new JsonTextError()
  skipSpace(reader)
  const first = reader.text[reader.at]
  if (first === '{') return readObject(reader, depth)
  if (first === '[') return readArray(reader, depth)
  if (first === '"') return { type: 'string', value: readString(reader) }
  for (const [word, value] of LITERALS) {
    if (!reader.text.startsWith(word, reader.at)) continue
    reader.at += word.length
    return value
  }
  NUMBER.lastIndex = reader.at
  const number = NUMBER.exec(reader.text)?.[0]
  if (number === undefined) throw new JsonTextError()
  reader.at += number.length
  return { type: 'number', value: number }
}

function readObject(reader: Reader, depth: number): JsonValue {
  const value = new Map<string, JsonValue>()
  readItems(reader, '}', () => {
    skipSpace(reader)
    if (reader.text[reader.at] !== '"') throw new JsonTextError()
    const name = readString(reader)
    skipSpace(reader)
    expectCharacter(reader, ':')
    value.set(name, readValue(reader, depth + 1))
  })
  return { type: 'object', value }
}

function readArray(reader: Reader, depth: number): JsonValue {
  const value: JsonValue[] = []
  readItems(reader, ']', () => value.push(readValue(reader, depth + 1)))
  return { type: 'array', value }
}

function readItems(reader: Reader, end: string, readItem: () => void): void {
  reader.at += 1
  skipSpace(reader)
  if (reader.text[reader.at] === end) {
    reader.at += 1
    return
  }
  for (;;) {
    readItem()
    skipSpace(reader)
    if (reader.text[reader.at] === end) {
      reader.at += 1
      return
    }
    expectCharacter(reader, ',')
  }
}

/** The platform reads the escapes; half a surrogate pair is no text. */
function readString(reader: Reader): string {
  const start = reader.at
  reader.at += 1
  for (;;) {
    const next = reader.text[reader.at]
    if (next === undefined) throw new JsonTextError()
    reader.at += next === '\\' ? 2 : 1
    if (next === '"') break
  }
  try {
    const text: unknown = JSON.parse(reader.text.slice(start, reader.at))
    if (typeof text === 'string' && text.isWellFormed()) return text
  } catch {
    throw new JsonTextError()
  }
  throw new JsonTextError()
}

function skipSpace(reader: Reader): void {
  while (/[ \t\n\r]/.test(reader.text[reader.at] ?? '')) reader.at += 1
}

function expectCharacter(reader: Reader, character: string): void {
  if (reader.text[reader.at] !== character) throw new JsonTextError()
  reader.at += 1
}

/** The text is no JSON; it never leaves this file. */
class JsonTextError extends Error {}
