import { FoggaraError, type Hex } from '@foggara/schema'
import { decodeFunctionResult, encodeFunctionData, isHex, parseAbi } from 'viem'

import { callRpc } from '../service/check-rpc.ts'
import { type Difference, firstDifference } from './first-difference.ts'
import type { StoredEpoch } from './read-epoch.ts'

const rootAbi = parseAbi([
  'struct Root { uint8 status; uint64 challengeEndsAtSeconds; address challenger; uint256 bond; bytes32 root; bytes32 manifestHash; uint256 cumulativeTotal; uint256 fundedTotal; }',
  'function rootOf(uint32 epoch) view returns (Root)',
])

/** What the distributor itself says about an epoch's root; a chain that is away is no difference. */
export async function rootOnChain(
  { epoch, manifest, manifestHash }: StoredEpoch,
  rpcUrl: string,
): Promise<{ readonly difference: Difference | undefined; readonly text: string }> {
  const { distributor, root, cumulativeTotal } = manifest
  const data = encodeFunctionData({ abi: rootAbi, functionName: 'rootOf', args: [epoch] })
  try {
    const result = await callRpc(rpcUrl, 'eth_call', [{ to: distributor, data }, 'latest'])
    if (!isHex(result) || result === '0x') return skipped('the distributor has no rootOf')
    const found = decodeFunctionResult({ abi: rootAbi, functionName: 'rootOf', data: result })
    if (BigInt(found.root) === 0n) return skipped('nothing is proposed yet')
    const difference = firstDifference({
      table: 'distributor',
      expected: [{ root, manifestHash, cumulativeTotal }],
      found: [pick(found.root, found.manifestHash, found.cumulativeTotal)],
      keyOf: () => `epoch ${epoch}`,
    })
    return { difference, text: `root ${root}` }
  } catch (error) {
    if (!(error instanceof FoggaraError)) throw error
    return skipped(error.code)
  }
}

function pick(root: Hex, manifestHash: Hex, cumulativeTotal: bigint) {
  return { root, manifestHash, cumulativeTotal: cumulativeTotal.toString() }
}

function skipped(reason: string) {
  return { difference: undefined, text: `not asked: ${reason}` }
}
