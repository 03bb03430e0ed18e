import { CONTRACT_NAMES, type ContractName, type Deployment, type Hex } from '@foggara/schema'
import { numberToHex } from 'viem'

import type { ChainStore } from '../store/chain-store.ts'
import type { Row } from '../store/row-binary.ts'

/** A deployment at fixed addresses, of no real chain. */
export const SAMPLE_DEPLOYMENT: Deployment = {
  chainId: 4_242,
  startBlock: 1,
  contracts: Object.fromEntries(
    CONTRACT_NAMES.map((name, index) => [name, numberToHex(0xf0_99a4a000 + index, { size: 20 })]),
  ) as Record<ContractName, Hex>,
}

/** The evidence columns of the n-th log of a block. */
export function sampleEvidence(block: number, logIndex: number): Row {
  return {
    block,
    log_index: logIndex,
    transaction_hash: `0x${'77'.repeat(32)}`,
    at_seconds: 1_700_000_000 + block,
  }
}

/** Commits the block after the head, a second after it or at a later time, with rows of any chain tables. */
export async function commitSampleBlock(
  store: ChainStore,
  rows: Readonly<Record<string, readonly Row[]>>,
  atSeconds?: number,
): Promise<void> {
  const block = (store.head()?.block ?? 0) + 1
  const hash = numberToHex(block, { size: 32 })
  const header = {
    block,
    hash,
    parent_hash: numberToHex(block - 1, { size: 32 }),
    at_seconds: atSeconds ?? 1_700_000_000 + block,
    log_count: 0,
    evidence: 'trusted',
  }
  await store.commit({
    rowsByTable: new Map(Object.entries({ ...rows, block: [header] })),
    firstBlock: block,
    lastBlock: block,
    blockHashes: [hash],
    kills: [],
  })
}
