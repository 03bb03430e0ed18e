import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ApiFixture, startApiFixture } from './api-fixture.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})
afterAll(() => api[Symbol.asyncDispose]())

test('what is not proven is told in ranges and in all, at any block', async () => {
  const { data } = await api.query(`{
    _meta {
      completeness { evidence blockCount isProven proves }
      unproven { blockCount ranges { firstBlock lastBlock evidence } }
      one: unproven(first: 1) { blockCount ranges { firstBlock } }
    }
    old: _meta(at: { number: 21 }) { unproven { blockCount ranges { firstBlock lastBlock } } }
  }`)
  expect(data._meta.completeness).toMatchObject([
    { evidence: 'bloom-negative', isProven: true },
    { evidence: 'receipts-root', isProven: true, proves: expect.stringContaining('every log') },
    { evidence: 'trusted', blockCount: 4, isProven: false },
    { evidence: 'undecoded', blockCount: 1, isProven: false },
  ])
  expect(data._meta.unproven).toEqual({
    blockCount: 5,
    ranges: [
      { firstBlock: 20, lastBlock: 23, evidence: 'trusted' },
      { firstBlock: 30, lastBlock: 30, evidence: 'undecoded' },
    ],
  })
  expect(data._meta.one).toEqual({ blockCount: 5, ranges: [{ firstBlock: 20 }] })
  expect(data.old.unproven).toEqual({
    blockCount: 2,
    ranges: [{ firstBlock: 20, lastBlock: 21 }],
  })
})

test('more ranges than an answer may hold are refused', async () => {
  const { errors } = await api.query('{ _meta { unproven(first: 201) { blockCount } } }')
  expect(errors?.[0]).toMatchObject({
    message: 'first: expected 1 to 200, found 201',
    extensions: { code: 'PAGE_SIZE' },
  })
})
