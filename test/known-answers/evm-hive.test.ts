import { readdirSync } from 'node:fs'

import type { Hex } from '@foggara/schema'
import { type Hex as ViemHex, fromRlp, keccak256, toRlp } from 'viem'
import { expect, test } from 'vitest'

import { decodeLogs } from '../../ingest/chain/block.ts'
import { headerHash } from '../../ingest/chain/header-hash.ts'
import { verdictOf } from '../../ingest/chain/rpc-verdict.ts'
import { openRpc } from '../../ingest/chain/rpc.ts'
import { openRandom } from '../../ingest/simulation/random.ts'
import type { RpcLog } from '../../ingest/simulation/simulated-chain.ts'
import { startSimulatedNode } from '../../ingest/simulation/simulated-node.ts'
import { type PublishedBlock, publishedChain } from './published-chain.ts'
import { publishedBytes, publishedPath, publishedText, skipReason } from './published.ts'

// The chain and the answers of the Ethereum Foundation's execution-apis (tests/, CC0-1.0), which
// hive holds every client to.

const HIVE = 'evm-hive'
const WHY = skipReason(HIVE)
const CHAIN_ID = 3_503_995_874_084_926

/** The fields of a header in their order. */
const FIELDS =
  `parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty
  number gasLimit gasUsed timestamp extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed
  excessBlobGas parentBeaconBlockRoot requestsHash`.split(/\s+/u)

test.skipIf(WHY !== '')(
  `every header of hive's chain hashes to what its child names as parent, up to its head${WHY}`,
  () => {
    const blocks = chainBlocks()
    expect(blocks).toHaveLength(54)
    for (const { rlp, header } of blocks) expect(headerHash(header)).toBe(keccak256(toRlp(rlp)))
    const hashes = blocks.map(({ header }) => header['hash'])
    const parents = blocks.map(({ header }) => header['parentHash'])
    expect(parents.slice(1)).toEqual(hashes.slice(0, -1))
    const head = JSON.parse(publishedText(`${HIVE}/headfcu.json`)) as {
      readonly params: readonly [{ readonly headBlockHash: string }]
    }
    expect(blocks.at(-1)?.header['hash']).toBe(head.params[0].headBlockHash)
  },
)

test.skipIf(WHY !== '')(
  `a node over hive's chain answers each eth_getLogs as recorded, and its logs are read as they are${WHY}`,
  async () => {
    const cases = logCases().filter(({ answer }) => answer.result !== undefined)
    expect(cases).toHaveLength(6)
    const chain = publishedChain(
      CHAIN_ID,
      withLogs(cases.flatMap(({ answer }) => answer.result ?? [])),
    )
    await using node = await startSimulatedNode(chain, openRandom(1))
    const { signal } = new AbortController()
    const surroundings = { nowMs: Date.now, sleep: async () => undefined, signal }
    const rpc = openRpc({ url: node.url, ...surroundings })
    for (const { name, request, answer } of cases) {
      const found = decodeLogs(await rpc.call(request.method, request.params), 'node')
      const expected = (answer.result ?? []).map((log) => ({
        block: Number(log.blockNumber),
        blockHash: log.blockHash,
        logIndex: Number(log['logIndex']),
        transactionHash: log['transactionHash'],
        address: log.address,
        topics: log.topics,
        payload: log.data,
      }))
      expect(found, name).toEqual(expected)
      expect(found.length, name).toBeGreaterThan(0)
    }
  },
)

test.skipIf(WHY !== '')(
  `errors of clients about the range of eth_getLogs are not taken for limits of it${WHY}`,
  () => {
    const verdicts = logCases()
      .filter(({ answer }) => answer.error !== undefined)
      .map(({ name, answer: { error } }) => [name, verdictOf({ error }).type])
    expect(verdicts).toEqual([
      ['filter-error-future-block-range', 'behind'],
      ['filter-error-invalid-blockHash-and-range', 'unknown'],
      ['filter-error-reversed-block-range', 'unknown'],
    ])
  },
)

type LogCase = {
  readonly name: string
  readonly request: { readonly method: string; readonly params: readonly unknown[] }
  readonly answer: { readonly result?: readonly RpcLog[]; readonly error?: object }
}

function logCases(): readonly LogCase[] {
  const folder = `${HIVE}/eth_getLogs`
  return readdirSync(publishedPath(folder))
    .toSorted()
    .map((file) => {
      const lines = publishedText(`${folder}/${file}`).split('\n')
      const [asked = '', answered = ''] = ['>> ', '<< '].map((mark) =>
        lines.find((line) => line.startsWith(mark))?.slice(mark.length),
      )
      return {
        name: file.replace('.io', ''),
        request: JSON.parse(asked) as LogCase['request'],
        answer: JSON.parse(answered) as LogCase['answer'],
      }
    })
}

type ChainBlock = {
  readonly rlp: readonly unknown[]
  readonly header: Readonly<Record<string, Hex>>
}

/** The blocks of the file: one RLP list after the other. */
function chainBlocks(): readonly {
  readonly rlp: ViemHex[]
  readonly header: ChainBlock['header']
}[] {
  const bytes = publishedBytes(`${HIVE}/chain.rlp`)
  const blocks: { readonly rlp: ViemHex[]; readonly header: ChainBlock['header'] }[] = []
  let start = 0
  while (start < bytes.length) {
    const lengthBytes = (bytes[start] ?? 0) - 0xf7
    const bodyBytes =
      lengthBytes > 0 ? bytes.readUIntBE(start + 1, lengthBytes) : (bytes[start] ?? 0) - 0xc0
    const end = start + 1 + Math.max(0, lengthBytes) + bodyBytes
    const [rlp] = fromRlp(Uint8Array.from(bytes.subarray(start, end)), 'hex') as unknown as [
      ViemHex[],
    ]
    const fields = rlp.map((value, index) => [FIELDS[index] ?? '', value === '0x' ? '0x0' : value])
    const header = Object.fromEntries(fields) as Record<string, Hex>
    blocks.push({
      rlp,
      header: { ...header, extraData: rlp[12] ?? '0x', hash: keccak256(toRlp(rlp)) },
    })
    start = end
  }
  return blocks
}

/** The blocks with the logs that any of the answers shows of them. */
function withLogs(logs: readonly RpcLog[]): readonly PublishedBlock[] {
  const byPlace = new Map(logs.map((log) => [`${log.blockHash} ${String(log['logIndex'])}`, log]))
  return chainBlocks().map(({ header }) => ({
    header,
    receipts: [{ logs: [...byPlace.values()].filter((log) => log.blockHash === header['hash']) }],
  }))
}
