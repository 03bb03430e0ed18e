import type { RpcLog } from '../../ingest/simulation/simulated-chain.ts'
import { type PublishedBlock, bloomOf } from './published-chain.ts'

// Public facts of Ethereum: its first block as the Yellow Paper's appendix I has it, and block
// 1,755,635 with its two receipts as in tests/resources/test_stream of ethereum-etl (MIT).

const NO_LOGS = `0x${'00'.repeat(256)}` as const

/** The header of block 0. */
export const GENESIS = {
  hash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
  parentHash: `0x${'00'.repeat(32)}`,
  sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
  miner: `0x${'00'.repeat(20)}`,
  stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
  transactionsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  receiptsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  logsBloom: NO_LOGS,
  difficulty: '0x400000000',
  number: '0x0',
  gasLimit: '0x1388',
  gasUsed: '0x0',
  timestamp: '0x0',
  extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
  mixHash: `0x${'00'.repeat(32)}`,
  nonce: '0x0000000000000042',
} as const

const HASH = '0x1dec87ec1ba8e65b7773bb6f62249468948a28a427efd3d896a2ff7d7c591a67'
const FIRST = '0x2e3dcd051a91d3a694f6b8de2ac4b5fe7acdba55f58bcf8471ff00d4a430074d'

const LOGS: readonly RpcLog[] = [
  {
    address: '0xbb9bc244d798123fde783fcc1c72d3bb8c189413',
    blockHash: HASH,
    blockNumber: '0x1ac9f3',
    data: '0x0000000000000000000000000000000000000000000000004563918244f40000',
    logIndex: '0x0',
    removed: false,
    topics: [
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
      '0x0000000000000000000000006498077292a0921c8804924fdf47b5e91e2a215f',
      '0x0000000000000000000000008b3b3b624c3c0397d3da8fd861512393d51dcbac',
    ],
    transactionHash: FIRST,
    transactionIndex: '0x0',
  },
  {
    address: '0x8b3b3b624c3c0397d3da8fd861512393d51dcbac',
    blockHash: HASH,
    blockNumber: '0x1ac9f3',
    data: '0x',
    logIndex: '0x1',
    removed: false,
    topics: [
      '0xe3e6ac9b8af8d4194beda053cf95abee2ac870c4fb5f26505181ef1d438512bf',
      '0x0000000000000000000000006498077292a0921c8804924fdf47b5e91e2a215f',
      '0x0000000000000000000000000000000000000000000000004563918244f40000',
    ],
    transactionHash: FIRST,
    transactionIndex: '0x0',
  },
]
const BLOOM = bloomOf(LOGS)

/** A block from before Byzantium: its receipts name states. */
export const BLOCK_1755635: PublishedBlock = {
  header: {
    number: '0x1ac9f3',
    hash: HASH,
    parentHash: '0xa06fc36a7144c4bbb1f7ab13b541144414fa7808c119e8a4635e392ea544c178',
    sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
    miner: '0xa027231f42c80ca4125b5cb962a21cd4f812e88f',
    stateRoot: '0x7584c6224f7373d95dd2fcb9a29135271b64edf1f785def4f51c446cd4675dc3',
    transactionsRoot: '0x36854e7b5bedd028c7b2a89829f6269a76e345edc92c6bffaddfdace512a2818',
    receiptsRoot: '0xda8b99b6658dbcb71a03a6978d61d5ad6ad3e74961b58fe71e6e75549c701e1a',
    difficulty: '0x30290ce4811d',
    gasLimit: '0x47e7c4',
    gasUsed: '0xe04a',
    timestamp: '0x576b99fa',
    extraData: '0x6574682e70702e7561',
    mixHash: '0x63c3d0918388db8aa0083cc2aa394cf87f1b2f2cc4072c3c61341e59243d8f36',
    nonce: '0xfdaeb738c5a4ef9c',
    logsBloom: BLOOM,
  },
  receipts: [
    {
      blockNumber: '0x1ac9f3',
      blockHash: HASH,
      transactionIndex: '0x0',
      root: '0x4db3f06ff4e7283ab1187045ca78f4bd713b0737640180377b4d4a2e9a80c235',
      cumulativeGasUsed: '0x8e42',
      logsBloom: BLOOM,
      logs: LOGS,
    },
    {
      blockNumber: '0x1ac9f3',
      blockHash: HASH,
      transactionIndex: '0x1',
      root: '0x379f143510d5703cf162e37e61d906341b4a6acf4f339d422c656000ccd5898f',
      cumulativeGasUsed: '0xe04a',
      logsBloom: NO_LOGS,
      logs: [],
    },
  ],
}
