import { type Hex, invariant } from '@foggara/schema'
import { keccak256, stringToBytes } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'

import { DEVNET_ACCOUNT_COUNT, FIRST_PARTICIPANT_INDEX, devnetAccounts } from '../accounts.ts'
import type { Rpc } from '../rpc.ts'

/** Who takes part in the economy, by kind; addresses in lower case. */
export type Participants = {
  readonly developers: readonly Hex[]
  readonly dataProviders: readonly Hex[]
  readonly businesses: readonly Hex[]
  readonly researchers: readonly Hex[]
  readonly computeProviders: readonly ComputeProvider[]
  /** All of them, in the order of the kinds above. */
  readonly all: readonly Hex[]
}

/** A compute provider with the key that signs its receipts. */
export type ComputeProvider = {
  readonly address: Hex
  readonly name: string
  readonly signer: Hex
  readonly signerKey: Hex
}

const COUNTS = { developers: 18, dataProviders: 12, businesses: 12, researchers: 8 }

const PROVIDER_NAMES = [
  'Harmattan Compute',
  'Erg Cloud',
  'Simoom GPU Pool',
  'Tanezrouft Inference',
  'Wadi Render',
  'Chergui Clusters',
]

/** The participants: accounts whose keys the node holds, dealt out in a fixed order. */
export async function participantsOf(rpc: Rpc): Promise<Participants> {
  const accounts = (await rpc.request('eth_accounts')) as readonly Hex[]
  invariant(accounts.length === DEVNET_ACCOUNT_COUNT, 'the node holds the accounts of the devnet')
  const all = accounts.slice(FIRST_PARTICIPANT_INDEX).map((address) => address.toLowerCase() as Hex)
  let start = 0
  const take = (count: number) => all.slice(start, (start += count))
  return {
    developers: take(COUNTS.developers),
    dataProviders: take(COUNTS.dataProviders),
    businesses: take(COUNTS.businesses),
    researchers: take(COUNTS.researchers),
    computeProviders: take(PROVIDER_NAMES.length).map((address, index) => {
      const signerKey = keccak256(stringToBytes(`foggara devnet signing key of ${address}`))
      const signer = privateKeyToAddress(signerKey).toLowerCase() as Hex
      return { address, name: PROVIDER_NAMES[index] ?? address, signer, signerKey }
    }),
    all,
  }
}

/** The accounts with a role that act in the economy. */
export const OPERATORS = {
  deployer: devnetAccounts.deployer.address,
  arbiter: devnetAccounts.arbiter.address,
  treasury: devnetAccounts.treasury.address,
} as const
