import { numberToHex } from 'viem'

import type { Rpc } from '../../chain/rpc.ts'
import { type BlockRange, blockAnswer } from './range-logs.ts'

/**
 * The blocks of a range that are the first of their bucket of time, found by halving: aggregations
 * are closed by the first block after a bucket, whether or not it holds anything else.
 *
 * @param bucketSeconds the shortest bucket.
 * @throws {RpcInconsistentError} where the node lacks a block.
 */
export async function firstBlocksOfBuckets(
  rpc: Rpc,
  { from, to }: BlockRange,
  bucketSeconds: number,
): Promise<readonly number[]> {
  const first = Math.max(0, from - 1)
  const [start, end] = await bucketsOf(rpc, [first, to], bucketSeconds)
  if (start === undefined || end === undefined) return []
  let spans: readonly Span[] = [{ low: first, lowBucket: start, high: to, highBucket: end }]
  const found: number[] = []
  while (spans.length > 0) {
    const wide: Span[] = []
    for (const span of spans) {
      if (span.lowBucket === span.highBucket) continue
      if (span.high - span.low === 1) found.push(span.high)
      else wide.push(span)
    }
    const middles = wide.map(({ low, high }) => low + Math.floor((high - low) / 2))
    const buckets = await bucketsOf(rpc, middles, bucketSeconds)
    spans = wide.flatMap((span, index) => {
      const middle = middles[index] ?? span.low
      const bucket = buckets[index] ?? span.lowBucket
      return [
        { ...span, high: middle, highBucket: bucket },
        { ...span, low: middle, lowBucket: bucket },
      ]
    })
  }
  return found.toSorted((a, b) => a - b)
}

type Span = {
  readonly low: number
  readonly lowBucket: number
  readonly high: number
  readonly highBucket: number
}

async function bucketsOf(
  rpc: Rpc,
  numbers: readonly number[],
  bucketSeconds: number,
): Promise<readonly number[]> {
  if (numbers.length === 0) return []
  const answers = await rpc.batch(
    numbers.map((number) => ({
      method: 'eth_getBlockByNumber',
      params: [numberToHex(number), false],
    })),
  )
  return answers.map((answer, index) => {
    const block = blockAnswer(rpc, answer, numbers[index] ?? 0)
    return Math.floor(Number(block['timestamp']) / bucketSeconds)
  })
}
