import { type ClickHouseClient, currentPin } from '@foggara/database'
import {
  EPOCH_STATUSES,
  FatalError,
  type Hex,
  RetryableError,
  pinnedRelations,
  rewardDistributorAbi,
} from '@foggara/schema'
import {
  BaseError,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  webSocket,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'

import { rowsOf } from './close-epochs.ts'
import { hexText, integerText, readRows, smallNumber } from './rows.ts'

/** What looking after the roots on chain needs. */
export type RootOptions = {
  readonly client: ClickHouseClient
  readonly rpcUrl: string
  readonly chainId: number
  readonly distributor: Hex
  /** The key of the proposer; without it nothing is sent. */
  readonly proposerKey: Hex | undefined
  readonly proposes: boolean
  readonly activates: boolean
}

/** Something that was sent to the chain. */
export type RootAct = {
  readonly type: 'proposed' | 'activated'
  readonly epoch: number
  readonly transactionHash: Hex
}

/** Looks after the roots of closed epochs on chain. */
export type EpochRoots = {
  /** The newest block that the chain calls final. */
  readonly finalizedBlock: () => Promise<number>
  /** Sends at most one transaction, the next that is due, and waits until it is mined. */
  readonly step: () => Promise<RootAct | undefined>
}

const MINED_MS_MAX = 60_000

/** Connects to a distributor. */
export function openEpochRoots(options: RootOptions): EpochRoots {
  const distributor = connect(options)
  return {
    finalizedBlock: () => distributor.finalizedBlock(),
    step: async () => {
      const epochs = await readEpochs(options.client)
      for (const row of epochs) checkRoot(row)
      const onChain = await distributor.state()
      const due = epochs.find(({ epoch }) => epoch === onChain.lastActive + 1)
      if (options.activates && due !== undefined && isActivable(due, onChain)) {
        return distributor.activate(due.epoch)
      }
      const next = epochs.find(({ epoch }) => epoch === onChain.lastProposed + 1)
      if (!options.proposes || next === undefined || next.status === 'PROPOSED') return undefined
      return distributor.propose(next)
    },
  }
}

type OnChain = {
  readonly lastProposed: number
  readonly lastActive: number
  readonly nowSeconds: bigint
}

type Distributor = {
  readonly finalizedBlock: () => Promise<number>
  readonly state: () => Promise<OnChain>
  readonly propose: (row: EpochRow) => Promise<RootAct | undefined>
  readonly activate: (epoch: number) => Promise<RootAct | undefined>
}

function isActivable(row: EpochRow, { lastProposed, nowSeconds }: OnChain): boolean {
  const isOver = row.challengeEndsAtSeconds <= nowSeconds
  return row.status === 'PROPOSED' && row.epoch <= lastProposed && isOver
}

function connect(options: RootOptions): Distributor {
  const { chainId, rpcUrl, distributor, proposerKey } = options
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const rules = { timeout: 15_000, retryCount: 2 }
  const transport = /^wss?:/.test(rpcUrl) ? webSocket(rpcUrl, rules) : http(rpcUrl, rules)
  const reader = createPublicClient({ chain, transport })
  const contract = { address: distributor, abi: rewardDistributorAbi } as const
  const account = proposerKey === undefined ? undefined : privateKeyToAccount(proposerKey)
  const writer = account && createWalletClient({ chain, transport, account })

  const mined = async (type: RootAct['type'], epoch: number, hash: Hex): Promise<RootAct> => {
    const receipt = await reader.waitForTransactionReceipt({ hash, timeout: MINED_MS_MAX })
    if (receipt.status !== 'success') throw new TransactionRevertedError(type, epoch, hash)
    return { type, epoch, transactionHash: hash }
  }
  return {
    finalizedBlock: () =>
      asRootErrors('finalized block', 0, async () => {
        const { number } = await reader.getBlock({ blockTag: 'finalized' })
        return Number(number)
      }),
    state: () =>
      asRootErrors('roots', 0, async () => {
        const [lastProposed, lastActive, { timestamp }] = await Promise.all([
          reader.readContract({ ...contract, functionName: 'lastProposedEpoch' }),
          reader.readContract({ ...contract, functionName: 'lastActiveEpoch' }),
          reader.getBlock(),
        ])
        return { lastProposed, lastActive, nowSeconds: timestamp }
      }),
    propose: ({ epoch, root, manifestHash, cumulativeTotal }) =>
      asRootErrors('proposal', epoch, async () => {
        const args = [epoch, root, manifestHash, cumulativeTotal] as const
        const call = { ...contract, functionName: 'proposeRoot', args } as const
        return writer && mined('proposed', epoch, await writer.writeContract(call))
      }),
    activate: (epoch) =>
      asRootErrors('activation', epoch, async () => {
        const call = { ...contract, functionName: 'activateRoot', args: [epoch] } as const
        return writer && mined('activated', epoch, await writer.writeContract(call))
      }),
  }
}

const epochRow = z.object({
  epoch: smallNumber,
  root: hexText,
  manifestHash: hexText,
  cumulativeTotal: integerText,
  status: z.enum(EPOCH_STATUSES),
  proposedRoot: hexText,
  challengeEndsAtSeconds: integerText,
})

type EpochRow = z.output<typeof epochRow>

/** The closed epochs that are not active yet, ascending. */
async function readEpochs(client: ClickHouseClient): Promise<EpochRow[]> {
  const pin = await currentPin(client)
  const hex = (name: string) => `concat('0x', lower(hex(source.${name})))`
  return readRows(
    rowsOf(client),
    epochRow,
    `select source.epoch as "epoch", ${hex('root')} as "root",
      ${hex('manifest_hash')} as "manifestHash", source.cumulative_total as "cumulativeTotal",
      source.status as "status", ${hex('proposed_root')} as "proposedRoot",
      source.challenge_ends_at_seconds as "challengeEndsAtSeconds"
    from ${pinnedRelations(pin).relation('epoch')} as source
    where source.status != 'ACTIVE'
    order by source.epoch`,
  )
}

function checkRoot(row: EpochRow): void {
  if (row.status === 'CLOSED') return
  if (row.status === 'REJECTED') {
    if (row.proposedRoot === row.root) throw new RootRejectedError(row)
    return
  }
  if (row.proposedRoot !== row.root) throw new RootMismatchError(row)
}

async function asRootErrors<T>(what: string, epoch: number, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (!(cause instanceof BaseError)) throw cause
    const revert = cause.walk((error) => error instanceof Error && /Reverted/.test(error.name))
    const detail = (cause.details || cause.shortMessage).split('\n')[0] ?? ''
    if (revert !== null) throw new TransactionRevertedError(what, epoch, detail, cause)
    throw new ChainCallError(what, detail, cause)
  }
}

/** Somebody proposed another root than the one computed here: it must not be activated. */
export class RootMismatchError extends FatalError {
  constructor({ epoch, root, proposedRoot }: EpochRow) {
    super(
      'EPOCH_ROOT_MISMATCH',
      `epoch ${epoch}: expected the proposed root ${root}, found ${proposedRoot} on chain`,
      { hint: `Run foggara verify ${epoch}; challenge the root while its window is open.` },
    )
  }
}

/** A challenge against the root computed here was upheld: it is not proposed again. */
export class RootRejectedError extends FatalError {
  constructor({ epoch, root }: EpochRow) {
    super('EPOCH_ROOT_REJECTED', `epoch ${epoch}: expected ${root} to stand, found it rejected`, {
      hint: `Run foggara verify ${epoch} and look at the evidence of the challenge.`,
    })
  }
}

/** The contract refuses a transaction. */
export class TransactionRevertedError extends RetryableError {
  constructor(what: string, epoch: number, found: string, cause?: unknown) {
    super('TRANSACTION_REVERTED', `${what} of epoch ${epoch}: expected success, found ${found}`, {
      cause,
    })
  }
}

/** The chain does not answer as it should. */
export class ChainCallError extends RetryableError {
  constructor(what: string, found: string, cause: unknown) {
    super('RPC_UNREACHABLE', `${what}: expected an answer of the chain, found ${found}`, { cause })
  }
}
