import type { Hex } from '@foggara/schema'
import { encodeAbiParameters, keccak256 } from 'viem'

import {
  type Anvil,
  BLOCK_STEP_SECONDS,
  type Devnet,
  TOKEN_UNIT,
  activateRoot,
  claim,
  connectDevnet,
  deploy,
  devnetAccounts,
  mine,
  prepareAccounts,
  proposeRoot,
  seedHistory,
  startAnvil,
  transact,
} from '../../devnet/index.ts'

/** A chain for subgraphs: the same each time it is made. */
export type OwnChain = {
  readonly anvil: Anvil
  readonly headBlock: number
  readonly headHash: string
}

/** How the protocol's chain begins: large enough for every kind of event but those of roots. */
const HISTORY = { seed: 'oracle', blockCount: 110, assetCount: 70 }

/** Handlers may call contracts at any block of the chain, so the node keeps every state. */
const STATE_COUNT = 400

const WINDOW_BLOCK_COUNT = 3

/** A history of the devnet with every kind of event of the protocol. */
export async function startProtocolChain(): Promise<OwnChain & { readonly devnet: Devnet }> {
  const anvil = await startAnvil({ stateCount: STATE_COUNT })
  try {
    const epoch = {
      epochBlockCount: 20,
      challengeSeconds: WINDOW_BLOCK_COUNT * BLOCK_STEP_SECONDS,
    }
    const devnet = connectDevnet(anvil.rpcUrl, await deploy(anvil.rpcUrl, epoch))
    await seedHistory(devnet, HISTORY)
    await playRoots(devnet)
    return { anvil, devnet, ...(await headOf(devnet)) }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

/** A node without a block, for a chain of one's own. */
export function startEmptyChain(): Promise<Anvil> {
  return startAnvil({ stateCount: STATE_COUNT })
}

/** The newest block of a chain. */
export async function headOf(
  devnet: Pick<Devnet, 'rpc'>,
): Promise<{ readonly headBlock: number; readonly headHash: string }> {
  const block = (await devnet.rpc.request('eth_getBlockByNumber', 'latest', false)) as {
    readonly number: string
    readonly hash: string
  }
  return { headBlock: Number(block.number), headHash: block.hash }
}

/** A root that becomes active and is claimed against, and one that is challenged and rejected. */
async function playRoots(devnet: Devnet): Promise<void> {
  const [account] = devnetAccounts.testers.map(({ address }) => address)
  if (account === undefined) return
  await prepareAccounts(devnet, [account], 1000n * TOKEN_UNIT)
  // A tree of one leaf is the leaf, hashed twice, and its proof is empty.
  const types = [{ type: 'address' }, { type: 'address' }, { type: 'uint256' }] as const
  const { VotesToken } = devnet.deployment.contracts
  const root = keccak256(keccak256(encodeAbiParameters(types, [account, VotesToken, TOKEN_UNIT])))
  const manifestHash: Hex = `0x${'cd'.repeat(32)}`
  await proposeRoot(devnet, { epoch: 1, root, manifestHash, cumulativeTotal: TOKEN_UNIT })
  const second = { epoch: 2, root: manifestHash, manifestHash, cumulativeTotal: 2n * TOKEN_UNIT }
  await proposeRoot(devnet, second)
  const call = { contract: 'RewardDistributor' } as const
  const challenge = { functionName: 'challengeRoot', args: [2, manifestHash] }
  await transact(devnet, { ...call, ...challenge, from: account })
  const ruling = { functionName: 'resolveChallenge', args: [2, true] }
  await transact(devnet, { ...call, ...ruling, from: devnetAccounts.arbiter.address })
  await mine(devnet, WINDOW_BLOCK_COUNT)
  await activateRoot(devnet, 1)
  await claim(devnet, { account, cumulative: TOKEN_UNIT, proof: [] })
}
