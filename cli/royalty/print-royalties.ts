import { type Hex, compareIds } from '@foggara/schema'

import { quoted } from '../files/print-scores.ts'
import type { RefusedHistoryLink } from './owed-by-links.ts'
import type { HistoryAsset, RoyaltyHistory } from './royalty-history.ts'
import { CAUSES, type RoyaltyReport, type RoyaltySums, type TokenReport } from './royalty-report.ts'

const SUMS = ['owed', 'paid', 'difference'] as const

const MEANING: Readonly<Record<(typeof CAUSES)[number], string>> = {
  waiting: 'in vaults that nobody has settled since',
  relinked: 'links made or ended between a payment and its settling',
  rounding: 'contracts round down at every settling',
  policy: 'absolute shares owe other amounts than the relative ones that are paid',
  unexplained: 'royalty events that are not what the contract’s rule gives',
}

/** Every pair of assets as CSV, in canonical order; amounts in base units. */
export function csvOf(report: RoyaltyReport, history: RoyaltyHistory): string {
  const holders = new Map(history.assets.map(({ id, holder }) => [id, holder]))
  const lines = report.tokens.flatMap(({ token, pairs }) =>
    pairs.map((pair) => {
      const account = holders.get(pair.toId) ?? ''
      const amounts = [...SUMS, ...CAUSES].map((name) => pair[name])
      return [token, pair.fromId, pair.toId, account, ...amounts].map(String).map(quoted).join(',')
    }),
  )
  return [['token', 'from', 'to', 'account', ...SUMS, ...CAUSES].join(','), ...lines].join('\n')
}

/** The whole report as one JSON object; amounts are decimal text in base units. */
export function jsonOf(report: RoyaltyReport, { assets }: RoyaltyHistory): string {
  const { tokens, refused, ...rest } = report
  const names = new Map(assets.map(({ id, name }) => [id, name]))
  const whole = {
    ...rest,
    tokens: tokens.map((token) => ({
      ...token,
      assets: token.assets.map((row) => ({ ...row, name: names.get(row.assetId) ?? '' })),
      accounts: token.accounts.map((row) => ({ ...row, account: row.account ?? null })),
    })),
    refused: refused.map(refusedRow),
  }
  return JSON.stringify(whole, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
}

/** Prints totals with their causes, the largest rows of each level, and the links that owe nothing. */
export function printReport(
  report: RoyaltyReport,
  { assets }: RoyaltyHistory,
  limit: number,
  print: (line: string) => void,
): void {
  const known = new Map(assets.map((asset) => [asset.id, asset]))
  const titleOf = (id: Hex) => titleOfAsset(known.get(id), id)
  for (const line of headLines(report)) print(line)
  for (const token of report.tokens) {
    for (const line of totalLines(token)) print(line)
    const ofAssets = token.assets.map((row) => [titleOf(row.assetId), row] as const)
    for (const line of tableLines('to asset', ofAssets, limit)) print(line)
    const ofAccounts = token.accounts.map((row) => [row.account ?? 'nobody', row] as const)
    for (const line of tableLines('to account', ofAccounts, limit)) print(line)
  }
  print('')
  for (const line of refusedLines(report.refused, titleOf, limit)) print(line)
}

function headLines(report: RoyaltyReport): string[] {
  const { reading, paymentCount, saleCount, royaltyCount } = report
  const shares =
    reading.policy === 'LRP'
      ? 'owed: relative shares (LRP), as the contracts pay them'
      : `owed: shares read as absolute (LAP, ${reading.mode}); the contracts pay relative ones`
  return [
    `block ${report.block} ${report.blockHash}`,
    `${report.assetCount} assets, ${report.linkCount} links, ${report.standingCount} of which owe`,
    `${paymentCount} payments into vaults, ${royaltyCount} royalties paid; sales, which go to sellers: ${saleCount}`,
    shares,
  ]
}

function totalLines({ token, revenue, kept, dust, totals }: TokenReport): string[] {
  const width = Math.max(...Object.values(totals).map((amount) => amount.toString().length))
  const line = (indent: string, name: string, note = '') =>
    `${indent}${name.padEnd(13 - indent.length)}${note}`
  return [
    '',
    `token ${token}, base units`,
    ...SUMS.map((name) => line('', name, totals[name].toString().padStart(width))),
    ...CAUSES.filter((name) => totals[name] !== 0n || name === 'unexplained').map((name) =>
      line('  ', name, `${totals[name].toString().padStart(width)}  ${MEANING[name]}`),
    ),
    `revenue ${revenue} = kept ${kept} + dust ${dust}`,
  ]
}

/** The rows that are owed most; the rest is counted. */
function tableLines(
  title: string,
  rows: readonly (readonly [string, RoyaltySums])[],
  limit: number,
): string[] {
  const ordered = rows.toSorted(([, a], [, b]) =>
    a.owed === b.owed ? 0 : a.owed > b.owed ? -1 : 1,
  )
  const shown = ordered.slice(0, limit)
  const titleWidth = Math.max(title.length, ...shown.map(([name]) => name.length))
  const amountWidth = Math.max(
    10,
    ...shown.flatMap(([, row]) => SUMS.map((name) => row[name].toString().length)),
  )
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(titleWidth)}${cells.map((cell) => `  ${cell.padStart(amountWidth)}`).join('')}`
  return [
    '',
    line(title, SUMS),
    ...shown.map(([name, row]) =>
      line(
        name,
        SUMS.map((column) => row[column].toString()),
      ),
    ),
    ...moreLines(rows.length - shown.length),
  ]
}

function refusedLines(
  refused: readonly RefusedHistoryLink[],
  titleOf: (id: Hex) => string,
  limit: number,
): string[] {
  // The rarest reason first: it is the one that says most.
  const groups = [...Map.groupBy(refused, ({ reason }) => reason)].toSorted(
    ([a, left], [b, right]) => left.length - right.length || compareIds(a, b),
  )
  const counts = groups.map(([reason, group]) => `${reason} ${group.length}`)
  const shown = groups.flatMap(([, group]) => group).slice(0, limit)
  return [
    [`${refused.length} links owe nothing at this block`, counts.join(', ')]
      .filter((part) => part !== '')
      .join(': '),
    ...shown.map(({ link, reason, owed }) => {
      const before = owed === 0n ? '' : `, owed ${owed} before`
      const place = `block ${blockOf(link.linked)}`
      return `  ${reason}: ${titleOf(link.childId)} ${link.relation} ${titleOf(link.parentId)} (${place}${before})`
    }),
    ...moreLines(refused.length - shown.length),
  ]
}

function refusedRow({ link, reason, owed }: RefusedHistoryLink) {
  const { childId, parentId, relation, shareE8, linked, ended } = link
  return {
    childId,
    parentId,
    relation,
    shareE8,
    fromBlock: blockOf(linked),
    toBlock: ended === undefined ? null : blockOf(ended),
    reason,
    owed,
  }
}

function moreLines(hiddenCount: number): string[] {
  return hiddenCount > 0 ? [`… and ${hiddenCount} more (--limit, --json)`] : []
}

/** Names come from the chain: whatever a terminal could take as a command is left out. */
function titleOfAsset(asset: HistoryAsset | undefined, id: Hex): string {
  const short = `${id.slice(0, 10)}…${id.slice(-4)}`
  const name = (asset?.name ?? '').replaceAll(/\p{C}/gu, '').slice(0, 40)
  return name === '' ? short : `${short} ${name}`
}

function blockOf(order: number): number {
  return Math.floor(order / 2 ** 20)
}
