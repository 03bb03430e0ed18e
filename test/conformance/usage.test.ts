import {
  type ClickHouseClient,
  type ScratchDatabase,
  currentPin,
  migrate,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { largestRemainder } from '@foggara/gpu-analytics'
import {
  ASSET_USAGE_VIEW,
  EPOCH_USAGE_PAIR_VIEW,
  EPOCH_USAGE_VIEW,
  type Hex,
  USAGE_EVIDENCE_VIEW,
  USAGE_VIEW,
  type View,
  WORKLOADS,
  migrations,
  pinnedRelations,
  selectText,
} from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openRandom } from '../../ingest/simulation/random.ts'
import { type TestRow, insertTestRows } from '../insert-rows.ts'

const SEED = 61_125
const RECEIPT_COUNT = 500
const MAX_UINT256 = (1n << 256n) - 1n
const WEEK = 7 * 86_400

type Used = {
  readonly digest: Hex
  readonly provider: Hex
  readonly consumer: Hex
  readonly workload: number
  readonly assets: readonly Hex[]
  readonly units: bigint
  readonly fee: bigint
  readonly finishedAtSeconds: number
  readonly late: boolean
  readonly way: 'delivered' | 'anchored' | 'both'
  readonly epoch: number
}

type Moved = {
  readonly from: Hex
  readonly to: Hex
  readonly atSeconds: number
  readonly hash: Hex
}
type Held = { readonly asset: Hex; readonly holder: Hex; readonly atSeconds: number }

const random = openRandom(SEED)
const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T
const people = [1, 2, 3, 4, 5, 6].map((number) => id(number, 20))
const assets = [1, 2, 3, 4, 5, 6, 7].map((number) => id(0xa0 + number, 32))
const held: readonly Held[] = assets.flatMap((asset) =>
  [0, 1, 2].map((turn) => ({ asset, holder: pick(people), atSeconds: 1_000 + turn * 400_000 })),
)
const moved: readonly Moved[] = Array.from({ length: 20 }, (_, index) => {
  const atSeconds = 1_000 + random.below(1_500_000)
  return { from: pick(people), to: pick(people), atSeconds, hash: id(0x7000 + index, 32) }
})
const used: readonly Used[] = Array.from({ length: RECEIPT_COUNT }, (_, index) => ({
  digest: id(0x10_0000 + random.below(1 << 20) * 1_000 + index, 32),
  provider: pick([...people.slice(0, 2), id(0x99, 20)]),
  consumer: pick(people),
  workload: random.below(WORKLOADS.length),
  assets: assets.filter(() => random.oneIn(3)).slice(0, 4),
  units: random.oneIn(40) ? MAX_UINT256 : BigInt(random.below(1 << 30)),
  fee: random.oneIn(5) ? 0n : BigInt(random.below(1 << 30)) ** 3n,
  finishedAtSeconds: 900 + random.below(1_500_000),
  late: random.oneIn(9),
  way: pick(['delivered', 'anchored', 'both'] as const),
  epoch: 1 + random.below(3),
})).filter((receipt) => receipt.assets.length > 0)

let scratch: ScratchDatabase
let client: ClickHouseClient

beforeAll(async () => {
  scratch = await startScratchDatabase()
  const { url, username, password } = scratch.database
  await migrate({ url, username, password, database: 'default' }, migrations('single'))
  client = scratch.writer
  await writeRows()
})
afterAll(() => scratch[Symbol.asyncDispose]())

test(`usage by minute is what adding up receipts gives (seed ${SEED})`, async () => {
  const expected = fold(
    used.flatMap((receipt) => receipt.assets.map((asset) => ({ receipt, asset }))),
    ({ receipt, asset }) => ({
      assetId: asset,
      consumer: receipt.consumer,
      provider: receipt.provider,
      workload: WORKLOADS[receipt.workload] ?? '',
      status: receipt.way === 'delivered' ? 'PENDING' : 'ANCHORED',
      minuteSeconds: String(receipt.finishedAtSeconds - (receipt.finishedAtSeconds % 60)),
    }),
    (group) => ({
      receiptCount: String(group.length),
      lateCount: String(
        group.filter(({ receipt }) => receipt.late && receipt.way !== 'anchored').length,
      ),
      units: text(saturated(group.map(({ receipt }) => receipt.units))),
      fee: text(sum(group.map(({ receipt }) => receipt.fee))),
    }),
  )
  expect(await rowsOf(USAGE_VIEW)).toEqual(sorted(expected, USAGE_VIEW))
})

test(`the usage graph of an epoch is what folding its receipts gives (seed ${SEED})`, async () => {
  const capped = new Map<Hex, bigint>()
  for (const [epoch, receipts] of Map.groupBy(used, (receipt) => receipt.epoch)) {
    const cap = sum(receipts.map(({ fee }) => fee)) / 10n
    expect(epoch).toBeGreaterThan(0)
    for (const own of Map.groupBy(receipts, ({ consumer }) => consumer).values()) {
      const byDigest = own.toSorted((one, other) => (one.digest < other.digest ? -1 : 1))
      const fees = byDigest.map(({ fee }) => fee)
      const claims = byDigest.map(({ digest, fee }) => ({ id: digest, weight: fee }))
      const parts = sum(fees) <= cap ? fees : largestRemainder(cap, claims)
      for (const [index, { digest }] of byDigest.entries()) capped.set(digest, parts[index] ?? 0n)
    }
  }
  const expected = fold(
    used.flatMap((receipt) => receipt.assets.map((asset) => ({ receipt, asset }))),
    ({ receipt, asset }) => ({ epoch: receipt.epoch, consumer: receipt.consumer, assetId: asset }),
    (group) => ({
      receiptCount: String(group.length),
      units: text(saturated(group.map(({ receipt }) => receipt.units))),
      fee: text(sum(group.map(({ receipt }) => receipt.fee))),
      cappedFee: text(sum(group.map(({ receipt }) => capped.get(receipt.digest) ?? 0n))),
    }),
  )
  expect(await rowsOf(EPOCH_USAGE_VIEW)).toEqual(sorted(expected, EPOCH_USAGE_VIEW))
  const pairs = fold(
    used.flatMap((receipt) =>
      receipt.assets.flatMap((first, place) =>
        receipt.assets.slice(place + 1).map((second) => ({ receipt, first, second })),
      ),
    ),
    ({ receipt, first, second }) => {
      return { epoch: receipt.epoch, assetId: first, otherAssetId: second }
    },
    (group) => ({
      receiptCount: String(group.length),
      fee: text(sum(group.map(({ receipt }) => receipt.fee))),
    }),
  )
  expect(await rowsOf(EPOCH_USAGE_PAIR_VIEW)).toEqual(sorted(pairs, EPOCH_USAGE_PAIR_VIEW))
})

test(`signs of made up usage are found where they are (seed ${SEED})`, async () => {
  const uses = used.flatMap((receipt) =>
    receipt.assets.map((asset) => {
      const holder = holderAt(asset, receipt.finishedAtSeconds)
      return { receipt, asset, holder, funding: fundingOf(holder, receipt) }
    }),
  )
  const marked = uses.map((use) => ({ ...use, mutual: mutualOf(use) }))
  function mutualOf({ holder, receipt }: (typeof uses)[number]): Hex {
    const back = uses
      .filter(
        (other) => other.holder !== other.receipt.consumer && other.holder === receipt.consumer,
      )
      .filter((other) => other.receipt.consumer === holder)
      .map((other) => other.receipt.digest)
    return back.toSorted()[0] ?? id(0, 32)
  }
  const none = id(0, 32)
  const expected = fold(
    marked,
    ({ receipt, asset }) => ({ assetId: asset, consumer: receipt.consumer }),
    (group) => {
      const flagged = group.filter(({ receipt, holder, funding, mutual }) => {
        const isOwn = receipt.consumer === holder || receipt.consumer === receipt.provider
        return isOwn || funding !== none || mutual !== none
      })
      const flags = [
        group.some(({ receipt, holder }) => receipt.consumer === holder) && 'CONSUMER_IS_HOLDER',
        group.some(({ receipt }) => receipt.consumer === receipt.provider) &&
          'CONSUMER_IS_PROVIDER',
        group.some(({ funding }) => funding !== none) && 'FUNDED_BY_HOLDER',
        group.some(({ mutual }) => mutual !== none) && 'MUTUAL_USE',
      ]
      return {
        receiptCount: String(group.length),
        units: text(saturated(group.map(({ receipt }) => receipt.units))),
        fee: text(sum(group.map(({ receipt }) => receipt.fee))),
        flags: flags.filter((flag) => flag !== false),
        flaggedCount: String(flagged.length),
        flaggedFee: text(sum(flagged.map(({ receipt }) => receipt.fee))),
        flaggedReceipts: flagged
          .map(({ receipt }) => receipt.digest)
          .toSorted()
          .slice(0, 4),
        fundingTransaction:
          group
            .map(({ funding }) => funding)
            .toSorted()
            .at(-1) ?? none,
        mutualReceipt:
          group
            .map(({ mutual }) => mutual)
            .toSorted()
            .at(-1) ?? none,
      }
    },
  )
  const rows = await rowsOf(USAGE_EVIDENCE_VIEW)
  expect(rows).toEqual(sorted(expected, USAGE_EVIDENCE_VIEW))
  expect(new Set(rows.flatMap((row) => row['flags'])).size).toBe(4)
  const byAsset = fold(
    rows,
    (row) => ({ assetId: row['assetId'] }),
    (group) => {
      const fees = group.map((row) => BigInt(String(row['fee'])))
      const squares = sum(fees.map((fee) => fee * fee))
      const ofAll = (name: string) => sum(group.map((row) => BigInt(String(row[name]))))
      return {
        receiptCount: text(ofAll('receiptCount')),
        consumerCount: String(group.length),
        units: text(saturated(group.map((row) => BigInt(String(row['units']))))),
        fee: text(sum(fees)),
        flaggedCount: text(ofAll('flaggedCount')),
        flaggedFee: text(ofAll('flaggedFee')),
        effectiveConsumersQ16: text(squares === 0n ? 0n : (sum(fees) ** 2n * 65_536n) / squares),
      }
    },
  )
  expect(await rowsOf(ASSET_USAGE_VIEW)).toEqual(sorted(byAsset, ASSET_USAGE_VIEW))
})

function holderAt(asset: Hex, seconds: number): Hex {
  const before = held.filter((one) => one.asset === asset && one.atSeconds <= seconds)
  return before.at(-1)?.holder ?? id(0, 20)
}

function fundingOf(holder: Hex, { consumer, finishedAtSeconds }: Used): Hex {
  const last = moved
    .filter(({ from, to }) => from === holder && to === consumer && from !== to)
    .filter(({ atSeconds }) => atSeconds <= finishedAtSeconds)
    .toSorted((one, other) => one.atSeconds - other.atSeconds)
    .at(-1)
  const isNear = last !== undefined && finishedAtSeconds - last.atSeconds <= WEEK
  return isNear ? last.hash : id(0, 32)
}

type Record_ = Readonly<Record<string, unknown>>

function fold<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => Record_,
  valueOf: (group: readonly Item[]) => Record_,
): readonly Record_[] {
  const groups = Map.groupBy(items, (item) => JSON.stringify(keyOf(item)))
  return [...groups].map(([key, group]) => ({ ...JSON.parse(key), ...valueOf(group) }))
}

function sorted(rows: readonly Record_[], view: View): readonly Record_[] {
  const keyOf = (row: Record_): string =>
    view.key
      .map((name) => String(row[name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase())]))
      .map((part) => (/^\d+$/.test(part) ? part.padStart(20, '0') : part))
      .join(' ')
  return rows.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

async function rowsOf(view: View): Promise<readonly Record_[]> {
  const pin = await currentPin(client)
  const order = view.key.map((name) => `source.${name}`).join(', ')
  const sql = selectText(view.columns, pinnedRelations(pin).relation(view.name))
  return sorted(await queryRows<Record_>(client, `${sql} order by ${order}`), view)
}

async function writeRows(): Promise<void> {
  const at = (logIndex: number, atSeconds: number): TestRow => {
    return { block: 1, log_index: logIndex, at_seconds: atSeconds, commit_seq: 1 }
  }
  const body = (receipt: Used): TestRow => ({
    digest: receipt.digest,
    provider: receipt.provider,
    consumer: receipt.consumer,
    workload: receipt.workload,
    assets: receipt.assets,
    units: receipt.units,
    fee: receipt.fee,
    finished_at_seconds: receipt.finishedAtSeconds,
  })
  const rows: Readonly<Record<string, readonly TestRow[]>> = {
    block: [{ block: 1, hash: id(1, 32), at_seconds: 2_000_000, commit_seq: 1 }],
    submitted_receipt: used
      .filter(({ way }) => way !== 'anchored')
      .map((receipt) => ({ ...body(receipt), late: receipt.late, commit_seq: 1 })),
    anchored_receipt: used
      .filter(({ way }) => way !== 'delivered')
      .flatMap((receipt, position) => {
        const isBodyless = receipt.way === 'both' && position % 2 === 0
        const { digest, provider } = receipt
        const own = isBodyless ? { digest, provider } : body(receipt)
        const row = { ...at(5, 1), ...own, position, verdict: isBodyless ? 'bodyless' : 'valid' }
        // Some are anchored twice.
        return position % 11 === 0 ? [row, { ...row, position: 10_000 + position }] : [row]
      }),
    asset_transferred: held.map(({ asset, holder, atSeconds }, index) => {
      return { ...at(1_000 + index, atSeconds), asset_id: asset, recipient: holder }
    }),
    token_transferred: moved.map(({ from, to, atSeconds, hash }, index) => ({
      ...at(2_000 + index, atSeconds),
      transaction_hash: hash,
      sender: from,
      recipient: to,
    })),
    snapshot_line: used.map((receipt, position) => ({
      epoch: receipt.epoch,
      table_name: 'receipts',
      position,
      line: JSON.stringify({
        digest: receipt.digest,
        provider: receipt.provider,
        consumer: receipt.consumer,
        workload: WORKLOADS[receipt.workload],
        fee: text(receipt.fee),
        units: text(receipt.units),
        assets: receipt.assets,
      }),
      commit_seq: 1,
    })),
    commits: ['chain', 'receipt', 'epoch'].map((stream) => ({
      stream,
      commit_seq: 1,
      first_block: 1,
      last_block: 1,
      block_hashes: stream === 'chain' ? [id(1, 32)] : [],
    })),
  }
  for (const [table, own] of Object.entries(rows)) await insertTestRows(client, table, own)
}

function id(number: number, byteLength: number): Hex {
  return `0x${number.toString(16).padStart(2 * byteLength, '0')}`
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

function saturated(values: readonly bigint[]): bigint {
  const total = sum(values)
  return total > MAX_UINT256 ? MAX_UINT256 : total
}

function text(value: bigint): string {
  return value.toString()
}
