import { expect, test } from 'vitest'

import { parseEntitySchema } from '../entity-cache/entity-schema.ts'

test('the tables of an aggregation are rolled up hours first, and have its fields', () => {
  const { aggregations } = schema('total: BigDecimal! @aggregate(fn: "sum", arg: "amount * price")')
  expect(
    aggregations.map(({ bucketType, bucketLength, source, dimensions }) => [
      bucketType.name,
      [...bucketType.fields.keys()],
      bucketLength,
      source,
      dimensions.map(({ name }) => name),
    ]),
  ).toEqual([
    ['Stats_hour', ['id', 'timestamp', 'token', 'total'], 3600n, 'Point', ['token']],
    ['Stats_day', ['id', 'timestamp', 'token', 'total'], 86_400n, 'Point', ['token']],
  ])
})

test('an entity may derive a field from the buckets that have it as a dimension', () => {
  const { entities } = schema('total: Int8! @aggregate(fn: "count")')
  expect(entities.get('Token')?.fields.get('stats')).toMatchObject({
    refersTo: 'Stats',
    derivedFrom: 'token',
    isList: true,
  })
})

test.each([
  ['total: BigInt! @aggregate(fn: "sum", arg: "amount")', 'amount of type BigDecimal in `amount`'],
  ['total: BigInt! @aggregate(fn: "sum", arg: "units / 3")', 'one that may have a fraction'],
  ['total: Int! @aggregate(fn: "first", arg: "count * 1.5")', 'found numeric in `count * 1.5`'],
  ['total: BigInt! @aggregate(fn: "sum", arg: "digits")', 'digits, which is no field of one value'],
  ['total: BigInt! @aggregate(fn: "sum", arg: "units + token")', 'the dimension token'],
  ['total: BigInt! @aggregate(fn: "sum", arg: "floor(units)")', 'the function floor'],
  ['total: BigInt! @aggregate(fn: "sum")', 'expected an argument at Stats.total, found none'],
  [
    'total: BigInt! @aggregate(fn: "avg", arg: "units")',
    'min, max, first or last at Stats.total, found avg',
  ],
  ['name: String! @aggregate(fn: "max", arg: "name")', 'expected a numeric type at Stats.name'],
  ['kind: Kind! @aggregate(fn: "last", arg: "kind")', 'a type that is no enum at Stats.kind'],
  ['kind: String! @aggregate(fn: "last", arg: "kind")', 'kind, which is an enum in `kind`'],
  [
    'owner: Token! @aggregate(fn: "last", arg: "other")',
    'other, which refers to Other, in `other`',
  ],
  ['units: Int8! @aggregate(fn: "sum", arg: "other")', 'other, which refers to Other, in `other`'],
  ['name: BigInt! @aggregate(fn: "last", arg: "name")', 'found text in `name`'],
  [
    'units: Int8! @aggregate(fn: "count")  place: BigInt!',
    'the same type, or an @aggregate at Stats.place',
  ],
  ['name: String!', 'expected an @aggregate at Stats, found none'],
])('an aggregation with %s is refused by name', (field, message) => {
  expect(() => schema(field)).toThrow(
    expect.objectContaining({
      code: 'SUBGRAPH_SCHEMA_INVALID',
      message: expect.stringContaining(message),
    }),
  )
})

test.each([
  ['intervals: ["week"], source: "Point"', 'the intervals hour or day at Stats, found week'],
  ['intervals: [], source: "Point"', 'the intervals hour or day at Stats, found none'],
  ['intervals: ["day"], source: "Token"', 'a timeseries as source at Stats, found Token'],
])('an aggregation over %s is refused by name', (of, message) => {
  expect(() => schema('total: Int8! @aggregate(fn: "count")', of)).toThrow(message)
})

function schema(fields: string, of = 'intervals: ["day", "hour"], source: "Point"') {
  return parseEntitySchema(`
    enum Kind { ONE OTHER }
    type Token @entity(immutable: false) {
      id: Bytes!
      stats: [Stats!]! @derivedFrom(field: "token")
    }
    type Other @entity(immutable: false) { id: Int8! }
    type Point @entity(timeseries: true) {
      id: Int8!
      timestamp: Timestamp!
      token: Token!
      amount: BigDecimal!
      price: BigDecimal!
      units: BigInt!
      count: Int!
      name: String!
      kind: Kind!
      other: Other!
    }
    type Stats @aggregation(${of}) {
      id: Int8!
      timestamp: Timestamp!
      token: Token!
      ${fields}
    }`)
}
