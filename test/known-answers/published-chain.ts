import type { Hex } from '@foggara/schema'

import { bloomBits } from '../../ingest/chain/bloom.ts'
import { SAMPLE_DEPLOYMENT } from '../../ingest/simulation/sample-chain.ts'
import type {
  RpcLog,
  SimulatedBlock,
  SimulatedChain,
} from '../../ingest/simulation/simulated-chain.ts'

/** A real block as JSON-RPC has it, with the logs of each of its transactions. */
export type PublishedBlock = {
  readonly header: Readonly<Record<string, unknown>>
  readonly receipts: readonly (Readonly<Record<string, unknown>> & {
    readonly logs: readonly RpcLog[]
  })[]
}

/** Real blocks as a chain that a node serves; there is nothing between and around them. */
export function publishedChain(
  chainId: number,
  published: readonly PublishedBlock[],
): SimulatedChain {
  const blocks: SimulatedBlock[] = []
  const known = new Map<Hex, SimulatedBlock>()
  for (const { header, receipts } of published) {
    const [number, hash] = [Number(header['number']), header['hash'] as Hex]
    const logs = receipts.flatMap((receipt) => receipt.logs)
    const block = { number, hash, header, receipts, logs, accumulators: new Map() }
    blocks[number] = block
    known.set(hash, block)
  }
  const fixed = (): never => {
    throw new Error('what was published does not change')
  }
  return {
    deployment: { ...SAMPLE_DEPLOYMENT, chainId },
    blocks: () => blocks,
    byHash: (hash) => known.get(hash),
    mine: fixed,
    reorg: fixed,
  }
}

/** The bloom filter of logs. */
export function bloomOf(logs: readonly Pick<RpcLog, 'address' | 'topics'>[]): Hex {
  const digits = Array.from({ length: 512 }, () => 0)
  for (const value of logs.flatMap(({ address, topics }) => [address, ...topics])) {
    for (const { digitIndex, mask } of bloomBits(value)) {
      digits[digitIndex - 2] = (digits[digitIndex - 2] ?? 0) | mask
    }
  }
  return `0x${digits.map((digit) => digit.toString(16)).join('')}`
}
