import type { Random } from '../../simulation/random.ts'

/** The text of a body, how many calls it answers and how many of them asked for logs. */
export type RandomBody = {
  readonly text: string
  readonly callCount: number
  readonly logCallCount: number
}

/** A valid body with logs and other answers, written in every way that JSON allows. */
export function randomBody(random: Random): RandomBody {
  const logCallCount = 1 + random.below(2)
  const callCount = logCallCount + random.below(3)
  const answers = Array.from({ length: callCount }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    result:
      id < logCallCount
        ? Array.from({ length: random.below(4) }, () => randomLog(random))
        : random.oneIn(4)
          ? null
          : randomValue(random, 3),
  }))
  const value = callCount === 1 && random.oneIn(2) ? answers[0] : answers
  return { text: jsonText(value, random), callCount, logCallCount }
}

/** Bytes with some of them changed, left out, put in or repeated. */
export function mangled(random: Random, bytes: Buffer): Buffer {
  let result = bytes
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    const at = random.below(result.length)
    const end = Math.min(result.length, at + 1 + random.below(random.oneIn(4) ? 80 : 3))
    const piece = random.pick([
      Buffer.from([random.below(256)]),
      Buffer.from(random.pick(['"', '\\', ',', ':', '{', '}', '[', ']', ' ', '0', 'null', 'true'])),
      Buffer.alloc(0),
      Buffer.concat([result.subarray(at, end), result.subarray(at, end)]),
    ])
    result = Buffer.concat([result.subarray(0, at), piece, result.subarray(end)])
    if (random.oneIn(40)) result = result.subarray(0, at)
  }
  return result
}

/** JSON; with `random`, keys in any order, white space and escapes anywhere. */
export function jsonText(value: unknown, random?: Random): string {
  if (random === undefined) return JSON.stringify(value)
  const space = (): string =>
    random.oneIn(12) ? random.pick([' ', '\n', '\t', '\r\n', '   \n']) : ''
  if (typeof value === 'string') return stringText(value, random)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const parts = Array.isArray(value)
    ? value.map((item) => jsonText(item, random))
    : shuffled(Object.entries(value), random).map(
        ([key, item]) => `${stringText(key, random)}${space()}:${space()}${jsonText(item, random)}`,
      )
  const inside = parts.map((part) => `${space()}${part}${space()}`).join(',')
  return Array.isArray(value) ? `[${inside || space()}]` : `{${inside || space()}}`
}

function randomLog(random: Random): Readonly<Record<string, unknown>> {
  const log: Record<string, unknown> = {
    address: randomHex(random, 20),
    topics: Array.from({ length: random.below(5) }, () => randomHex(random, 32)),
    data: randomHex(random, random.pick([0, 1, 31, 32, 33, 64, 127, 128, 300])),
    blockNumber: quantity(random, random.below(2 ** 31) * random.below(2 ** 20)),
    blockHash: randomHex(random, 32),
    transactionHash: randomHex(random, 32),
    logIndex: quantity(random, random.below(2 ** 31)),
    transactionIndex: random.oneIn(6) ? null : quantity(random, random.below(900)),
  }
  if (random.oneIn(8)) delete log['transactionIndex']
  if (random.oneIn(2)) log['removed'] = random.pick([false, null, 0])
  if (random.oneIn(2)) log['blockTimestamp'] = quantity(random, 1_700_000_000)
  if (random.oneIn(3)) log[random.pick(['l1', 'Address', 'logindex', 'datum', 'blockNumbex'])] = 'x'
  if (random.oneIn(4)) log[random.pick(['extra', 'transactionFee'])] = randomValue(random, 2)
  return log
}

function randomHex(random: Random, byteLength: number): string {
  const text = random.bytes(byteLength)
  return random.oneIn(4) ? `0x${text.slice(2).toUpperCase()}` : text
}

function quantity(random: Random, value: number): string {
  const digits = value.toString(16)
  const padded = random.oneIn(10) ? digits.padStart(14, '0') : digits
  return `0${random.oneIn(20) ? 'X' : 'x'}${padded}`
}

function randomValue(random: Random, depth: number): unknown {
  const scalars = [null, true, false, 0, -1.5e-7, 12e30, 'text "quoted" \\ \n', 'Ärger 🦊', '']
  if (depth === 0 || random.oneIn(2)) return random.pick(scalars)
  const items = Array.from({ length: random.below(4) }, () => randomValue(random, depth - 1))
  if (random.oneIn(2)) return items
  return Object.fromEntries(items.map((item, index) => [`key ${index}`, item]))
}

function stringText(value: string, random: Random): string {
  if (!random.oneIn(12)) return JSON.stringify(value)
  const escaped = Array.from(value, (character) => {
    const isPlain = character.length === 1 && character >= ' ' && !/["\\]/u.test(character)
    if (!isPlain) return JSON.stringify(character).slice(1, -1)
    if (!random.oneIn(8)) return character
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped.join('')}"`
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  if (random.oneIn(2)) return items
  const keyed = items.map((item) => ({ item, key: random.below(2 ** 30) }))
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item)
}
