import {
  ASSET_KINDS,
  type AssetKind,
  type Hex,
  PAYMENT_KINDS,
  type PaymentKind,
  RELATIONS,
  type Relation,
  type Ruleset,
  type SignedReceipt,
  invariant,
  rulesetToJson,
  sum,
} from '@foggara/schema'
import { keccak256, maxUint256, stringToBytes, zeroHash } from 'viem'

import { devnetAccounts } from './accounts.ts'
import { type Devnet, type Transaction, mine, headNumber, mineBlock, transact } from './chain.ts'
import { type EventArguments, type ProtocolEvent, decodeEvent } from './economy/event.ts'
import { batchOf } from './receipts.ts'

/** Gives accounts tokens of the deployer and lets the contracts take payments from them. */
export async function prepareAccounts(
  devnet: Devnet,
  accounts: readonly Hex[],
  amount: bigint,
): Promise<void> {
  const { contracts } = devnet.deployment
  const transactions = accounts.flatMap((account): readonly Transaction[] => {
    const call = (from: Hex, functionName: string, ...args: readonly unknown[]) => {
      return { from, contract: 'VotesToken', functionName, args } as const
    }
    return [
      call(devnetAccounts.deployer.address, 'transfer', account, amount),
      ...SPENDERS.map((name) => call(account, 'approve', contracts[name], maxUint256)),
      call(account, 'delegate', account),
      {
        from: account,
        contract: 'OwnershipNFT',
        functionName: 'setApprovalForAll',
        args: [contracts.Marketplace, true],
      },
    ]
  })
  devnet.nonces.clear()
  await mineBlock(devnet, transactions, (await headNumber(devnet)) + 1)
}

/** Registers an asset and returns its id. */
export async function registerAsset(
  devnet: Devnet,
  asset: { readonly owner: Hex; readonly kind: AssetKind; readonly name: string },
): Promise<Hex> {
  const { owner, kind, name } = asset
  const hash = keccak256(stringToBytes(`metadata of ${name}`))
  const salt = keccak256(stringToBytes(name))
  const uri = `ipfs://${hash.slice(2)}`
  const args = [ASSET_KINDS.indexOf(kind), name, uri, hash, salt]
  const call = { from: owner, contract: 'OwnershipNFT', functionName: 'register', args } as const
  return (await emitted(devnet, call, 'AssetRegistered')).assetId
}

/** Offers licence terms and returns their id. */
export async function offerTerms(
  devnet: Devnet,
  terms: {
    readonly licensor: Hex
    readonly assetId: Hex
    readonly price: bigint
    readonly royaltyShareE8: number
    readonly derivativesAllowed?: boolean
    /** 0, the default, for ever. */
    readonly durationSeconds?: number
  },
): Promise<bigint> {
  const call = {
    from: terms.licensor,
    contract: 'LicenseNFT',
    functionName: 'offerTerms',
    args: [
      terms.assetId,
      terms.price,
      terms.royaltyShareE8,
      true,
      terms.derivativesAllowed ?? true,
      BigInt(terms.durationSeconds ?? 0),
      'https://licences.example/commercial',
    ],
  } as const
  return (await emitted(devnet, call, 'LicenceTermsOffered')).termsId
}

/** Buys a licence under terms and returns its id. */
export async function buyLicence(devnet: Devnet, buyer: Hex, termsId: bigint): Promise<bigint> {
  const args = [termsId]
  const call = { from: buyer, contract: 'LicenseNFT', functionName: 'buyLicence', args } as const
  return (await emitted(devnet, call, 'LicenceGranted')).licenceId
}

/** Grants a licence without payment and returns its id. */
export async function grantLicence(
  devnet: Devnet,
  grant: { readonly licensor: Hex; readonly termsId: bigint; readonly licensee: Hex },
): Promise<bigint> {
  const call = {
    from: grant.licensor,
    contract: 'LicenseNFT',
    functionName: 'grantLicence',
    args: [grant.termsId, grant.licensee],
  } as const
  return (await emitted(devnet, call, 'LicenceGranted')).licenceId
}

/** Links an asset to a parent. */
export async function linkEdge(
  devnet: Devnet,
  edge: {
    readonly owner: Hex
    readonly childId: Hex
    readonly parentId: Hex
    readonly relation: Relation
    readonly shareE8: number
    /** 0, the default, for a parent of the same owner. */
    readonly licenceId?: bigint
  },
): Promise<void> {
  const relation = RELATIONS.indexOf(edge.relation)
  await transact(devnet, {
    from: edge.owner,
    contract: 'OwnershipNFT',
    functionName: 'linkEdge',
    args: [edge.childId, edge.parentId, relation, edge.shareE8, edge.licenceId ?? 0n],
  })
}

/** Pays for the use of an asset (or tips it). */
export async function pay(
  devnet: Devnet,
  payment: {
    readonly payer: Hex
    readonly assetId: Hex
    readonly amount: bigint
    readonly kind?: PaymentKind
    /** What was paid for, a receipt's digest for example. */
    readonly subject?: Hex
  },
): Promise<void> {
  const kind = PAYMENT_KINDS.indexOf(payment.kind ?? 'USAGE')
  await transact(devnet, {
    from: payment.payer,
    contract: 'RevenueVault',
    functionName: 'pay',
    args: [payment.assetId, kind, payment.amount, payment.subject ?? zeroHash],
  })
}

/** Registers a compute provider with its signing key and its stake. */
export async function registerProvider(
  devnet: Devnet,
  provider: {
    readonly account: Hex
    readonly name: string
    readonly signer: Hex
    readonly stake: bigint
  },
): Promise<void> {
  const call = (functionName: string, ...args: readonly unknown[]) => {
    return { from: provider.account, contract: 'ComputeRegistry', functionName, args } as const
  }
  await transact(devnet, call('registerProvider', provider.name, 'https://provider.example'))
  await transact(devnet, call('setSigningKey', provider.signer, true))
  await transact(devnet, call('addStake', provider.stake))
}

/** Anchors receipts of their provider, with their bodies, and returns the batch's id. */
export async function anchorBatch(
  devnet: Devnet,
  receipts: readonly SignedReceipt[],
): Promise<bigint> {
  return anchor(devnet, receipts, batchOf(receipts).bodies)
}

/** Anchors the digests of receipts whose bodies travel another way, and returns the batch's id. */
export async function anchorDigests(
  devnet: Devnet,
  receipts: readonly SignedReceipt[],
): Promise<bigint> {
  return anchor(devnet, receipts, '0x')
}

/** Adds to the budget of the current epoch. */
export async function fundEpoch(devnet: Devnet, funder: Hex, amount: bigint): Promise<void> {
  const args = [amount]
  await transact(devnet, {
    from: funder,
    contract: 'RewardDistributor',
    functionName: 'fund',
    args,
  })
}

/**
 * Publishes a ruleset: the first as the deployer, a later one in the governor's name, as if a
 * proposal had passed.
 */
export async function publishRuleset(
  devnet: Devnet,
  ruleset: Ruleset,
  activeFromEpoch: number,
): Promise<void> {
  const governor = devnet.deployment.contracts.ProtocolGovernor
  const from = ruleset.version === 1 ? devnetAccounts.deployer.address : governor
  if (from === governor) await devnet.rpc.request('anvil_impersonateAccount', governor)
  await transact(devnet, {
    from,
    contract: 'RewardDistributor',
    functionName: 'publishRuleset',
    args: [activeFromEpoch, rulesetToJson(ruleset)],
  })
}

/** Proposes an epoch's root as the proposer. */
export async function proposeRoot(
  devnet: Devnet,
  proposal: {
    readonly epoch: number
    readonly root: Hex
    readonly manifestHash: Hex
    readonly cumulativeTotal: bigint
  },
): Promise<void> {
  await transact(devnet, {
    from: devnetAccounts.proposer.address,
    contract: 'RewardDistributor',
    functionName: 'proposeRoot',
    args: [proposal.epoch, proposal.root, proposal.manifestHash, proposal.cumulativeTotal],
  })
}

/** Activates an epoch's root; its challenge must be over. */
export async function activateRoot(devnet: Devnet, epoch: number): Promise<void> {
  await transact(devnet, {
    from: devnetAccounts.deployer.address,
    contract: 'RewardDistributor',
    functionName: 'activateRoot',
    args: [epoch],
  })
}

/** Claims what the active root owes an account. */
export async function claim(
  devnet: Devnet,
  leaf: { readonly account: Hex; readonly cumulative: bigint; readonly proof: readonly Hex[] },
): Promise<void> {
  const token = devnet.deployment.contracts.VotesToken
  await transact(devnet, {
    from: leaf.account,
    contract: 'RewardDistributor',
    functionName: 'claim',
    args: [leaf.account, token, leaf.cumulative, leaf.proof],
  })
}

/** Mines empty blocks until the head is at least `number`. */
export async function mineTo(devnet: Devnet, number: number): Promise<void> {
  const missing = number - (await headNumber(devnet))
  if (missing > 0) await mine(devnet, missing)
}

const SPENDERS = ['RevenueVault', 'OwnershipNFT', 'ComputeRegistry', 'RewardDistributor'] as const

async function anchor(
  devnet: Devnet,
  unordered: readonly SignedReceipt[],
  bodies: Hex,
): Promise<bigint> {
  const { receipts, digests, root } = batchOf(unordered)
  const provider = receipts[0]?.provider
  invariant(provider !== undefined, 'a batch has at least one receipt')
  const feeTotal = sum(receipts.map((receipt) => receipt.fee))
  const call = {
    from: provider,
    contract: 'ComputeRegistry',
    functionName: 'anchorBatch',
    args: [root, feeTotal, digests, bodies],
  } as const
  return (await emitted(devnet, call, 'BatchAnchored')).batchId
}

/** Sends a transaction and returns the arguments of the event that it must emit. */
async function emitted<Name extends ProtocolEvent['eventName']>(
  devnet: Devnet,
  transaction: Transaction,
  eventName: Name,
): Promise<EventArguments<Name>> {
  const { logs } = await transact(devnet, transaction)
  const events = logs.map((log) => decodeEvent(log))
  const found = events.find((event) => event?.eventName === eventName)
  invariant(found !== undefined, `${transaction.functionName} emits ${eventName}`)
  return found.args as EventArguments<Name>
}
