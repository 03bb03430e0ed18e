import { formatCount } from '../format/digits.ts'
import { isAddress, isBytes32, shortenHex } from '../format/hex.ts'
import { label } from '../format/words.ts'
import type { SearchData, SearchVariables } from '../graphql/search.ts'

/** Where a search result leads. */
export type SearchHit = {
  readonly title: string
  /** What it is, in a word or two. */
  readonly what: string
  readonly path: string
  /** The block to pin to, when the result is a block. */
  readonly block?: number
}

const NO_ADDRESS = `0x${'0'.repeat(40)}`
const NO_HASH = `0x${'0'.repeat(64)}`

/** What to ask for a text: by address, by hash, by number, or by name. */
export function searchVariables(text: string): Omit<SearchVariables, 'at'> {
  const byAddress = isAddress(text)
  const byHash = isBytes32(text)
  const byNumber = /^\d{1,9}$/.test(text)
  return {
    byAddress,
    byHash,
    byNumber,
    byName: !byAddress && !byHash && text !== '',
    address: byAddress ? text.toLowerCase() : NO_ADDRESS,
    hash: byHash ? text.toLowerCase() : NO_HASH,
    number: byNumber ? Number(text) : 0,
    name: text,
  }
}

/** The results of a search, the surest first. */
export function searchHits(text: string, data: SearchData): readonly SearchHit[] {
  const { account, asset, receipt, epoch, assets, _meta } = data
  const hits: SearchHit[] = []
  if (epoch !== undefined && epoch !== null) {
    const what = epoch.status === null ? 'epoch' : `epoch, ${epoch.status.toLowerCase()}`
    hits.push({ title: `Epoch ${epoch.number}`, what, path: `/epochs/${epoch.number}` })
  }
  if (/^\d{1,9}$/.test(text) && Number(text) <= _meta.block.number) {
    const title = `Pin to block ${formatCount(text)}`
    hits.push({ title, what: 'block', path: '', block: Number(text) })
  }
  if (account !== undefined && account.roles.length > 0) {
    const what = account.roles.join(', ')
    hits.push({ title: shortenHex(account.address), what, path: `/accounts/${account.address}` })
    if (account.roles.includes('provider')) {
      const path = `/providers/${account.address}`
      hits.push({ title: shortenHex(account.address), what: 'its receipts as a provider', path })
    }
  }
  if (asset !== undefined && asset !== null) hits.push(assetHit(asset))
  if (receipt !== undefined && receipt !== null) {
    const what = `receipt, ${label(receipt.workload ?? '').toLowerCase()}`
    hits.push({ title: shortenHex(receipt.digest), what, path: `/receipts/${receipt.digest}` })
  }
  return [...hits, ...(assets?.nodes ?? []).map(assetHit)]
}

function assetHit(asset: {
  readonly assetId: string
  readonly name: string
  readonly kind: string | null
}): SearchHit {
  return {
    title: asset.name === '' ? shortenHex(asset.assetId) : asset.name,
    what: label(asset.kind ?? 'asset').toLowerCase(),
    path: `/assets/${asset.assetId}`,
  }
}
