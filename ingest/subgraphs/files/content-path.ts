import { type ContentId, parseContentId } from './content-id.ts'

/** A file of IPFS: a block, or a file in the folder that a block is. */
export type ContentPath = {
  readonly id: ContentId
  /** Names of folders, and of the file at their end; none where the block is the file. */
  readonly names: readonly string[]
  /** As `dataSource.stringParam()` gives it. */
  readonly text: string
}

/**
 * Reads what handlers call a file, as graph-node does: an id, a path after it, `/ipfs/` or `ipfs://`
 * before it, or the URL of a gateway with one of these. Undefined for another text.
 */
export function parseContentPath(input: string): ContentPath | undefined {
  const text = input.trim()
  return /^https?:\/\//.test(text) ? parseUrl(text) : parsePath(text)
}

function parseUrl(text: string): ContentPath | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const argument = url.searchParams.get('arg')
  if (argument !== null) return parsePath(argument)
  const at = url.pathname.indexOf('/ipfs/')
  return parsePath(at < 0 ? url.pathname : url.pathname.slice(at + '/ipfs/'.length))
}

function parsePath(input: string): ContentPath | undefined {
  let text = input.replace(/^\/+|\/+$/g, '')
  for (const prefix of ['ipfs/', 'ipfs://']) {
    if (text.startsWith(prefix)) text = text.slice(prefix.length)
  }
  const at = text.indexOf('/')
  const path = at < 0 ? '' : text.slice(at + 1)
  const id = parseContentId(at < 0 ? text : text.slice(0, at))
  if (id === undefined || path.includes('?')) return undefined
  const names = path.split('/').filter((name) => name !== '')
  return { id, names, text: path === '' ? id.text : `${id.text}/${path}` }
}
