import fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytesText, type Entity, type StoreValue } from '../entity-cache/entity.ts'
import { toMagnitudeBytes } from '../numbers/big-int.ts'
import { type ProofEvent, VALUE_VARIANTS } from './proof-event.ts'
import { openProofKernel } from './proof-kernel.ts'
import { finishProof, openBlockProof, type ProofDigest } from './proof-of-indexing.ts'

const SEED = { seed: 20_260_413, numRuns: 60 }
const TEXT = new TextEncoder()

const ONLY_ID = entity({ id: { type: 'String', value: 'id' } })
const WITH_INT = entity({ id: { type: 'String', value: 'id' }, val: { type: 'Int', value: 1 } })
const WITH_NULL = entity({
  id: { type: 'String', value: 'id' },
  key: { type: 'String', value: 's' },
  null: { type: 'Null' },
})

/** The cases of graph-node's own test, with the answers that it holds. */
const PUBLISHED: readonly {
  readonly answer: string
  readonly deployment: string
  readonly hashByte: number
  readonly indexerByte?: number
  readonly regions: Readonly<Record<string, readonly (readonly ProofEvent[])[]>>
}[] = [
  {
    answer: 'dced49c45eac68e8b3d8f857928e7be6c270f2db8b56b0d7f27ce725100bae01',
    deployment: 'test',
    hashByte: 1,
    regions: {},
  },
  {
    answer: '8bb3373fb55e02bde3202bac0eeecf1bd9a676856a4dd6667bd809aceda41885',
    deployment: 'test',
    hashByte: 1,
    indexerByte: 1,
    regions: { eth: [[], [set('t', ONLY_ID)]] },
  },
  {
    answer: '8b0097ad96b21f7e4bd8dcc41985e6e5506b808f1185016ab1073dd8745238ce',
    deployment: 'b',
    hashByte: 3,
    indexerByte: 1,
    regions: { eth: [[], [set('type', WITH_INT)], [], [set('type', ONLY_ID)], []] },
  },
  {
    answer: '2041af28678e68406247a5cfb5fe336947da75256c79b35c2f61fc7985091c0e',
    deployment: 'b',
    hashByte: 3,
    indexerByte: 1,
    regions: {
      eth: [
        [],
        [set('type', WITH_NULL)],
        [],
        [{ type: 'remove', entityType: 'type', id: 'id' }],
        [],
      ],
      ipfs: [[], [set('type', WITH_INT)], [], [set('type', WITH_INT)], []],
    },
  },
  {
    answer: '421ef30a03be64014b9eef2b999795dcabfc601368040df855635e7886eb3822',
    deployment: 'test',
    hashByte: 1,
    indexerByte: 4,
    regions: { eth: [[], [set('type', WITH_INT)]] },
  },
]

test('every proof that graph-node publishes comes out', () => {
  for (const { answer, deployment, hashByte, indexerByte, regions } of PUBLISHED) {
    const digests = new Map<string, ProofDigest>()
    for (const [name, blocks] of Object.entries(regions)) {
      for (const [number, events] of blocks.entries()) {
        // A region without events in a block has no digest of that block.
        if (events.length === 0) continue
        digests.set(name, digestOf(number, events, digests.get(name)))
      }
    }
    const blockNumber = Math.max(1, Object.values(regions)[0]?.length ?? 1) - 1
    const proof = finishProof({
      deployment,
      blockNumber,
      blockHash: new Uint8Array(32).fill(hashByte),
      ...(indexerByte === undefined ? {} : { indexer: new Uint8Array(20).fill(indexerByte) }),
      regions: digests,
    })
    expect(bytesText(proof)).toBe(`0x${answer}`)
  }
})

const scalar: fc.Arbitrary<StoreValue> = fc.oneof(
  fc
    .string({ unit: 'grapheme', maxLength: 300 })
    .map((value) => ({ type: 'String', value }) as const),
  fc.integer().map((value) => ({ type: 'Int', value }) as const),
  fc.boolean().map((value) => ({ type: 'Bool', value }) as const),
  fc.constant({ type: 'Null' } as const),
  fc.uint8Array({ maxLength: 70 }).map((value) => ({ type: 'Bytes', value }) as const),
  fc.bigInt().map((value) => ({ type: 'BigInt', value }) as const),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => ({ type: 'Int8', value }) as const),
  fc.bigInt({ min: 0n, max: 2n ** 60n }).map((value) => ({ type: 'Timestamp', value }) as const),
  fc
    .tuple(fc.bigInt(), fc.integer({ min: -30, max: 30 }))
    .map(([digits, scale]) => ({ type: 'BigDecimal', value: { digits, scale } }) as const),
)
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 5 }).map((items) => ({ type: 'List', value: items }) as const),
)
const event: fc.Arbitrary<ProofEvent> = fc.oneof(
  fc
    .record({
      entityType: fc.string({ minLength: 1 }),
      id: fc.string(),
      entity: fc.dictionary(fc.string(), value).map(entity),
    })
    .map((fields) => ({ type: 'set', ...fields }) as const),
  fc.record({ entityType: fc.string(), id: fc.string() }).map((fields) => ({
    type: 'remove' as const,
    ...fields,
  })),
  fc.nat().map((redactedEventCount) => ({ type: 'error' as const, redactedEventCount })),
)

test('the kernel agrees with the definition in whole numbers', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(event, { maxLength: 4 }), (blockNumber, events) => {
      const first = digestOf(1, events, undefined)
      expect(bytesText(digestOf(blockNumber, events, first))).toBe(
        bytesText(definedDigest(blockNumber, events, first)),
      )
    }),
    SEED,
  )
})

test('the order of an entity’s fields does not count, that of the events does', () => {
  const forward = entity({ a: { type: 'Int', value: 1 }, b: { type: 'Int', value: 2 } })
  const backward = entity({ b: { type: 'Int', value: 2 }, a: { type: 'Int', value: 1 } })
  expect(digestOf(5, [set('t', forward)])).toEqual(digestOf(5, [set('t', backward)]))
  const other = set('u', forward)
  expect(digestOf(5, [set('t', forward), other])).not.toEqual(
    digestOf(5, [other, set('t', forward)]),
  )
})

test('a replayed handler leaves no trace, and an error redacts what its trigger wrote', () => {
  const kernel = openProofKernel()
  const proof = openBlockProof(kernel, 9)
  proof.write(set('t', ONLY_ID))
  proof.startTrigger()
  const mark = proof.mark()
  proof.write(set('t', WITH_INT))
  proof.goBack(mark)
  proof.write(set('t', WITH_INT))
  proof.write(set('t', WITH_INT))
  proof.writeError()
  const events = [
    set('t', ONLY_ID),
    set('t', WITH_INT),
    set('t', WITH_INT),
    { type: 'error', redactedEventCount: 2 } as const,
  ]
  expect(proof.end(undefined)).toEqual(digestOf(9, events))
})

function entity(fields: Readonly<Record<string, StoreValue>>): Entity {
  return new Map(Object.entries(fields))
}

function set(entityType: string, fields: Entity): ProofEvent {
  return { type: 'set', entityType, id: 'id', entity: fields }
}

function digestOf(
  blockNumber: number,
  events: readonly ProofEvent[],
  previous?: ProofDigest,
): ProofDigest {
  const proof = openBlockProof(openProofKernel(), blockNumber)
  for (const next of events) proof.write(next)
  return proof.end(previous)
}

/** The fast stable hash with whole numbers, as its definition reads. */
function definedDigest(
  blockNumber: number,
  events: readonly ProofEvent[],
  previous: ProofDigest,
): ProofDigest {
  const state = startState()
  for (const [index, next] of events.entries()) {
    hashEvent(address(1, 0, blockNumber, 0, index), next, state)
  }
  hashInteger(address(1, 0, blockNumber, 0), BigInt(events.length), state)
  state.mix = mixed(state.mix, fromBytes(previous.subarray(0, 24)))
  state.count += fromBytes(previous.subarray(24))
  return stateBytes(state)
}

type State = { mix: bigint; count: bigint }

const MASK_192 = 2n ** 192n - 1n
const HASHER = openProofKernel()

function startState(): State {
  return {
    mix: 16140901064495857665n | ((2n ** 64n - 1n) << 64n) | ((2n ** 64n - 1n) << 128n),
    count: 0n,
  }
}

function mixed(x: bigint, y: bigint): bigint {
  const p = 2305843009213693959n | (2305843009213693950n << 64n)
  return (p + 18446744073709551609n * (x + y) + 8n * x * y) & MASK_192
}

function child(parent: bigint, number: number): bigint {
  return BigInt.asUintN(128, parent * 486187739n + BigInt(number))
}

function address(...numbers: readonly number[]): bigint {
  return numbers.reduce(child, 17n)
}

function hashBytes(at: bigint, bytes: Uint8Array, state: State): void {
  const { memory, start } = HASHER
  memory.reserve(start + 16 + bytes.length)
  memory.bytes.set(bytes, start + 16)
  HASHER.hashInto(start, start + 16, bytes.length, BigInt.asUintN(64, at))
  const hash = fromBytes(memory.bytes.subarray(start, start + 16))
  state.mix = mixed(state.mix, BigInt.asUintN(63, at >> 64n) | (hash << 64n))
  state.count += 1n
}

function hashText(at: bigint, text: string, state: State): void {
  if (text !== '') hashBytes(at, TEXT.encode(text), state)
}

function hashInteger(at: bigint, integer: bigint, state: State): void {
  if (integer < 0n) hashBytes(child(at, 0), new Uint8Array(), state)
  if (integer !== 0n) hashBytes(at, toMagnitudeBytes(integer), state)
}

function hashValue(at: bigint, item: StoreValue, state: State): void {
  if (item.type === 'Null') return
  const inner = child(at, 0)
  if (item.type === 'String') hashText(inner, item.value, state)
  else if (item.type === 'Bool') {
    if (item.value) hashBytes(inner, new Uint8Array(), state)
  } else if (item.type === 'Bytes') {
    if (item.value.length > 0) hashBytes(inner, item.value, state)
  } else if (item.type === 'BigDecimal') {
    hashInteger(child(inner, 1), BigInt(item.value.scale), state)
    hashInteger(inner, item.value.digits, state)
  } else if (item.type === 'List') {
    for (const [index, part] of item.value.entries()) hashValue(child(inner, index), part, state)
    hashInteger(inner, BigInt(item.value.length), state)
  } else hashInteger(inner, BigInt(item.value), state)
  hashBytes(at, Uint8Array.of(VALUE_VARIANTS[item.type]), state)
}

function hashEvent(at: bigint, next: ProofEvent, state: State): void {
  if (next.type === 'error') {
    hashInteger(child(at, 0), BigInt(next.redactedEventCount), state)
    return hashBytes(at, Uint8Array.of(3), state)
  }
  hashText(child(at, 0), next.entityType, state)
  hashText(child(at, 1), next.id, state)
  if (next.type === 'remove') return hashBytes(at, Uint8Array.of(1), state)
  for (const [name, item] of next.entity) {
    const member = startState()
    hashText(address(0), name, member)
    hashValue(address(1), item, member)
    hashBytes(child(at, 2), stateBytes(member), state)
  }
  hashBytes(at, Uint8Array.of(2), state)
}

function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function stateBytes({ mix, count }: State): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) =>
    Number((at < 24 ? mix >> BigInt(8 * at) : count >> BigInt(8 * (at - 24))) & 255n),
  )
}
