import { sameBytes } from '../entity-cache/entity.ts'
import { ipfsHash } from '../manifest/ipfs-hash.ts'
import {
  type ContentId,
  inlineBytes,
  isNamedBy,
  isVerifiable,
  JSON_CODECS,
  NODE_CODEC,
  parseContentId,
  RAW_CODEC,
} from './content-id.ts'
import type { ContentPath } from './content-path.ts'
import { type FileNode, readFileNode } from './file-node.ts'
import { FileUnavailableError } from './gateway.ts'

/** Gives the bytes of a block, or of the whole file, from where it can be had. */
export type ReadBlock = (id: ContentId, byteLengthMax: number) => Promise<Uint8Array>

const BLOCK_COUNT_MAX = 10_000
/** Trees of IPFS have 174 children to a node: four levels hold more than any file that is read. */
const DEPTH_MAX = 8

/**
 * The bytes of a file of IPFS, each block of it checked against its hash.
 *
 * A gateway that gives whole files away instead of blocks serves those that were added as `ipfs add`
 * does by itself: their hash can be computed from the whole.
 *
 * @throws {FileUnavailableError}
 */
export async function readVerifiedFile(
  path: ContentPath,
  readBlock: ReadBlock,
  byteLengthMax: number,
): Promise<Uint8Array> {
  const walk: Walk = { readBlock, bytesLeft: byteLengthMax, blocksLeft: BLOCK_COUNT_MAX }
  let id = path.id
  for (const name of path.names) {
    const node = await readNode(walk, id)
    const link = node.type === 'folder' ? node.links.find((item) => item.name === name) : undefined
    if (link === undefined) {
      throw new FileUnavailableError(`expected ${name} in the folder ${id.text}, found none`)
    }
    id = link.id
  }
  const parts: Uint8Array[] = []
  await collect(walk, id, parts, 0)
  return Buffer.concat(parts)
}

type Walk = { readonly readBlock: ReadBlock; bytesLeft: number; blocksLeft: number }

async function collect(
  walk: Walk,
  id: ContentId,
  parts: Uint8Array[],
  depth: number,
): Promise<void> {
  if (depth > DEPTH_MAX) throw new FileUnavailableError('expected a flatter file, found a deep one')
  if (id.codec === RAW_CODEC || JSON_CODECS.has(id.codec)) {
    const bytes = await readChecked(walk, id)
    if (!isNamedBy(bytes, id)) throw otherBytes(id)
    parts.push(bytes)
    return
  }
  const node = await readNode(walk, id)
  if (node.type !== 'file') {
    throw new FileUnavailableError(`expected a file at ${id.text}, found a folder or a link`)
  }
  if (node.bytes.length > 0) parts.push(node.bytes)
  for (const link of node.links) await collect(walk, link.id, parts, depth + 1)
}

async function readNode(walk: Walk, id: ContentId): Promise<FileNode> {
  if (id.codec !== NODE_CODEC) {
    throw new FileUnavailableError(
      `expected a file or a folder, found the codec 0x${id.codec.toString(16)} at ${id.text}`,
    )
  }
  const bytes = await readChecked(walk, id)
  const isBlock = isNamedBy(bytes, id)
  if (!isBlock && !isWholeFile(bytes, id)) throw otherBytes(id)
  if (!isBlock) return { type: 'file', bytes, links: [] }
  const node = readFileNode(bytes)
  if (node !== undefined) return node
  throw new FileUnavailableError(`expected a file or a folder at ${id.text}, found another node`)
}

function isWholeFile(bytes: Uint8Array, { hashCode, digest }: ContentId): boolean {
  const whole = parseContentId(ipfsHash(bytes))
  return whole?.hashCode === hashCode && sameBytes(whole.digest, digest)
}

async function readChecked(walk: Walk, id: ContentId): Promise<Uint8Array> {
  if (!isVerifiable(id)) {
    throw new FileUnavailableError(
      `expected a hash that can be checked, found 0x${id.hashCode.toString(16)} in ${id.text}`,
    )
  }
  const bytes = inlineBytes(id) ?? (await walk.readBlock(id, walk.bytesLeft))
  walk.bytesLeft -= bytes.length
  walk.blocksLeft -= 1
  if (walk.bytesLeft >= 0 && walk.blocksLeft >= 0) return bytes
  throw new FileUnavailableError('expected a smaller file, found one beyond the limit')
}

function otherBytes({ text }: ContentId): FileUnavailableError {
  return new FileUnavailableError(
    `expected the bytes that ${text} names, found others: the gateway must answer ?format=raw`,
  )
}
