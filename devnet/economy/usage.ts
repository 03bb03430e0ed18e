import {
  type Hex,
  PAYMENT_KINDS,
  type Receipt,
  type SignedReceipt,
  type Workload,
  sum,
} from '@foggara/schema'

import { batchOf, signReceipt } from '../receipts.ts'
import { type ComputeProvider } from './participants.ts'
import { type Plan, assetsOfKind, tokens } from './plan.ts'
import type { Draws } from './random.ts'
import type { WorldAsset } from './world.ts'

/** The receipts that a provider anchors in one block. */
export type PlannedBatch = {
  readonly provider: Hex
  readonly receipts: readonly SignedReceipt[]
  /** Whether the chain carries digests only, if the bodies can be delivered another way. */
  readonly detached: boolean
}

/** Compute runs of this block: receipts signed by their providers, paid by some consumers. */
export async function planUsage(plan: Plan): Promise<readonly PlannedBatch[]> {
  const batches: PlannedBatch[] = []
  const usable = assetsOfKind(plan, 'MODEL', 'AGENT', 'TOOL')
  if (usable.length === 0) return []
  for (const provider of plan.participants.computeProviders) {
    const draws = plan.draws(`usage of ${provider.address}`)
    const state = plan.world.providers.get(provider.address)
    const able = state !== undefined && state.signing && state.stake >= STAKE_COMFORT
    if (!able || !draws.chance(1, plan.isLive ? 6 : 3)) continue
    const receipts: SignedReceipt[] = []
    for (let index = 1; index <= draws.between(2, 5); index += 1) {
      const asset = draws.weighted(usable, (one) => one.popularity)
      if (asset === undefined) continue
      const nonce = state.receiptCount + BigInt(receipts.length) + 1n
      const receipt = drawReceipt(plan, draws, provider, asset, nonce)
      const signed = await signReceipt(plan.devnet.deployment, receipt, provider.signerKey)
      receipts.push(signed)
      if (!draws.chance(1, 2)) continue
      const parameters = [asset.id, USAGE, receipt.fee, signed.digest]
      plan.add(receipt.consumer, 'RevenueVault', 'pay', ...parameters)
    }
    batches.push({ provider: provider.address, receipts, detached: draws.chance(1, 2) })
  }
  return batches
}

/** Anchors a batch, with the bodies of its receipts or without. */
export function planAnchor(plan: Plan, batch: PlannedBatch, carriesBodies: boolean): void {
  const { root, digests, receipts, bodies } = batchOf(batch.receipts)
  const feeTotal = sum(receipts.map((receipt) => receipt.fee))
  const parameters = [root, feeTotal, digests, carriesBodies ? bodies : '0x']
  plan.add(batch.provider, 'ComputeRegistry', 'anchorBatch', ...parameters)
}

const USAGE = PAYMENT_KINDS.indexOf('USAGE')

/** A provider below this tops its stake up before it anchors again. */
const STAKE_COMFORT = tokens(12_000)

/** What one unit costs: a million units are ten tokens. Unit: token base units. */
const UNIT_PRICE = 10n ** 13n

function drawReceipt(
  plan: Plan,
  draws: Draws,
  provider: ComputeProvider,
  asset: WorldAsset,
  nonce: bigint,
): Receipt {
  const workload = drawWorkload(asset, draws)
  const units = BigInt(draws.between(20_000, 2_000_000))
  const finishedAt = plan.seconds - draws.between(1, 500)
  return {
    provider: provider.address,
    consumer: drawConsumer(plan, draws),
    workload,
    nonce,
    assets: assetsUsed(plan, draws, provider, asset, workload),
    units,
    fee: units * UNIT_PRICE,
    startedAtSeconds: BigInt(finishedAt - draws.between(0, 90)),
    finishedAtSeconds: BigInt(finishedAt),
    inputHash: draws.bytes32(),
    outputHash: draws.bytes32(),
  }
}

function drawWorkload(asset: WorldAsset, draws: Draws): Workload {
  if (asset.kind === 'AGENT') return 'AGENT_RUN'
  if (asset.kind === 'TOOL') return 'INFERENCE'
  const one = draws.below(10)
  return one < 7 ? 'INFERENCE' : one < 9 ? 'TRAINING' : 'EVALUATION'
}

function drawConsumer(plan: Plan, draws: Draws): Hex {
  const { businesses, developers, researchers } = plan.participants
  const one = draws.below(20)
  return draws.pick(one < 14 ? businesses : one < 17 ? developers : researchers)
}

/** The asset that was asked for, what runs inside of it, and where it ran. */
function assetsUsed(
  plan: Plan,
  draws: Draws,
  provider: ComputeProvider,
  asset: WorldAsset,
  workload: Workload,
): readonly Hex[] {
  const used = new Set([asset.id])
  if (asset.kind === 'AGENT') {
    for (const edge of asset.parents.slice(0, 4)) used.add(edge.parentId)
  }
  if (workload === 'TRAINING' || workload === 'EVALUATION') {
    const dataset = draws.weighted(assetsOfKind(plan, 'DATASET'), (one) => one.popularity)
    if (dataset !== undefined) used.add(dataset.id)
  }
  const machine = assetsOfKind(plan, 'COMPUTE').find((one) => one.owner === provider.address)
  if (machine !== undefined && draws.chance(1, 2)) used.add(machine.id)
  return [...used].toSorted()
}
