import { type ClickHouseClient, currentPin } from '@foggara/database'
import { EMPTY_ROOT } from '@foggara/gpu-analytics'
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
  type Transport,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
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
  /** Another transport than HTTP to the RPC URL, for tests. */
  readonly transport?: Transport
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
  const { chainId, rpcUrl, distributor, proposerKey } = options
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const transport = options.transport ?? http(rpcUrl, { timeout: 15_000, retryCount: 2 })
  const reader = createPublicClient({ chain, transport })
  const contract = { address: distributor, abi: rewardDistributorAbi } as const
  const account = proposerKey === undefined ? undefined : privateKeyToAccount(proposerKey)

  const send = async (
    request: { functionName: 'proposeRoot' | 'activateRoot'; epoch: number } & (
      | { functionName: 'proposeRoot'; args: readonly [number, Hex, Hex, bigint] }
      | { functionName: 'activateRoot'; args: readonly [number] }
    ),
  ): Promise<RootAct | undefined> => {
    if (account === undefined) return undefined
    const writer = createWalletClient({ chain, transport, account })
    const { functionName, epoch } = request
    try {
      const hash =
        request.functionName === 'proposeRoot'
          ? await writer.writeContract({
              ...contract,
              functionName: 'proposeRoot',
              args: request.args,
            })
          : await writer.writeContract({
              ...contract,
              functionName: 'activateRoot',
              args: request.args,
            })
      const mined = await reader.waitForTransactionReceipt({ hash, timeout: MINED_MS_MAX })
      if (mined.status !== 'success') throw new TransactionRevertedError(functionName, epoch, hash)
      const type = functionName === 'proposeRoot' ? 'proposed' : 'activated'
      return { type, epoch, transactionHash: hash }
    } catch (cause) {
      throw asRootError(cause, functionName, epoch)
    }
  }

  return {
    finalizedBlock: async () => {
      try {
        const { number } = await reader.getBlock({ blockTag: 'finalized' })
        return Number(number)
      } catch (cause) {
        throw asRootError(cause, 'finalized block', 0)
      }
    },
    step: async () => {
      const epochs = await readEpochs(options.client)
      for (const row of epochs) checkRoot(row)
      const [lastProposed, lastActive, latest] = await Promise.all([
        reader.readContract({ ...contract, functionName: 'lastProposedEpoch' }),
        reader.readContract({ ...contract, functionName: 'lastActiveEpoch' }),
        reader.getBlock(),
      ]).catch((cause: unknown) => {
        throw asRootError(cause, 'roots', 0)
      })
      const due = epochs.find(({ epoch }) => epoch === lastActive + 1)
      const isOver = due !== undefined && due.challengeEndsAtSeconds <= latest.timestamp
      if (options.activates && due?.status === 'PROPOSED' && isOver && due.epoch <= lastProposed) {
        return send({ functionName: 'activateRoot', epoch: due.epoch, args: [due.epoch] })
      }
      const next = epochs.find(({ epoch }) => epoch === lastProposed + 1)
      if (!options.proposes || next === undefined || next.status !== 'CLOSED') return undefined
      if (next.root === EMPTY_ROOT) throw new RootEmptyError(next.epoch)
      const args = [next.epoch, next.root, next.manifestHash, next.cumulativeTotal] as const
      return send({ functionName: 'proposeRoot', epoch: next.epoch, args })
    },
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

function asRootError(cause: unknown, what: string, epoch: number): unknown {
  if (!(cause instanceof BaseError)) return cause
  const name = cause.walk((error) => error instanceof Error && /Reverted/.test(error.name))
  const detail = (cause.details ?? cause.shortMessage).split('\n')[0] ?? ''
  if (name !== null) return new TransactionRevertedError(what, epoch, detail, cause)
  return new ChainCallError(what, detail, cause)
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

/** Nobody was ever paid: the distributor takes no empty root. */
export class RootEmptyError extends FatalError {
  constructor(epoch: number) {
    super('EPOCH_ROOT_EMPTY', `epoch ${epoch}: expected at least one payee, found none`)
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
