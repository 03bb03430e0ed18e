import { FatalError, type Hex, type SignedReceipt } from '@foggara/schema'
import { fromHex, toHex } from 'viem'

import {
  type Devnet,
  type MinedBlock,
  type RawLog,
  type Transaction,
  explainRevert,
  mineBlock,
  read,
} from '../chain.ts'
import { planMaintenance, planRegistrations } from './assets.ts'
import { planDisputes, planProviders, planStaking } from './disputes.ts'
import { planEpochs } from './epochs.ts'
import { EVENT_TOPICS, decodeEvent } from './event.ts'
import { foldEvent } from './fold.ts'
import { planGovernance } from './governance.ts'
import { type Participants, participantsOf } from './participants.ts'
import { type EconomySize, type Plan, openPlan } from './plan.ts'
import { planRevenue } from './revenue.ts'
import { planDistribution, planProtocolStart } from './setup.ts'
import { planLicences, planMarket } from './trade.ts'
import { type PlannedBatch, planAnchor, planUsage } from './usage.ts'
import { type World, emptyWorld } from './world.ts'

/** An economy that goes on from the chain it finds. */
export type Economy = {
  readonly devnet: Devnet
  readonly size: EconomySize
  readonly participants: Participants
  world: World
}

/** Delivers receipts whose digests alone are anchored; fulfilled once they are accepted. */
export type SubmitReceipts = (receipts: readonly SignedReceipt[]) => Promise<void>

/** Reads the chain and becomes the economy that it holds. */
export async function openEconomy(devnet: Devnet, size: EconomySize): Promise<Economy> {
  const participants = await participantsOf(devnet.rpc)
  const [firstBlock, blockCount] = await Promise.all([
    read(devnet, 'RewardDistributor', 'firstBlock'),
    read(devnet, 'RewardDistributor', 'epochBlockCount'),
  ])
  const epochs = { firstBlock: Number(firstBlock), blockCount: Number(blockCount) }
  const economy = { devnet, size, participants, world: emptyWorld(epochs) }
  await catchUp(economy)
  return economy
}

/** Plans and mines the block after the world's head, and folds it in. */
export async function mineNext(economy: Economy, submit?: SubmitReceipts): Promise<MinedBlock> {
  const { devnet, size, world, participants } = economy
  const plan = openPlan(devnet, size, world, participants)
  await planBlock(plan, submit)
  const block = await mineBlock(devnet, plan.transactions, plan.number)
  foldLogs(
    world,
    block.receipts.flatMap((receipt) => receipt.logs),
  )
  world.head = { number: block.number, hash: block.hash }
  return block
}

/** The same as {@link mineNext}, but nothing may revert. */
export async function mineNextStrictly(economy: Economy): Promise<MinedBlock> {
  const { devnet, size, world, participants } = economy
  const plan = openPlan(devnet, size, world, participants)
  await planBlock(plan)
  const block = await mineBlock(devnet, plan.transactions, plan.number)
  await requireSuccess(devnet, plan.transactions, block)
  foldLogs(
    world,
    block.receipts.flatMap((receipt) => receipt.logs),
  )
  world.head = { number: block.number, hash: block.hash }
  return block
}

/** Folds in what others have mined; starts over when the chain was reorganised. */
export async function catchUp(economy: Economy): Promise<void> {
  const { rpc } = economy.devnet
  const [latest, known] = await rpc.batch([
    ['eth_getBlockByNumber', ['latest', false]],
    ['eth_getBlockByNumber', [toHex(economy.world.head.number), false]],
  ])
  const head = latest as Header
  const isSame = (known as Header | null)?.hash === economy.world.head.hash
  if (!isSame) economy.world = emptyWorld(economy.world.epochs)
  const { world } = economy
  const last = fromHex(head.number, 'number')
  const contracts = Object.values(economy.devnet.deployment.contracts)
  for (let from = world.head.number + 1; from <= last; from += LOG_BLOCK_COUNT) {
    const to = Math.min(last, from + LOG_BLOCK_COUNT - 1)
    const range = { fromBlock: toHex(from), toBlock: toHex(to) }
    const filter = { ...range, address: contracts, topics: [EVENT_TOPICS] }
    foldLogs(world, (await rpc.request('eth_getLogs', filter)) as readonly RawLog[])
  }
  world.head = { number: last, hash: head.hash }
}

/** How many blocks one request for logs covers. */
const LOG_BLOCK_COUNT = 200

type Header = { readonly number: Hex; readonly hash: Hex }

async function planBlock(plan: Plan, submit?: SubmitReceipts): Promise<void> {
  if (plan.number === 2) return planDistribution(plan)
  if (plan.number === 3) return planProtocolStart(plan)
  await planEpochs(plan)
  planRegistrations(plan)
  planMarket(plan)
  planLicences(plan)
  planMaintenance(plan)
  const batches = await planUsage(plan)
  for (const batch of batches) {
    const detached = submit !== undefined && batch.detached && (await delivered(submit, batch))
    planAnchor(plan, batch, !detached)
  }
  planRevenue(plan)
  planDisputes(plan)
  planProviders(plan)
  planStaking(plan)
  planGovernance(plan)
}

/** Receipts that nobody takes travel on chain, so that none is lost. */
async function delivered(submit: SubmitReceipts, batch: PlannedBatch): Promise<boolean> {
  try {
    await submit(batch.receipts)
    return true
  } catch {
    return false
  }
}

function foldLogs(world: World, logs: readonly RawLog[]): void {
  for (const log of logs) {
    const event = decodeEvent(log)
    if (event !== undefined) foldEvent(world, event, fromHex(log.blockNumber, 'number'))
  }
}

async function requireSuccess(
  devnet: Devnet,
  transactions: readonly Transaction[],
  block: MinedBlock,
): Promise<void> {
  const found = block.receipts.map((receipt) => receipt.transactionHash)
  if (found.join() !== block.sent.join()) {
    const detail = `its ${block.sent.length} transactions in order, found ${found.length} others`
    throw new HistoryBrokenError(block.number, detail)
  }
  const index = block.receipts.findIndex((receipt) => !receipt.succeeded)
  const transaction = transactions[index]
  if (transaction === undefined) return
  const reason = await explainRevert(devnet, transaction, block.number)
  throw new HistoryBrokenError(block.number, `no revert, found: ${reason.message}`)
}

/** A block of the history is not what was planned. */
export class HistoryBrokenError extends FatalError {
  constructor(number: number, detail: string) {
    super('HISTORY_BROKEN', `block ${number} of the history: expected ${detail}`, {
      hint: 'Build a history on a fresh chain that nobody else uses.',
    })
  }
}
