import {
  ASSET_KINDS,
  CONTRIBUTION_ROLES,
  FatalError,
  MEASURES,
  RELATIONS,
  type Score,
  type Snapshot,
  WORKLOADS,
} from '@foggara/schema'

import { type CanonicalTable, fromLines, toLines } from './canonical-table.ts'
import { address, bigInteger, bytes32, bytes32List, smallInteger, word } from './column.ts'

/** The tables of a snapshot, in the order of the manifest. */
export const SNAPSHOT_TABLES = [
  'assets',
  'edges',
  'contributions',
  'receipts',
  'holdings',
  'reviews',
  'disputedAssets',
  'slashedProviders',
  'exclusions',
  'balances',
] as const
export type SnapshotTable = (typeof SNAPSHOT_TABLES)[number]

/** What a snapshot says besides its tables. */
export type SnapshotHeader = Omit<Snapshot, SnapshotTable>

type RowOf<Name extends SnapshotTable> = Snapshot[Name][number]

const TABLES: { readonly [Name in SnapshotTable]: CanonicalTable<RowOf<Name>> } = {
  assets: {
    columns: { assetId: bytes32, kind: word(ASSET_KINDS), holder: address },
    key: ['assetId'],
  },
  edges: {
    columns: {
      childId: bytes32,
      parentId: bytes32,
      relation: word(RELATIONS),
      shareE8: smallInteger,
    },
    key: ['childId', 'parentId', 'relation', 'shareE8'],
  },
  contributions: {
    columns: {
      contributionId: bigInteger,
      assetId: bytes32,
      contributor: address,
      role: word(CONTRIBUTION_ROLES),
      shareE8: smallInteger,
    },
    key: ['contributionId'],
  },
  receipts: {
    columns: {
      digest: bytes32,
      provider: address,
      consumer: address,
      workload: word(WORKLOADS),
      fee: bigInteger,
      units: bigInteger,
      assets: bytes32List,
    },
    key: ['digest'],
  },
  holdings: {
    columns: { assetId: bytes32, holder: address, weight: bigInteger },
    key: ['assetId', 'holder'],
  },
  reviews: { columns: { account: address, count: smallInteger }, key: ['account'] },
  disputedAssets: {
    columns: { assetId: bytes32, disputeId: bigInteger },
    key: ['assetId', 'disputeId'],
  },
  slashedProviders: {
    columns: { provider: address, amount: bigInteger },
    key: ['provider', 'amount'],
  },
  exclusions: {
    columns: { account: address, proposalId: bigInteger },
    key: ['account', 'proposalId'],
  },
  balances: {
    columns: { account: address, carry: bigInteger, cumulative: bigInteger },
    key: ['account'],
  },
}

const SCORE_TABLE: CanonicalTable<Omit<Score, 'id'> & { readonly id: `0x${string}` }> = {
  columns: {
    measure: word(MEASURES),
    id: { ...bytes32, read: readScoreId },
    score: bigInteger,
  },
  key: ['measure', 'id'],
}

/** Every table of a snapshot as canonical JSON lines; hashing them gives the manifest's sha256. */
export function snapshotToLines(snapshot: Snapshot): Record<SnapshotTable, string[]> {
  return {
    assets: toLines(TABLES.assets, snapshot.assets),
    edges: toLines(TABLES.edges, snapshot.edges),
    contributions: toLines(TABLES.contributions, snapshot.contributions),
    receipts: toLines(TABLES.receipts, snapshot.receipts),
    holdings: toLines(TABLES.holdings, snapshot.holdings),
    reviews: toLines(TABLES.reviews, snapshot.reviews),
    disputedAssets: toLines(TABLES.disputedAssets, snapshot.disputedAssets),
    slashedProviders: toLines(TABLES.slashedProviders, snapshot.slashedProviders),
    exclusions: toLines(TABLES.exclusions, snapshot.exclusions),
    balances: toLines(TABLES.balances, snapshot.balances),
  }
}

/**
 * Reads a snapshot back from its header and lines; a table that is missing counts as empty.
 *
 * @throws {CanonicalLineError | HexError} when a line is not canonical.
 * @throws {SnapshotTableUnknownError} when there is a table that a snapshot does not have.
 */
export function snapshotFromLines(
  header: SnapshotHeader,
  lines: Readonly<Record<string, readonly string[]>>,
): Snapshot {
  for (const name of Object.keys(lines)) {
    if (!SNAPSHOT_TABLES.some((table) => table === name)) throw new SnapshotTableUnknownError(name)
  }
  return {
    ...header,
    assets: fromLines(TABLES.assets, lines['assets'] ?? []),
    edges: fromLines(TABLES.edges, lines['edges'] ?? []),
    contributions: fromLines(TABLES.contributions, lines['contributions'] ?? []),
    receipts: fromLines(TABLES.receipts, lines['receipts'] ?? []),
    holdings: fromLines(TABLES.holdings, lines['holdings'] ?? []),
    reviews: fromLines(TABLES.reviews, lines['reviews'] ?? []),
    disputedAssets: fromLines(TABLES.disputedAssets, lines['disputedAssets'] ?? []),
    slashedProviders: fromLines(TABLES.slashedProviders, lines['slashedProviders'] ?? []),
    exclusions: fromLines(TABLES.exclusions, lines['exclusions'] ?? []),
    balances: fromLines(TABLES.balances, lines['balances'] ?? []),
  }
}

/** The score table of an epoch as canonical JSON lines. */
export function scoresToLines(scores: readonly Score[]): string[] {
  return toLines(SCORE_TABLE, scores)
}

function readScoreId(value: unknown): `0x${string}` {
  return typeof value === 'string' && value.length === 42
    ? address.read(value)
    : bytes32.read(value)
}

/** There is a table that a snapshot does not have. */
export class SnapshotTableUnknownError extends FatalError {
  constructor(name: string) {
    super('SNAPSHOT_TABLE_UNKNOWN', `expected one of ${SNAPSHOT_TABLES.join(', ')}, found ${name}`)
  }
}
