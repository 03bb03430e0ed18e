import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ApiFixture, startApiFixture } from './api-fixture.ts'
import { BOB, PROVIDER, asset } from './economy-names.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

const BUCKET = '{ startSeconds receiptCount lateCount units fee }'

test('usage counts each receipt once, by what is asked for', async () => {
  const { data, errors } = await api.query(
    `query ($asset: Bytes32!, $provider: Address!, $nobody: Address!) {
      all: usage(bucket: MINUTE) ${BUCKET}
      anchored: usage(status: ANCHORED, bucket: MONTH) ${BUCKET}
      early: usage(at: { number: 34 }, bucket: HOUR) ${BUCKET}
      ofAsset: usage(asset: $asset, provider: $provider, workload: TRAINING, from: 0) ${BUCKET}
      ofNobody: usage(consumer: $nobody) ${BUCKET}
      later: usage(from: 1) ${BUCKET}
    }`,
    { asset: asset(2), provider: PROVIDER, nobody: asset(1).slice(0, 42) },
  )
  expect(errors).toBeUndefined()
  const bucket = (receiptCount: number, fee: string) => {
    return [{ startSeconds: 0, receiptCount, lateCount: 0, units: String(receiptCount), fee }]
  }
  expect(data).toEqual({
    all: bucket(4, '67'),
    anchored: bucket(3, '60'),
    early: bucket(1, '7'),
    ofAsset: bucket(2, '27'),
    ofNobody: [],
    later: [],
  })
})

test('an asset says who used it, in all and with which signs', async () => {
  const { data, errors } = await api.query(
    `query ($id: Bytes32!) {
      asset(id: $id) {
        usage { receiptCount consumerCount fee effectiveConsumersQ16 flaggedCount }
        usedBy { totalCount nodes { consumer { address } receiptCount fee flags flaggedFee } }
      }
      assetUsages { totalCount }
      usageEvidence(filter: { assets: [$id] }) { nodes { fee flags } }
    }`,
    { id: asset(1) },
  )
  expect(errors).toBeUndefined()
  const { usage, usedBy } = data.asset
  expect(usage).toMatchObject({ receiptCount: 3, consumerCount: 1, fee: '60' })
  expect(usage.effectiveConsumersQ16).toBe('65536')
  expect(usedBy.nodes).toMatchObject([{ consumer: { address: BOB }, receiptCount: 3, fee: '60' }])
  // The shorter way to one asset and the way over all of them say the same.
  const { fee, flags } = usedBy.nodes[0]
  expect(data.usageEvidence.nodes).toEqual([{ fee, flags }])
  expect(data.assetUsages.totalCount).toBe(4)
})

test('an epoch has its usage graph', async () => {
  const { data, errors } = await api.query(`{
    epoch(number: 1) {
      usage { totalCount nodes { consumer { address } asset { name } fee cappedFee receiptCount } }
      usagePairs { nodes { asset { name } otherAssetId receiptCount fee } }
    }
    epochUsages { totalCount }
    epochUsagePairs { totalCount }
  }`)
  expect(errors).toBeUndefined()
  expect(data.epoch.usage.totalCount).toBe(data.epochUsages.totalCount)
  expect(data.epoch.usage.totalCount).toBeGreaterThan(0)
  for (const { fee, cappedFee } of data.epoch.usage.nodes) {
    expect(BigInt(cappedFee) <= BigInt(fee)).toBe(true)
  }
  expect(data.epoch.usagePairs.nodes).toHaveLength(data.epochUsagePairs.totalCount)
})
