import { recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'

import {
  RECEIPT_TYPES,
  type Receipt,
  parseReceiptJson,
  receiptDigest,
  receiptDomain,
  receiptMessage,
  receiptToJson,
} from './receipt.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const domain = receiptDomain(31337, `0x${'22'.repeat(20)}`)
const receipt: Receipt = {
  provider: account.address.toLowerCase() as `0x${string}`,
  consumer: `0x${'33'.repeat(20)}`,
  workload: 'INFERENCE',
  nonce: 7n,
  assets: [`0x${'44'.repeat(32)}`, `0x${'55'.repeat(32)}`],
  units: 1200n,
  fee: 10n ** 18n,
  startedAtSeconds: 100n,
  finishedAtSeconds: 160n,
  inputHash: `0x${'66'.repeat(32)}`,
  outputHash: `0x${'77'.repeat(32)}`,
}

async function signed() {
  const signature = await account.signTypedData({
    domain,
    types: RECEIPT_TYPES,
    primaryType: 'Receipt',
    message: receiptMessage(receipt),
  })
  return { ...receipt, signature }
}

test('a signed receipt survives JSON and its digest recovers the signer', async () => {
  const original = await signed()
  const parsed = parseReceiptJson(JSON.parse(JSON.stringify(receiptToJson(original))))
  expect(parsed).toEqual(original)
  expect(receiptDigest(parsed, domain)).toBe(receiptDigest(receipt, domain))
  const signer = await recoverTypedDataAddress({
    domain,
    types: RECEIPT_TYPES,
    primaryType: 'Receipt',
    message: receiptMessage(parsed),
    signature: parsed.signature,
  })
  expect(signer).toBe(account.address)
})

test('the digest is bound to the chain and to the registry', () => {
  const digest = receiptDigest(receipt, domain)
  expect(receiptDigest(receipt, receiptDomain(1, `0x${'22'.repeat(20)}`))).not.toBe(digest)
  expect(receiptDigest(receipt, receiptDomain(31337, `0x${'23'.repeat(20)}`))).not.toBe(digest)
})

test.each([
  ['an unknown field', { note: 'x' }, 'receipt receipt: Unrecognized key: "note"'],
  [
    'a number for an integer',
    { fee: 5 },
    'receipt fee: Invalid input: expected string, received number',
  ],
  ['a leading zero', { fee: '05' }, 'receipt fee: a decimal integer as text'],
  [
    'a fee of 2^96',
    { fee: (1n << 96n).toString() },
    `receipt fee: expected less than ${1n << 96n}, found ${1n << 96n}`,
  ],
  ['no asset', { assets: [] }, 'receipt assets: Too small: expected array to have >=1 items'],
  [
    'unsorted assets',
    { assets: [`0x${'55'.repeat(32)}`, `0x${'44'.repeat(32)}`] },
    /ascending ids without repeats/,
  ],
  [
    'a repeated asset',
    { assets: [`0x${'44'.repeat(32)}`, `0x${'44'.repeat(32)}`] },
    /ascending ids without repeats/,
  ],
  [
    'an end before the start',
    { finishedAtSeconds: '99' },
    'receipt finishedAtSeconds: expected not before startedAtSeconds',
  ],
  [
    'a compact signature',
    { signature: `0x${'11'.repeat(64)}` },
    /signature: expected 0x and 130 hex digits/,
  ],
])('%s is refused with its own message', async (_, change, message) => {
  const json = { ...receiptToJson(await signed()), ...change }
  expect(() => parseReceiptJson(json)).toThrow(message)
})
