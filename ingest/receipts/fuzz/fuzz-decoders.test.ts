import { expect, test } from 'vitest'

import { SAMPLE_DEPLOYMENT } from '../../simulation/sample-chain.ts'
import { fuzzDecoders } from './fuzz-decoders.ts'

const [SEED, INPUT_COUNT] = [20_261_122, 6_000]

test(`of ${INPUT_COUNT} mutated inputs none is taken for what was signed (seed ${SEED})`, async () => {
  const { codes } = await fuzzDecoders(SAMPLE_DEPLOYMENT, SEED, INPUT_COUNT)
  expect([...codes.keys()].toSorted()).toEqual([
    'BATCH_MALFORMED',
    'BATCH_VERSION_UNKNOWN',
    'FEE_TOTAL_MISMATCH',
    'HEX_MALFORMED',
    'LEAVES_NOT_ASCENDING',
    'RECEIPT_MALFORMED',
    'RECEIPT_NOT_JSON',
    'RECEIPT_NOT_UTF8',
    'ROOT_MISMATCH',
    'good',
    'signed by somebody else',
  ])
})
