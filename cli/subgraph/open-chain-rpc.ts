import { type Rpc, openRpc, openRpcPool } from '@foggara/ingest'

import type { Surroundings } from '../service/surroundings.ts'

/**
 * Connects to a chain through one provider, or several that stand in for each other.
 *
 * @throws what the first provider's answer to which chain it serves raises.
 */
export async function openChainRpc(
  urls: readonly [first: string, ...others: string[]],
  surroundings: Surroundings,
): Promise<Rpc> {
  const rpc = openRpc({ url: urls[0], ...surroundings })
  const chainId = Number(await rpc.call('eth_chainId', []))
  return urls.length === 1 ? rpc : openRpcPool({ urls, chainId, ...surroundings })
}
