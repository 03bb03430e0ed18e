import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ApiFixture, startApiFixture } from './api-fixture.ts'
import { ALICE, BOB, HEAD_BLOCK, asset, blockHash } from './economy-names.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

test('an asset shows its holder as of the block, and nothing of a retracted commit', async () => {
  const { data } = await api.query(
    `query ($id: Bytes32!, $hash: Bytes32!) {
      now: asset(id: $id) { holder { address } versions { totalCount } }
      before: asset(id: $id, at: { number: 19 }) { holder { address } }
      early: asset(id: $id, at: { number: 12 }) { holder { address } versions { totalCount } }
      byHash: asset(id: $id, at: { hash: $hash }) { holder { address } }
      unborn: asset(id: $id, at: { number: 0 }) { holder { address } }
    }`,
    { id: asset(1), hash: blockHash(19) },
  )
  expect(data).toEqual({
    now: { holder: { address: BOB }, versions: { totalCount: 1 } },
    before: { holder: { address: ALICE } },
    early: { holder: { address: ALICE }, versions: { totalCount: 0 } },
    byHash: { holder: { address: ALICE } },
    unborn: null,
  })
})

test('all fields without a block share one pin, and the answer names every pin it read at', async () => {
  const { data, extensions } = await api.query(`{
    _meta { block { number hash timestamp } finality settledBlock commit { chain receipt epoch } }
    old: _meta(at: { number: 7 }) { block { number } finality }
    assets { totalCount }
  }`)
  expect(data).toEqual({
    _meta: {
      block: { number: HEAD_BLOCK, hash: blockHash(HEAD_BLOCK), timestamp: 1000 + HEAD_BLOCK },
      finality: 'latest',
      settledBlock: 10,
      commit: { chain: 2, receipt: 1, epoch: 1 },
    },
    old: { block: { number: 7 }, finality: 'final' },
    assets: { totalCount: 6 },
  })
  expect(extensions?.pins.map((pin) => pin.block.number)).toEqual([HEAD_BLOCK, 7])
})

test('lookups of what is not there give null, and a block that is not indexed gives its code', async () => {
  const nothing = await api.query(`{
    asset(id: "${asset(50)}") { name }
    licence(id: 77) { status }
    epoch(number: 9) { status }
    receipt(digest: "${asset(3)}") { fee }
    node(id: "Asset:${asset(50)}") { id }
    other: node(id: "Nothing:1") { id }
    rewardExplanation(epoch: 1, account: "${BOB}") { partsTotal }
  }`)
  expect(nothing.errors).toBeUndefined()
  expect(Object.values(nothing.data)).toEqual([null, null, null, null, null, null, null])
  const { errors } = await api.query('{ assets(at: { number: 5000 }) { totalCount } }')
  expect(errors?.[0]?.extensions.code).toBe('BLOCK_NOT_INDEXED')
})

test('filters, words, links and evidence of assets', async () => {
  const { data, errors } = await api.query(
    `query ($holders: [Address!]) {
      assets(filter: { holders: $holders, kinds: [DATASET] }) {
        nodes {
          id kind contentHash isDisputed
          evidence { block logIndex timestamp transactionHash }
          contributions { nodes { role shareE8 contributor { address } } }
          receipts(first: 1) { totalCount nodes { fee assetIds providerRecord { name stake } } }
          licences { nodes { status terms { price commercialUse } } }
          storageAnchors { nodes { byteLength } }
        }
      }
      disputed: assets(filter: { isDisputed: true }) { nodes { name } }
      named: assets(filter: { nameContains: "SIX'S" }) { nodes { name contentHash } }
    }`,
    { holders: [BOB] },
  )
  expect(errors).toBeUndefined()
  expect(data.assets.nodes).toHaveLength(1)
  expect(data.assets.nodes[0]).toMatchObject({
    id: `Asset:${asset(1)}`,
    kind: 'DATASET',
    isDisputed: false,
    contentHash: asset(77),
    evidence: { block: 1, logIndex: 0, timestamp: 1001 },
    contributions: { nodes: [{ role: 'DATA_PROVIDER', shareE8: 5_000_000 }] },
    receipts: { totalCount: 3, nodes: [{ fee: '20', providerRecord: { stake: '1000' } }] },
    licences: { nodes: [{ status: 'ACTIVE', terms: { price: '5', commercialUse: true } }] },
    storageAnchors: { nodes: [{ byteLength: (2n ** 60n).toString() }] },
  })
  expect(data.disputed.nodes).toEqual([{ name: 'Asset 5' }])
  expect(data.named.nodes).toEqual([{ name: "Six's asset", contentHash: null }])
})

test('lineage follows edges in force, keeps cycles and unregistered parents, and says when it stops', async () => {
  const { data } = await api.query(`{
    cycle: lineage(id: "${asset(3)}", depth: 20) {
      isTruncated cycles nodes { depth assetId isInCycle asset { name } } edges { relation }
    }
    ended: lineage(id: "${asset(5)}") { nodes { assetId depth } }
    before: lineage(id: "${asset(5)}", at: { number: 20 }) { nodes { assetId depth } }
    unknown: lineage(id: "${asset(6)}") { isTruncated nodes { assetId asset { name } } }
    short: lineage(id: "${asset(3)}", depth: 1) { isTruncated nodes { depth } }
    only: lineage(id: "${asset(3)}", relations: [QUANTIZED_FROM]) { nodes { assetId } }
    asset(id: "${asset(1)}") { downstream { nodes { assetId } } }
  }`)
  expect(data.cycle).toEqual({
    isTruncated: false,
    cycles: [[asset(1), asset(2), asset(3)]],
    nodes: [3, 2, 1].map((number, depth) => ({
      depth,
      assetId: asset(number),
      isInCycle: true,
      asset: { name: `Asset ${number}` },
    })),
    edges: ['QUANTIZED_FROM', 'FINETUNED_FROM', 'DISTILLED_FROM'].map((relation) => ({ relation })),
  })
  const ids = (lineage: { nodes: { assetId: string }[] }): string[] =>
    lineage.nodes.map((node) => node.assetId)
  expect(ids(data.ended)).toEqual([5, 4].map(asset))
  expect(ids(data.before)).toEqual([5, 4, 1, 3, 2].map(asset))
  expect(data.unknown.nodes[1]).toEqual({ assetId: asset(99), asset: null })
  expect(data.unknown.isTruncated).toBe(false)
  expect(data.short).toEqual({ isTruncated: true, nodes: [{ depth: 0 }, { depth: 1 }] })
  expect(ids(data.only)).toEqual([3, 2].map(asset))
  expect(ids(data.asset.downstream)).toEqual([1, 2, 3].map(asset))
  const { errors } = await api.query(`{ lineage(id: "${asset(3)}", depth: 21) { isTruncated } }`)
  expect(errors?.[0]?.extensions.code).toBe('LINEAGE_DEPTH')
})

test('an account exists by its address, with everything that leads to it', async () => {
  const { data } = await api.query(`{
    account(address: "${BOB}") {
      id address roles firstBlock balance { amount }
      assets { nodes { name } } payments(first: 1) { totalCount }
    }
    nobody: account(address: "0x${'77'.repeat(20)}") { roles firstBlock balance { amount } }
  }`)
  expect(data.account).toEqual({
    id: `Account:${BOB}`,
    address: BOB,
    roles: ['consumer', 'holder', 'payer'],
    firstBlock: 20,
    balance: { amount: '1000000000000000000' },
    assets: { nodes: [{ name: 'Asset 1' }] },
    payments: { totalCount: 30 },
  })
  expect(data.nobody).toEqual({ roles: [], firstBlock: null, balance: null })
})

test('the overview counts, and its series adds up to its totals', async () => {
  const { data } = await api.query(`{
    overview {
      assetCount receiptCount pendingReceiptCount feeTotal paymentCount paymentTotal
      assetsByKind { kind count }
      series(buckets: 7) { firstBlock lastBlock assetCount feeTotal paymentTotal }
    }
  }`)
  const { overview } = data
  expect(overview).toMatchObject({
    assetCount: 6,
    receiptCount: 3,
    pendingReceiptCount: 1,
    feeTotal: '60',
    paymentCount: 60,
  })
  const total = (name: string): bigint =>
    overview.series.reduce((sum: bigint, row: Record<string, string>) => {
      return sum + BigInt(row[name] ?? '0')
    }, 0n)
  expect(total('assetCount')).toBe(6n)
  expect(total('feeTotal')).toBe(60n)
  expect(total('paymentTotal')).toBe(BigInt(overview.paymentTotal))
  expect(overview.series.at(0).firstBlock).toBe(0)
  expect(overview.series.at(-1).lastBlock).toBe(HEAD_BLOCK)
  expect(overview.assetsByKind.map((row: { count: number }) => row.count)).toEqual([1, 2, 1, 1, 1])
})

test('activity decodes the arguments of events', async () => {
  const { data } = await api.query('{ activity { nodes { event arguments { name value } } } }')
  expect(data.activity.nodes).toEqual([
    {
      event: 'AssetTransferred',
      arguments: [
        { name: 'assetId', value: asset(1) },
        { name: 'sender', value: ALICE },
        { name: 'recipient', value: BOB },
      ],
    },
  ])
})
