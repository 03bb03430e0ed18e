import { expect, test } from 'vitest'

import { publishedText, skipReason } from '../../test/known-answers/published.ts'
import { decodeHeader, recordOf } from './block.ts'
import { fetchReceipts } from './fetch-receipts.ts'
import { headerHash } from './header-hash.ts'
import { receiptsRoot } from './receipts-root.ts'
import type { Rpc } from './rpc.ts'

const MAINNET = 'evm-mainnet/erigon-rpc-tests'
const HIVE = 'evm-hive'

test('a block without transactions has the root of the empty trie', () => {
  expect(receiptsRoot([])).toBe(
    '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  )
})

test.skipIf(skipReason(MAINNET) !== '').for([
  [18_000_000, 'eth_getBlockByHash', 'eth_getBlockReceipts', 291],
  [17_000_000, 'header', 'receipts', 237],
] as const)(
  `receipts of block %i of Ethereum fold to its root${skipReason(MAINNET)}`,
  async ([number, headerFile, receiptsFile, logCount]) => {
    const block = published(`${MAINNET}/block-${number}.${headerFile}.json`)
    const receipts = published(`${MAINNET}/block-${number}.${receiptsFile}.json`)
    expect(headerHash(recordOf(block))).toBe(recordOf(block)['hash'])
    const header = decodeHeader(block, 'here')
    if (header === undefined || !Array.isArray(receipts)) throw new Error('no block')
    const found = await fetchReceipts(replay(block, receipts), header)
    expect(found.isProven).toBe(true)
    expect(found.logs.length).toBe(logCount)
    const withLogs = receipts.findIndex((receipt) => Object(receipt).logs.length > 0)
    const lying = receipts.with(withLogs, {
      ...receipts[withLogs],
      logs: receipts[withLogs].logs.slice(1),
    })
    await expect(fetchReceipts(replay(block, lying), header)).rejects.toMatchObject({
      code: 'RPC_INCONSISTENT',
    })
    const shorter = receipts.slice(0, -1)
    await expect(fetchReceipts(replay(block, shorter), header)).rejects.toMatchObject({
      code: 'RPC_INCONSISTENT',
    })
  },
)

test.skipIf(skipReason(HIVE) !== '')(
  `headers of every fork hash to what they say${skipReason(HIVE)}`,
  () => {
    const forks = ['london', 'merge', 'shanghai', 'cancun', 'prague']
    const names = ['genesis', ...forks.map((fork) => `block-${fork}-fork`)]
    const blocks = names.map((name) =>
      recordOf(answerOf(`${HIVE}/eth_getBlockByNumber/get-${name}.io`)),
    )
    for (const block of blocks) expect(headerHash(block)).toBe(block['hash'])
  },
)

/** What a file of the hive tests records as the answer. */
function answerOf(name: string): unknown {
  const line = publishedText(name)
    .split('\n')
    .find((text) => text.startsWith('<< '))
  return JSON.parse(line?.slice(3) ?? '{}').result
}

function published(name: string): unknown {
  const value = JSON.parse(publishedText(name))
  return (Array.isArray(value) ? value[0].response : value.response).result
}

function replay(block: unknown, receipts: unknown): Rpc {
  const none = () => Promise.reject(new Error('not asked for'))
  const batch = () => Promise.resolve([block, receipts])
  return { shownUrl: 'here', batch, call: none, batchSettled: none, exchange: none }
}
