import {
  allocationLeaf,
  decodeGraph,
  foldMerkleProof,
  rankDigest,
  referenceEngine,
} from '@foggara/gpu-analytics'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ApiFixture, startApiFixture } from './api-fixture.ts'
import { CLAIMER, CLAIM_BLOCK, EPOCH_RESULT, EPOCH_SNAPSHOT } from './economy-names.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})

afterAll(async () => api?.[Symbol.asyncDispose]())

test('an epoch gives its identity, pools, scores and tables exactly as they were computed', async () => {
  const { data, errors } = await api.query(`{
    epoch(number: 1) {
      status root proposedRoot manifestHash bundleUrl activatedBlock
      identity { budget paid carryChange withheld unallocated difference }
      pools { nodes { pool bps amount earned withheld unallocated } }
      scores(first: 100, filter: { measures: [rank] }, orderBy: SUBJECT, direction: ASC) {
        nodes { subject score }
      }
      snapshotTables { name rows sha256 }
      ruleset { version hash }
    }
  }`)
  expect(errors).toBeUndefined()
  const { epoch } = data
  const text = (row: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? value.toString() : value,
      ]),
    )
  expect(epoch.status).toBe('ACTIVE')
  expect(epoch.root).toBe(EPOCH_RESULT.root)
  expect(epoch.proposedRoot).toBe(EPOCH_RESULT.root)
  expect(epoch.identity).toEqual(text(EPOCH_RESULT.identity))
  expect(epoch.identity.difference).toBe('0')
  const pools = EPOCH_RESULT.pools
    .map(text)
    .toSorted((a, b) => (String(a['pool']) < String(b['pool']) ? -1 : 1))
  expect(epoch.pools.nodes).toEqual(pools)
  const ranks = EPOCH_RESULT.scores.filter((row) => row.measure === 'rank')
  expect(epoch.scores.nodes).toEqual(
    ranks.map((row) => ({ subject: row.id, score: row.score.toString() })),
  )
  expect(epoch.snapshotTables).toEqual(
    Object.entries(EPOCH_RESULT.manifest.tables).map(([name, table]) => ({ name, ...table })),
  )
  expect(epoch.ruleset.version).toBe(1)
})

test('the status of an epoch is that of the block, and before its last block there is none', async () => {
  const { data } = await api.query(`{
    closed: epoch(number: 1, at: { number: 99 }) { status proposedRoot }
    proposed: epoch(number: 1, at: { number: 105 }) { status }
    active: epoch(number: 1, at: { number: 110 }) { status }
    none: epoch(number: 1, at: { number: 98 }) { status }
    epochs(at: { number: 98 }) { totalCount }
    allocations(at: { number: 98 }) { totalCount }
  }`)
  expect(data).toEqual({
    closed: { status: 'CLOSED', proposedRoot: null },
    proposed: { status: 'PROPOSED' },
    active: { status: 'ACTIVE' },
    none: null,
    epochs: { totalCount: 0 },
    allocations: { totalCount: 0 },
  })
})

test('every proof that the API gives folds to the root', async () => {
  const { data } = await api.query(`{
    epoch(number: 1) {
      root
      allocations(first: 100) {
        totalCount
        nodes { account { address } token cumulative proof claimable claimed }
      }
    }
  }`)
  const { root, allocations } = data.epoch
  expect(allocations.totalCount).toBe(EPOCH_RESULT.allocations.length)
  for (const { account, token, cumulative, proof, claimable, claimed } of allocations.nodes) {
    if (cumulative === '0') continue
    const leaf = allocationLeaf(account.address, token, BigInt(cumulative))
    expect(foldMerkleProof(leaf, proof)).toBe(root)
    const due = account.address === CLAIMER ? '0' : cumulative
    expect(BigInt(claimable)).toBe(BigInt(due))
    expect(BigInt(claimed)).toBe(BigInt(cumulative) - BigInt(due))
  }
  const first = allocations.nodes[0].account.address
  const claims = await api.query(`{
    now: account(address: "${first}") { claimableAllocation { epochNumber cumulative } }
    before: account(address: "${first}", at: { number: 105 }) { claimableAllocation { cumulative } }
  }`)
  const { cumulative } = allocations.nodes[0]
  expect(claims.data.now.claimableAllocation).toEqual({ epochNumber: 1, cumulative })
  expect(claims.data.before.claimableAllocation).toBeNull()
})

test('the explanation of every account sums to the last unit at every level', async () => {
  for (const { account: address, earned } of EPOCH_RESULT.allocations) {
    // oxlint-disable-next-line no-await-in-loop
    const { data, errors } = await api.query(
      `query ($address: Address!) {
        rewardExplanation(epoch: 1, account: $address) {
          partsTotal partsDifference paidDifference cumulativeDifference
          pools { earned withheld parts { amount withheldReason reasons { amount type } } }
        }
      }`,
      { address },
    )
    expect(errors).toBeUndefined()
    const { pools, ...sums } = data.rewardExplanation
    expect(sums).toEqual({
      partsTotal: earned.toString(),
      partsDifference: '0',
      paidDifference: '0',
      cumulativeDifference: '0',
    })
    const total = (rows: readonly { readonly amount: string }[]): bigint =>
      rows.reduce((sum, row) => sum + BigInt(row.amount), 0n)
    for (const pool of pools) {
      expect(BigInt(pool.earned) + BigInt(pool.withheld)).toBe(total(pool.parts))
      for (const part of pool.parts) expect(total(part.reasons)).toBe(BigInt(part.amount))
    }
  }
})

test('what was claimed is taken off what can be claimed, in one statement for all accounts', async () => {
  const query = `query ($at: BlockInput) { allocations(first: 100, at: $at) {
    nodes { account { address } cumulative claimed claimable }
  } }`
  const { data, extensions } = await api.query(query, { at: { number: CLAIM_BLOCK } })
  const claimed = data.allocations.nodes.find(
    (row: { account: { address: string } }) => row.account.address === CLAIMER,
  )
  expect(claimed).toMatchObject({ claimed: claimed.cumulative, claimable: '0' })
  expect(extensions?.cost.statements).toBe(3)
})

test('withheld parts are shown with their reason', async () => {
  const { data } = await api.query(
    `query ($reasons: [WithheldReason!]) {
      allocationParts(first: 100, filter: { withheldReasons: $reasons }) {
        nodes { amount withheldReason pool sourceId }
      }
    }`,
    { reasons: ['disputed', 'slashed', 'excluded'] },
  )
  expect(data.allocationParts.nodes).toHaveLength(EPOCH_RESULT.withheld.length)
})

test('the bundle of an epoch holds everything that it was computed from', async () => {
  const response = await api.app.inject({ url: '/epochs/1/bundle.ndjson' })
  expect(response.statusCode).toBe(200)
  const [head, ...lines] = response.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(head.manifestHash).toBe(EPOCH_RESULT.manifestHash)
  expect(JSON.parse(head.ruleset).version).toBe(EPOCH_SNAPSHOT.ruleset.version)
  const rows = Object.values(EPOCH_RESULT.manifest.tables).map((table) => table.rows)
  expect(lines).toHaveLength(rows.reduce((sum, count) => sum + count, 0))
  const table = await api.app.inject({ url: '/epochs/1/tables/receipts.ndjson' })
  expect(table.body.trim().split('\n')).toHaveLength(EPOCH_SNAPSHOT.receipts.length)
  expect((await api.app.inject({ url: '/epochs/2/bundle.ndjson' })).statusCode).toBe(404)
  expect((await api.app.inject({ url: '/epochs/x/bundle.ndjson' })).statusCode).toBe(404)
})

test('the rank graph of an epoch can be downloaded and gives the digest of the stored ranks', async () => {
  const { data } = await api.query(`{
    epoch(number: 1) {
      rankGraph { url byteLength nodeCount edgeCount iterationCount digest }
    }
  }`)
  const { url, byteLength, nodeCount, edgeCount, iterationCount, digest } = data.epoch.rankGraph
  const response = await api.app.inject({ url })
  expect(response.statusCode).toBe(200)
  expect(response.headers['foggara-rank-digest']).toBe(digest)
  expect(response.rawPayload.length).toBe(byteLength)
  const problem = decodeGraph(new Uint8Array(response.rawPayload))
  expect(problem.graph.nodeCount).toBe(nodeCount)
  expect(problem.graph.sources.length).toBe(edgeCount)
  const ranked = await referenceEngine.rank(problem)
  expect(ranked.iterationCount).toBe(iterationCount)
  expect(rankDigest(ranked)).toBe(digest)
  for (const missing of ['2', 'x', '0']) {
    const refused = await api.app.inject({ url: `/epochs/${missing}/rank-graph.bin` })
    expect([refused.statusCode, refused.json().code]).toEqual([404, 'EPOCH_NOT_CLOSED'])
  }
})
