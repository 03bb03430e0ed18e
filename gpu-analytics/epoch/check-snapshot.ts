import {
  FatalError,
  RECEIPT_ASSETS_MAX,
  SHARE_WHOLE_E8,
  type Snapshot,
  checkAmount,
  parseAddress,
  parseBytes32,
} from '@foggara/schema'

/**
 * Checks what the arithmetic of an epoch relies on: amounts in range, shares within the whole, ids of
 * the right length, no row twice, and no row about an asset that the snapshot does not list.
 *
 * @throws {SnapshotInconsistentError | AmountOutOfRangeError | HexError}
 */
export function checkSnapshot(snapshot: Snapshot): void {
  checkAmount(snapshot.budget, 'budget')
  const assetIds = distinct('assets', snapshot.assets, (row) => id32(row.assetId))
  distinct('contributions', snapshot.contributions, (row) => row.contributionId.toString())
  distinct('holdings', snapshot.holdings, (row) => id32(row.assetId) + id20(row.holder))
  distinct('reviews', snapshot.reviews, (row) => id20(row.account))
  distinct('balances', snapshot.balances, (row) => id20(row.account))
  distinct('receipts', snapshot.receipts, (row) => id32(row.digest))
  const listed = (table: string, assetId: string) => {
    if (assetIds.has(assetId)) return
    throw new SnapshotInconsistentError(table, `expected a listed asset, found ${assetId}`)
  }
  for (const asset of snapshot.assets) id20(asset.holder)
  for (const edge of snapshot.edges) {
    listed('edges', edge.childId)
    listed('edges', edge.parentId)
    checkShare('edges', edge.shareE8)
  }
  for (const row of snapshot.contributions) {
    listed('contributions', row.assetId)
    id20(row.contributor)
    checkShare('contributions', row.shareE8)
  }
  for (const row of snapshot.holdings) {
    listed('holdings', row.assetId)
    checkNotNegative('holdings', row.weight)
  }
  for (const row of snapshot.reviews) checkNotNegative('reviews', BigInt(row.count))
  for (const row of snapshot.balances) {
    checkNotNegative('balances', row.carry)
    checkNotNegative('balances', row.cumulative)
  }
  for (const row of snapshot.disputedAssets) listed('disputedAssets', row.assetId)
  for (const row of snapshot.slashedProviders) id20(row.provider)
  for (const row of snapshot.exclusions) id20(row.account)
  id20(snapshot.ruleset.treasury)
  id20(snapshot.ruleset.token)
  checkReceipts(snapshot, listed)
}

function checkReceipts(snapshot: Snapshot, listed: (table: string, id: string) => void): void {
  for (const receipt of snapshot.receipts) {
    id20(receipt.provider)
    id20(receipt.consumer)
    checkAmount(receipt.fee, `receipt ${receipt.digest}: fee`)
    const count = receipt.assets.length
    if (count < 1 || count > RECEIPT_ASSETS_MAX) {
      throw new SnapshotInconsistentError('receipts', `expected 1 to 16 assets, found ${count}`)
    }
    for (const [index, asset] of receipt.assets.entries()) {
      listed('receipts', asset)
      const previous = receipt.assets[index - 1]
      if (previous !== undefined && previous >= asset) {
        throw new SnapshotInconsistentError(
          'receipts',
          `expected ascending assets without repeats, found ${asset} after ${previous}`,
        )
      }
    }
  }
}

function distinct<Row>(
  table: string,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Set<string> {
  const keys = new Set<string>()
  for (const row of rows) {
    const key = keyOf(row)
    if (keys.has(key)) {
      throw new SnapshotInconsistentError(table, `expected one row per key, found ${key} twice`)
    }
    keys.add(key)
  }
  return keys
}

function id20(id: string): string {
  return canonical(id, parseAddress(id))
}

function id32(id: string): string {
  return canonical(id, parseBytes32(id))
}

function canonical(id: string, parsed: string): string {
  if (id === parsed) return id
  throw new SnapshotInconsistentError('ids', `expected lower-case hex, found ${id}`)
}

function checkShare(table: string, shareE8: number): void {
  if (Number.isInteger(shareE8) && shareE8 >= 0 && BigInt(shareE8) <= SHARE_WHOLE_E8) return
  throw new SnapshotInconsistentError(table, `expected a share of 0 to 1e8, found ${shareE8}`)
}

function checkNotNegative(table: string, amount: bigint): void {
  if (amount >= 0n) return
  throw new SnapshotInconsistentError(table, `expected an amount of at least 0, found ${amount}`)
}

/** A snapshot contradicts itself; nothing was computed from it. */
export class SnapshotInconsistentError extends FatalError {
  constructor(table: string, detail: string) {
    super('SNAPSHOT_INCONSISTENT', `snapshot ${table}: ${detail}`)
  }
}
