import { expect, test } from 'vitest'

import { type Ruleset, epochBlocks, parseRuleset, rulesetHash, rulesetToJson } from './ruleset.ts'

const ruleset: Ruleset = {
  version: 1,
  firstBlock: 10,
  epochBlockCount: 60,
  rank: {
    iterationCount: 64,
    consumerPassThroughQ32: 0xffff_ffff,
    assetPassThroughMaxQ32: 3_650_722_201,
  },
  flow: { stepCountMax: 1000 },
  pools: {
    creators: 5000,
    dataProviders: 2000,
    computeOperators: 2000,
    reviewers: 500,
    treasury: 500,
  },
  payeeCapBps: 2500,
  payoutMin: 10n ** 18n,
  token: `0x${'11'.repeat(20)}`,
  treasury: `0x${'22'.repeat(20)}`,
}

test('a ruleset is its canonical JSON: reading and writing change nothing', () => {
  expect(parseRuleset(rulesetToJson(ruleset))).toEqual(ruleset)
  const shuffled = JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(rulesetToJson(ruleset))).toReversed()),
  )
  expect(rulesetHash(parseRuleset(shuffled))).toBe(rulesetHash(ruleset))
})

test('every parameter changes the hash', () => {
  const hashes = new Set([
    rulesetHash(ruleset),
    rulesetHash({ ...ruleset, version: 2 }),
    rulesetHash({ ...ruleset, payoutMin: 1n }),
    rulesetHash({ ...ruleset, rank: { ...ruleset.rank, iterationCount: 65 } }),
  ])
  expect(hashes.size).toBe(4)
})

test('epochs tile the chain from the first block', () => {
  expect(epochBlocks(ruleset, 1)).toEqual({ firstBlock: 10, cutoffBlock: 69 })
  expect(epochBlocks(ruleset, 2)).toEqual({ firstBlock: 70, cutoffBlock: 129 })
})

test.each([
  ['no JSON', '{', 'ruleset expected JSON'],
  [
    'an unknown key',
    rulesetToJson(ruleset).replace('{', '{"bonus":1,'),
    /Unrecognized key: "bonus"/,
  ],
  [
    'pools that miss a basis point',
    rulesetToJson(ruleset).replace('"treasury":500', '"treasury":499'),
    /sum of 10000 basis points, found 9999/,
  ],
])('%s is refused', (_, text, message) => {
  expect(() => parseRuleset(text)).toThrow(message)
})
