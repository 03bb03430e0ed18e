import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  Scalar,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

import { NonDeterministicError } from '../failure.ts'
import { breaksMarks } from './yaml-marks.ts'

/** A value of YAML as serde_yaml tells them apart; numbers are text as it writes them. */
export type YamlValue =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'number' | 'string'; readonly value: string }
  | { readonly type: 'array'; readonly value: readonly YamlValue[] }
  | { readonly type: 'object'; readonly value: readonly YamlEntry[] }
  | { readonly type: 'tagged'; readonly tag: string; readonly value: YamlValue }

/** A name, which may be any value, and what it stands for; in the order of the text. */
export type YamlEntry = { readonly key: YamlValue; readonly value: YamlValue }

/** Larger texts are not read. */
export const YAML_BYTES_MAX = 10_000_000

const DEPTH_MAX = 128
/** An alias may stand for much; no text means more values than this. */
const VALUE_COUNT_MAX = 1_000_000
/** Scalars stay text; a second document is an error unless errors are silenced. */
const OPTIONS = {
  schema: 'failsafe',
  uniqueKeys: false,
  logLevel: 'error',
  keepSourceTokens: true,
  resolveKnownTags: false,
} as const
/** A document may not end before it begins. */
const ENDS_FIRST = /^(?:[ \t]*(?:#[^\n]*)?\n)*\.\.\.(?:\s|$)/
const UTF_8 = new TextDecoder('utf-8', { fatal: true })
/** What libyaml reads as a text; the first character may be a byte order mark, which is gone here. */
const READABLE =
  /^[\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u

/** Reads one document of YAML as serde_yaml 0.9 does; undefined where it reads none. */
export function parseYamlText(bytes: Uint8Array): YamlValue | undefined {
  if (bytes.length > YAML_BYTES_MAX) return undefined
  try {
    // To libyaml these are ends of lines like others.
    const text = decodeText(bytes).replaceAll(/\r\n?|\u0085/g, '\n')
    if (!READABLE.test(text) || ENDS_FIRST.test(text)) return undefined
    if (/[\u2028\u2029]/.test(text)) throw new YamlUnsupportedError('U+2028 or U+2029')
    const document = parseDocument(text, OPTIONS)
    if (document.errors.some((error) => isTabError(text, error))) {
      throw new YamlUnsupportedError('a tab that indents a line within brackets')
    }
    if (document.errors.length > 0) return undefined
    const reader = { document, text, valuesLeft: VALUE_COUNT_MAX }
    return readNode(reader, document.contents, DEPTH_MAX)
  } catch (error) {
    if (error instanceof YamlTextError) return undefined
    throw error
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw new YamlTextError()
  }
}

type Reader = {
  readonly document: Document
  readonly text: string
  valuesLeft: number
}

function readNode(reader: Reader, node: Node | null | undefined, depth: number): YamlValue {
  reader.valuesLeft -= 1
  if (depth < 0 || reader.valuesLeft < 0) throw new YamlTextError()
  if (node === null || node === undefined) return { type: 'null' }
  if (isAlias(node)) {
    const target = node.resolve(reader.document)
    if (target === undefined) throw new YamlTextError()
    return readNode(reader, target, depth - 1)
  }
  const tag = isCollection(node) && hasBareTag(reader, node) ? '!' : (node.tag ?? '')
  const value = readUntagged(reader, node, depth)
  if (tag === '!') return { type: 'tagged', tag: '!!', value }
  return tag.startsWith('!') ? { type: 'tagged', tag, value } : value
}

function readUntagged(reader: Reader, node: Node, depth: number): YamlValue {
  if (isCollection(node)) refuseMarks(reader, node, depth)
  if (isSeq(node)) {
    return { type: 'array', value: node.items.map((item) => child(reader, item, depth)) }
  }
  if (isMap(node)) {
    const names = new Set<string>()
    const value = node.items.map((pair): YamlEntry => {
      const key = child(reader, pair.key, depth)
      const name = JSON.stringify(key)
      if (names.has(name)) throw new YamlTextError()
      names.add(name)
      return { key, value: child(reader, pair.value, depth) }
    })
    return { type: 'object', value }
  }
  if (!isScalar(node)) throw new YamlTextError()
  const text = typeof node.value === 'string' ? node.value : ''
  if (!text.isWellFormed()) throw new YamlTextError()
  return readScalar(node, isBlock(node) ? blockText(reader, node, text) : text)
}

function isBlock({ type }: Scalar): boolean {
  return type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED
}

/** A block of lines whose last line has no end gets none from libyaml. */
function blockText({ text }: Reader, { range }: Scalar, content: string): string {
  const [start = 0, end = text.length] = range ?? []
  const source = text.slice(start, end)
  if (/^[^\n\d]*\n(?: *\n)* *\t/.test(source)) throw new YamlTextError()
  return end === text.length && !source.endsWith('\n') ? content.replace(/\n$/, '') : content
}

function refuseMarks({ text }: Reader, node: YAMLMap | YAMLSeq, depth: number): void {
  if (depth < 1 || breaksMarks(text, node)) throw new YamlTextError()
}

function child(reader: Reader, node: unknown, depth: number): YamlValue {
  return readNode(reader, node as Node | null, depth - 1)
}

/** The library forgets a tag that is nothing but its mark before a list or a map. */
function hasBareTag({ text }: Reader, { range }: Node): boolean {
  const start = range?.[0] ?? 0
  return /(?:^|[\s[{,])!\s+$/.test(text.slice(Math.max(0, start - 64), start))
}

/** libyaml takes tabs for indentation within brackets; the library takes them for an end of those. */
function isTabError(text: string, { code, pos }: YAMLError): boolean {
  return code === 'BAD_INDENT' && text[pos[0] - 1] === '\t'
}

const CORE = 'tag:yaml.org,2002:'

function readScalar(node: Scalar, text: string): YamlValue {
  const isPlain = node.type === Scalar.PLAIN || node.type === undefined
  const name = node.tag?.startsWith(CORE) === true ? node.tag.slice(CORE.length) : undefined
  const type = name === 'int' || name === 'float' ? 'number' : name
  if (type === 'null' || type === 'bool' || type === 'number') {
    const value = name === 'float' ? readFloat(text) : resolve(text)
    if (value?.type !== type || (name === 'int' && /[.n]/.test(textOf(value)))) {
      throw new YamlTextError()
    }
    return value
  }
  return isPlain && name === undefined ? resolve(text) : { type: 'string', value: text }
}

function textOf(value: YamlValue): string {
  return value.type === 'number' ? value.value : ''
}

/** What a text without quotes and tags means. */
function resolve(text: string): YamlValue {
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return { type: 'null' }
  if (/^(?:true|True|TRUE)$/.test(text)) return { type: 'bool', value: true }
  if (/^(?:false|False|FALSE)$/.test(text)) return { type: 'bool', value: false }
  const hasZeros = /^[-+]?0\d+$/.test(text)
  const integer = hasZeros ? undefined : readInteger(text)
  if (integer !== undefined) return { type: 'number', value: `${integer}` }
  const float = hasZeros ? undefined : readFloat(text)
  return float ?? { type: 'string', value: text }
}

const INTEGER = /^([-+]?)(?:0x([0-9a-fA-F]+)|0o([0-7]+)|0b([01]+)|(\d+))$/

/** Integers beyond 64 bits, up to 128, are none of the values that serde_yaml keeps. */
function readInteger(text: string): bigint | undefined {
  const [, sign = '', hex, octal, binary, decimal] = INTEGER.exec(text) ?? []
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : octal !== undefined
        ? `0o${octal}`
        : binary !== undefined
          ? `0b${binary}`
          : decimal
  if (digits === undefined) return undefined
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  if (value >= -(1n << 63n) && value < 1n << 64n) return value
  if (value >= -(1n << 127n) && value < 1n << 128n) throw new YamlTextError()
  return undefined
}

const FLOAT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/

function readFloat(text: string): YamlValue | undefined {
  if (/^\+?\.(?:inf|Inf|INF)$/.test(text)) return { type: 'number', value: '.inf' }
  if (/^-\.(?:inf|Inf|INF)$/.test(text)) return { type: 'number', value: '-.inf' }
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return { type: 'number', value: '.nan' }
  if (!FLOAT.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? { type: 'number', value: floatText(value) } : undefined
}

/** As the Rust crate ryu writes a number. */
function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const sign = value < 0 ? '-' : ''
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const point = Number(exponent) + 1
  if (point >= digits.length && point <= 16) return `${sign}${digits.padEnd(point, '0')}.0`
  if (point > 0 && point <= 16) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
  if (point > -5 && point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${mantissa}e${point - 1}`
}

/** A text that libyaml reads in a way that is not known here: better to stop than to differ. */
class YamlUnsupportedError extends NonDeterministicError {
  constructor(found: string) {
    super(
      `expected YAML that is read alike everywhere, found ${found}`,
      'SUBGRAPH_YAML_UNSUPPORTED',
      'Write the text as JSON on one line, or leave it out.',
    )
  }
}

/** The text is no YAML that graph-node reads; it never leaves this file. */
class YamlTextError extends Error {}
