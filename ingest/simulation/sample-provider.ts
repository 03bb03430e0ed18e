import type { ClickHouseClient } from '@foggara/database'
import type { Hex } from '@foggara/schema'

import { openChainStore } from '../store/chain-store.ts'
import { commitSampleBlock, sampleEvidence } from './sample-chain.ts'
import { sampleId } from './sample-receipt.ts'

/** Commits a block in which the assets of sample receipts and a provider's signing key are registered. */
export async function prepareSampleProvider(
  client: ClickHouseClient,
  provider: Hex,
  signer: Hex,
): Promise<void> {
  const { signal } = new AbortController()
  const surroundings = { client, nowMs: () => 0, sleep: () => Promise.resolve(), signal }
  const store = await openChainStore(surroundings, () => undefined)
  const asset = (logIndex: number, byte: string) => ({
    ...sampleEvidence(1, logIndex),
    sequence: logIndex + 1,
    asset_id: sampleId(byte),
    creator: provider,
    kind: 0,
    name: byte,
    metadata_uri: '',
    metadata_hash: sampleId('00'),
  })
  await commitSampleBlock(store, {
    asset_registered: [asset(0, 'a1'), asset(1, 'a2')],
    signing_key_set: [{ ...sampleEvidence(1, 2), sequence: 1, provider, signer, active: true }],
  })
}
