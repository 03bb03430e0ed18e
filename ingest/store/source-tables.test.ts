import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  CHAIN_TABLES,
  type EventSource,
  type Hex,
  LOG_TABLE,
  type SourceTable,
  invariant,
  selectText,
  sourceTables,
} from '@foggara/schema'
import {
  type AbiEvent,
  type AbiParameter,
  decodeEventLog,
  encodeAbiParameters,
  parseAbiItem,
  toEventSelector,
} from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ScratchIndex, startScratchIndex } from '../scratch-index.ts'
import { type Random, openRandom } from '../simulation/random.ts'
import { insertTable } from './insert.ts'

const SEED = 20_261_122
const ROWS_PER_EVENT = 150

const EVENTS = [
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Moved(address from, uint8 kind, uint32 part, uint64 at, uint128 amount, uint96 odd)',
  'event Signed(int256 indexed whole, int8 small, int64 middle, int256 change, bool indexed up, bool down)',
  'event Named(string name, bytes content, string indexed tag, bytes4 selector, bytes32 id, bytes20 key)',
  'event Listed(address[] owners, uint256[] amounts, bytes32[3] roots, uint64[] times, uint8[2] kinds, uint256 last)',
  'event Group(uint256 indexed order, address block, bytes payload, uint256[] indexed topics, bool hot, string source)',
  'event Nothing()',
].map((text) => parseAbiItem(text) as AbiEvent)

const SOURCE: EventSource = { name: 'zoo', events: EVENTS, addresses: 'any' }
const TABLES = sourceTables(SOURCE)

let index: ScratchIndex
beforeAll(async () => {
  index = await startScratchIndex()
})
afterAll(() => index[Symbol.asyncDispose]())

type ArchivedLog = { readonly topics: readonly Hex[]; readonly payload: Hex }

test('SQL over the archive decodes every event as viem does, and refuses what is not its encoding', async () => {
  const client = await index.open('zoo')
  const random = openRandom(SEED)
  const logs = EVENTS.flatMap((event) =>
    Array.from({ length: ROWS_PER_EVENT }, (_, row) => {
      const log = randomLog(random, event)
      return row % 2 === 0 ? log : damaged(random, log)
    }),
  )
  await archive(client, logs)
  for (const table of TABLES) {
    const found = await queryRows<Readonly<Record<string, unknown>>>(
      client,
      `${selectText(table.columns, `(${table.derived.finalRows})`)} order by source.block`,
    )
    const expected = logs.flatMap((log, row) => expectedRow(table, log, row))
    expect(found.length).toBeGreaterThan(ROWS_PER_EVENT / 3)
    expect(found.map(valuesOf)).toEqual(expected)
  }
})

test('a table of a source is called after it, its event and how it is decoded', () => {
  expect(TABLES.map(({ view }) => view).slice(0, 3)).toEqual([
    'zoo_transfer',
    'zoo_moved',
    'zoo_signed',
  ])
  const [changed] = sourceTables({ ...SOURCE, events: EVENTS.slice(0, 1), addresses: 'any' })
  expect(changed?.name).toBe(TABLES[0]?.name)
  expect(TABLES[0]?.name).toMatch(/^zoo_transfer_[0-9a-f]{8}$/u)
  expect(CHAIN_TABLES.map(({ name }) => name)).not.toContain('zoo_transfer')
})

test('transfers of ERC-20 and ERC-721, which share their first topic, are told apart', async () => {
  const nft = parseAbiItem(
    'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  ) as AbiEvent
  const tables = sourceTables({ ...SOURCE, events: [...EVENTS.slice(0, 1), nft] })
  expect(tables.map(({ view }) => view)).toEqual(['zoo_transfer', 'zoo_transfer_2'])
  const client = await index.open('tokens')
  const random = openRandom(SEED)
  const logs = [...EVENTS.slice(0, 1), nft, nft].map((event) => randomLog(random, event))
  await archive(client, logs)
  const found = await Promise.all(
    tables.map(({ derived: { finalRows } }) =>
      queryRows(client, `select block from (${finalRows})`),
    ),
  )
  expect(found).toEqual([[{ block: '0' }], [{ block: '1' }, { block: '2' }]])
})

test('tuples, and lists that have no column type, are there as they are encoded', async () => {
  const client = await index.open('tuples')
  const event = parseAbiItem(
    'event Nested((uint8 a, address b) small, (uint8 a, string b)[2] large, uint256 n, uint8[2][2] grid)',
  ) as AbiEvent
  const small = { a: 7, b: `0x${'ab'.repeat(20)}` as const }
  const large = ['one', 'two'].map((b, a) => ({ a, b }))
  const payload = encodeAbiParameters(event.inputs, [
    small,
    large,
    9n,
    [
      [1, 2],
      [3, 4],
    ],
  ])
  await archive(client, [{ topics: [toEventSelector(event)], payload }], event.name)
  const [table] = sourceTables({ ...SOURCE, events: [event] })
  invariant(table !== undefined, 'there is one event')
  const [row] = await queryRows<Readonly<Record<string, unknown>>>(
    client,
    selectText(table.columns, `(${table.derived.finalRows})`),
  )
  const alone = (place: number, value: unknown): Hex =>
    encodeAbiParameters(event.inputs.slice(place, place + 1), [value])
  expect(row).toMatchObject({
    small: alone(0, small),
    n: '9',
    grid: alone(3, [
      [1, 2],
      [3, 4],
    ]),
  })
  expect(row?.['large']).toBe(`0x${alone(1, large).slice(2 + 64)}`)
})

test('a source that cannot become tables is refused with what is wrong', () => {
  const inputs = [{ type: 'fixed128x18', name: 'pair' }]
  const odd: AbiEvent = { type: 'event', name: 'Odd', inputs }
  expect(() => sourceTables({ ...SOURCE, events: [odd] })).toThrow(
    'event Odd: no column type for parameter fixed128x18 pair',
  )
  expect(() => sourceTables({ ...SOURCE, name: 'Zoo; drop' })).toThrow('source Zoo; drop')
  expect(() => sourceTables({ ...SOURCE, addresses: [] })).toThrow('expected lower-case addresses')
  const [event] = EVENTS
  invariant(event !== undefined, 'there are events')
  expect(() => sourceTables({ ...SOURCE, events: [event, event] })).toThrow(
    'expected each event once',
  )
})

async function archive(
  client: ClickHouseClient,
  logs: readonly ArchivedLog[],
  other = '',
): Promise<void> {
  const rows = logs.map(({ topics, payload }, row) => ({
    block: row,
    log_index: 7,
    transaction_hash: `0x${'11'.repeat(32)}`,
    at_seconds: 1_700_000_000,
    contract: SOURCE.name,
    event: EVENTS.find((event) => toEventSelector(event) === topics[0])?.name ?? other,
    address: `0x${'22'.repeat(20)}`,
    topics,
    payload,
  }))
  await insertTable(client, { table: 'log_settled', columns: LOG_TABLE.columns, rows }, 'zoo')
}

/** What viem decodes, if encoding it again gives the very same log. */
function expectedRow(
  { topic }: SourceTable,
  { topics, payload }: ArchivedLog,
  row: number,
): readonly unknown[] {
  const abi = EVENTS.find((event) => toEventSelector(event) === topic)
  invariant(abi !== undefined, 'the table is of an event')
  if (topics[0] !== topic) return []
  const args = argumentsOf(abi, { topics, payload })
  if (args === undefined) return []
  return [[String(row), ...abi.inputs.map((input, place) => shown(args[place], input))]]
}

function argumentsOf(abi: AbiEvent, log: ArchivedLog): readonly unknown[] | undefined {
  const named = {
    ...abi,
    inputs: abi.inputs.map((input, place) => ({ ...input, name: `p${place}` })),
  }
  try {
    const { args } = decodeEventLog({
      abi: [named],
      topics: [...log.topics] as [Hex, ...Hex[]],
      data: log.payload,
    })
    const ordered = named.inputs.map(
      ({ name }) => ((args ?? {}) as Readonly<Record<string, unknown>>)[name],
    )
    return isCanonical(named, ordered, log) ? ordered : undefined
  } catch {
    return undefined
  }
}

/** viem forgives padding; tails may lie anywhere and be followed by anything, so they are not compared. */
function isCanonical(abi: AbiEvent, values: readonly unknown[], log: ArchivedLog): boolean {
  const indexed = abi.inputs.flatMap((input, place) => (input.indexed ? [{ input, place }] : []))
  const topicsAgree = indexed.every(({ input, place }, topic) => {
    const word = log.topics[topic + 1]
    return isHashed(input) || encodeAbiParameters([input], [values[place]]) === word
  })
  if (!topicsAgree || log.topics.length !== indexed.length + 1) return false
  return abi.inputs.every((input, place) => input.indexed || wordsAgree(abi, values, log, place))
}

function wordsAgree(
  abi: AbiEvent,
  values: readonly unknown[],
  { payload }: ArchivedLog,
  place: number,
): boolean {
  const input = abi.inputs[place]
  invariant(input !== undefined, 'the parameter exists')
  const head = abi.inputs
    .slice(0, place)
    .reduce((sum, before) => sum + (before.indexed ? 0 : wordCount(before)), 0)
  // Text that is no UTF-8 was mended.
  if (input.type === 'string') return true
  const encoded = encodeAbiParameters([input], [values[place]]).slice(2)
  const words = payload.slice(2)
  if (!isDynamic(input)) return words.startsWith(encoded, 64 * head)
  const offset = Number(`0x${words.slice(64 * head, 64 * head + 64)}`)
  const isBytes = input.type === 'bytes'
  // The padding behind bytes is nobody's.
  const length = isBytes ? 64 + 2 * Number(`0x${encoded.slice(64, 128)}`) : encoded.length - 64
  return words.slice(2 * offset, 2 * offset + length) === encoded.slice(64, 64 + length)
}

function isHashed({ type }: AbiParameter): boolean {
  return type === 'string' || type === 'bytes' || type.endsWith(']')
}

function isDynamic({ type }: AbiParameter): boolean {
  return type === 'string' || type === 'bytes' || type.endsWith('[]')
}

function wordCount({ type }: AbiParameter): number {
  return Number(/\[(\d+)\]$/u.exec(type)?.[1] ?? 1)
}

function shown(value: unknown, input: AbiParameter): unknown {
  if (Array.isArray(value)) return value.map((item) => shown(item, input))
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') {
    const isSmall = /^uint(?:8|16|24|32)$/u.test(input.type)
    return isSmall ? value : value.toString()
  }
  if (typeof value !== 'string') return value
  return value.startsWith('0x') ? value.toLowerCase() : untilMended(value)
}

/** Decoders disagree about how many characters stand for bytes that are no text. */
function untilMended(text: string): string {
  return text.replace(/\uFFFD.*/su, '\uFFFD')
}

function valuesOf(row: Readonly<Record<string, unknown>>): readonly unknown[] {
  const {
    block,
    logIndex: _index,
    transactionHash: _hash,
    atSeconds: _at,
    address: _by,
    ...rest
  } = row
  return [
    block,
    ...Object.values(rest).map((value) => (typeof value === 'string' ? untilMended(value) : value)),
  ]
}

function randomLog(random: Random, event: AbiEvent): ArchivedLog {
  const values = event.inputs.map((input) => randomValue(random, input.type))
  const topics = [
    toEventSelector(event),
    ...event.inputs.flatMap((input, place) => {
      if (!input.indexed) return []
      return [isHashed(input) ? random.bytes(32) : encodeAbiParameters([input], [values[place]])]
    }),
  ]
  const plain = event.inputs.flatMap((input, place) => (input.indexed ? [] : [{ input, place }]))
  const payload = encodeAbiParameters(
    plain.map(({ input }) => input),
    plain.map(({ place }) => values[place]),
  )
  return { topics, payload }
}

function randomValue(random: Random, type: string): unknown {
  const [, item, count] = /^(.+)\[(\d*)\]$/u.exec(type) ?? []
  if (item !== undefined) {
    const length = count === '' ? random.below(5) : Number(count)
    return Array.from({ length }, () => randomValue(random, item))
  }
  if (type === 'address') return random.bytes(20)
  if (type === 'bool') return random.oneIn(2)
  if (type === 'string') return 'Zoë’s '.repeat(random.below(12))
  if (type === 'bytes') return random.bytes(random.below(80))
  const [, kind, size] = /^(uint|int|bytes)(\d+)$/u.exec(type) ?? []
  if (kind === 'bytes') return random.bytes(Number(size))
  const value = BigInt(random.bytes(Number(size) / 8)) >> BigInt(random.pick([0, 0, 1, 8]))
  const integer = kind === 'uint' ? value : BigInt.asIntN(Number(size), value)
  return Number(size) <= 48 ? Number(integer) : integer
}

function damaged(random: Random, { topics, payload }: ArchivedLog): ArchivedLog {
  const bytes = Buffer.from(payload.slice(2), 'hex')
  switch (random.below(6)) {
    case 0:
      return { topics, payload: hex(bytes.subarray(0, random.below(bytes.length + 1))) }
    case 1:
      return { topics: topics.slice(0, -1), payload }
    case 2:
      return { topics: [...topics, random.bytes(32)].slice(0, 4), payload }
    case 3:
      return { topics: topics.map((one, at) => (at === 1 ? random.bytes(32) : one)), payload }
    default: {
      const at =
        32 * random.below(Math.max(1, bytes.length / 32)) + random.pick([0, 15, 23, 27, 30, 31])
      if (at < bytes.length) bytes[at] = random.below(256)
      return { topics, payload: hex(bytes) }
    }
  }
}

function hex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
