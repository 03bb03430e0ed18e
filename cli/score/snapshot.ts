import {
  ASSET_KINDS,
  ASSET_VIEW,
  CONTRIBUTION_ROLES,
  CONTRIBUTION_VIEW,
  EDGE_VIEW,
  type Hex,
  type Pin,
  RECEIPT_VIEW,
  RELATIONS,
  type Relations,
  type Ruleset,
  type Snapshot,
  type SnapshotAsset,
  type SnapshotHolding,
  WORKLOADS,
  epochBlocks,
  pinnedRelations,
  selectText,
} from '@foggara/schema'
import { z } from 'zod'

import { type Rows, hexText, integerText, readRows, smallNumber } from './rows.ts'

/** Which epoch of which economy a snapshot is of. */
export type SnapshotRequest = {
  readonly chainId: number
  readonly distributor: Hex
  readonly epoch: number
  readonly ruleset: Ruleset
  /** The cut at the epoch's cutoff block. */
  readonly pin: Pin
}

/**
 * Reads everything an epoch's reward is computed from, as of its cutoff block.
 *
 * A receipt counts in the first epoch at whose cutoff it is anchored, its body is known and all its
 * assets are registered; so none is lost and none counts twice.
 */
export async function readSnapshot(rows: Rows, request: SnapshotRequest): Promise<Snapshot> {
  const { epoch, ruleset, pin } = request
  const from = pinnedRelations(pin)
  const { firstBlock, cutoffBlock } = epochBlocks(ruleset, epoch)
  const receiptsSql = countingReceipts(from, epoch)
  const assets = await readAssets(rows, from)
  const [budget, edges, contributions, receipts, used] = await Promise.all([
    readBudget(rows, from, epoch),
    readEdges(rows, from),
    readContributions(rows, from),
    readReceipts(rows, receiptsSql),
    readRows(rows, holding, holdingsSql(from, receiptsSql)),
  ])
  const [reviews, disputedAssets, slashedProviders, exclusions, balances] = await Promise.all([
    readRows(rows, review, reviewsSql(from, firstBlock)),
    readRows(rows, disputedAsset, DISPUTED(from)),
    readRows(rows, slashedProvider, slashedSql(from, firstBlock)),
    readRows(rows, exclusion, exclusionsSql(from, epoch)),
    readRows(rows, balance, balancesSql(from, epoch)),
  ])
  return {
    chainId: request.chainId,
    distributor: request.distributor,
    epoch,
    firstBlock,
    cutoffBlock,
    cutoffHash: pin.blockHash,
    ruleset,
    budget,
    assets,
    edges,
    contributions,
    receipts,
    holdings: [...used, ...holdersOfUnused(assets, used)],
    reviews,
    disputedAssets,
    slashedProviders,
    exclusions,
    balances,
  }
}

const asset = z.object({ assetId: hexText, kind: z.enum(ASSET_KINDS), holder: hexText })

async function readAssets(rows: Rows, from: Relations): Promise<SnapshotAsset[]> {
  const columns = ASSET_VIEW.columns.filter(({ name }) =>
    ['asset_id', 'kind', 'holder'].includes(name),
  )
  return readRows(
    rows,
    asset,
    `${selectText(columns, from.relation('asset'))} order by source.asset_id`,
  )
}

const edge = z.object({
  childId: hexText,
  parentId: hexText,
  relation: z.enum(RELATIONS),
  shareE8: smallNumber,
})

async function readEdges(rows: Rows, from: Relations) {
  const names = ['child_id', 'parent_id', 'relation', 'share_e8']
  const columns = EDGE_VIEW.columns.filter(({ name }) => names.includes(name))
  return readRows(
    rows,
    edge,
    `${selectText(columns, from.relation('edge'))} where source.to_block is null
    order by source.child_id, source.parent_id, source.relation, source.block, source.log_index`,
  )
}

const contribution = z.object({
  contributionId: integerText,
  assetId: hexText,
  contributor: hexText,
  role: z.enum(CONTRIBUTION_ROLES),
  shareE8: smallNumber,
})

async function readContributions(rows: Rows, from: Relations) {
  const names = ['contribution_id', 'asset_id', 'contributor', 'role', 'share_e8']
  const columns = CONTRIBUTION_VIEW.columns.filter(({ name }) => names.includes(name))
  return readRows(
    rows,
    contribution,
    `${selectText(columns, from.relation('contribution'))} order by source.contribution_id`,
  )
}

const receipt = z.object({
  digest: hexText,
  provider: hexText,
  consumer: hexText,
  workload: z.enum(WORKLOADS),
  fee: integerText,
  units: integerText,
  assets: z.array(hexText),
})

async function readReceipts(rows: Rows, receiptsSql: string) {
  const names = Object.keys(receipt.shape)
  const columns = RECEIPT_VIEW.columns.filter(({ name }) => names.includes(name))
  return readRows(rows, receipt, `${selectText(columns, receiptsSql)} order by source.digest`)
}

/** The receipts that count in the epoch, as a relation in parentheses. */
function countingReceipts(from: Relations, epoch: number): string {
  return `(
    select * from ${from.relation('receipt')} as candidate
    where candidate.status = 'ANCHORED'
      and hasAll(
        (select groupArray(asset_id) from ${from.relation('asset_registered')}),
        candidate.assets
      )
      and candidate.digest not in (
        select toFixedString(unhex(substring(JSONExtractString(line, 'digest'), 3)), 32)
        from ${from.relation('snapshot_line')}
        where table_name = 'receipts' and epoch < ${epoch}
      )
  )`
}

const holding = z.object({ assetId: hexText, holder: hexText, weight: integerText })

/** Per asset the fees of its receipts by who held it at the block that anchored them. */
function holdingsSql(from: Relations, receiptsSql: string): string {
  return `
    select
      ${hex('used.asset_id')} as "assetId", ${hex('held.holder')} as "holder",
      sum(used.fee) as "weight"
    from (
      select arrayJoin(assets) as asset_id, block as used_block, fee
      from ${receiptsSql}
    ) as used
    inner join ${from.relation('asset_holding')} as held on held.asset_id = used.asset_id
    where held.from_block <= used.used_block
      and (held.to_block is null or used.used_block < held.to_block)
    group by used.asset_id, held.holder
    having sum(used.fee) > 0
    order by used.asset_id, held.holder`
}

/** Assets that earned no fee belong to their holder at the cutoff. */
function holdersOfUnused(
  assets: readonly SnapshotAsset[],
  used: readonly SnapshotHolding[],
): SnapshotHolding[] {
  const covered = new Set(used.map(({ assetId }) => assetId))
  return assets
    .filter(({ assetId }) => !covered.has(assetId))
    .map(({ assetId, holder }) => ({ assetId, holder, weight: 1n }))
}

const review = z.object({ account: hexText, count: smallNumber })

function reviewsSql(from: Relations, firstBlock: number): string {
  return `
    select ${hex('act.account')} as "account", count() as "count"
    from (
      select voter as account from ${from.relation('vote')} where block >= ${firstBlock}
      union all
      select resolved_by as account from ${from.relation('dispute')}
      where resolved_block is not null and resolved_block >= ${firstBlock}
    ) as act
    group by act.account
    order by act.account`
}

const disputedAsset = z.object({ assetId: hexText, disputeId: integerText })

const DISPUTED = (from: Relations) => `
    select ${hex('source.asset_id')} as "assetId", source.dispute_id as "disputeId"
    from ${from.relation('dispute')} as source
    where source.status in ('OPEN', 'UPHELD')
    order by source.asset_id, source.dispute_id`

const slashedProvider = z.object({ provider: hexText, amount: integerText })

function slashedSql(from: Relations, firstBlock: number): string {
  return `
    select ${hex('source.provider')} as "provider", sum(source.amount) as "amount"
    from ${from.relation('slashing')} as source
    where source.block >= ${firstBlock}
    group by source.provider
    order by source.provider`
}

const exclusion = z.object({ account: hexText, proposalId: integerText })

function exclusionsSql(from: Relations, epoch: number): string {
  return `
    select distinct ${hex('source.account')} as "account", source.proposal_id as "proposalId"
    from ${from.relation('exclusion')} as source
    where source.from_epoch <= ${epoch} and ${epoch} <= source.to_epoch
    order by "account", "proposalId"`
}

const balance = z.object({ account: hexText, carry: integerText, cumulative: integerText })

function balancesSql(from: Relations, epoch: number): string {
  return `
    select
      ${hex('source.account')} as "account", source.carry_after as "carry",
      source.cumulative as "cumulative"
    from ${from.relation('allocation')} as source
    where source.epoch = ${epoch - 1}
    order by source.account`
}

async function readBudget(rows: Rows, from: Relations, epoch: number): Promise<bigint> {
  const [total] = await readRows(
    rows,
    z.object({ budget: integerText }),
    `select sum(amount) as "budget" from ${from.relation('funding')} where epoch = ${epoch}`,
  )
  return total?.budget ?? 0n
}

function hex(expression: string): string {
  return `concat('0x', lower(hex(${expression})))`
}
