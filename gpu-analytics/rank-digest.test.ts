import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { rankDigest } from './rank-digest.ts'

test('the digest is sha256 of scores, dust and iteration count, eight bytes each', () => {
  const scores = BigUint64Array.from({ length: 300_000 }, (_, node) => BigInt(node) * 977n)
  const tail = BigUint64Array.of(5n, 20n)
  const expected = createHash('sha256').update(scores).update(tail).digest('hex')
  expect(rankDigest({ scores, dust: 5n, iterationCount: 20 })).toBe(`0x${expected}`)
  expect(rankDigest({ scores, dust: 6n, iterationCount: 20 })).not.toBe(`0x${expected}`)
})
