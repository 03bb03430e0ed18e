import { createHash } from 'node:crypto'

import { bytesToBase58 } from '../host/conversions.ts'

/** How IPFS cuts files, and how many links a node of its tree has, where nothing else is asked for. */
const CHUNK_LENGTH = 262_144
const LINK_COUNT_MAX = 174

/** The `Qm…` hash that IPFS gives a file: CIDv0 of UnixFS in a balanced tree. */
export function ipfsHash(bytes: Uint8Array): string {
  let nodes: readonly TreeNode[] = chunksOf(bytes).map(leaf)
  while (nodes.length > 1) {
    const parents: TreeNode[] = []
    for (let at = 0; at < nodes.length; at += LINK_COUNT_MAX) {
      parents.push(parent(nodes.slice(at, at + LINK_COUNT_MAX)))
    }
    nodes = parents
  }
  return bytesToBase58(nodes[0]?.hash ?? leaf(bytes).hash)
}

/** A node of the tree: its hash, the bytes of the file under it, and those of the tree itself. */
type TreeNode = {
  readonly hash: Uint8Array
  readonly fileLength: number
  readonly treeLength: number
}

function chunksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_LENGTH))
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * CHUNK_LENGTH, (index + 1) * CHUNK_LENGTH),
  )
}

/** UnixFS: type 2 is a file. */
const FILE = numberField(1, 2)

function leaf(chunk: Uint8Array): TreeNode {
  const content = chunk.length === 0 ? [] : [bytesField(2, chunk)]
  const file = Buffer.concat([FILE, ...content, numberField(3, chunk.length)])
  return node(bytesField(1, file), { fileLength: chunk.length, linkedLength: 0 })
}

function parent(children: readonly TreeNode[]): TreeNode {
  const links = children.map(({ hash, treeLength }) => {
    const link = [bytesField(1, hash), bytesField(2, Buffer.alloc(0)), numberField(3, treeLength)]
    return bytesField(2, Buffer.concat(link))
  })
  const fileLength = children.reduce((sum, child) => sum + child.fileLength, 0)
  const linkedLength = children.reduce((sum, child) => sum + child.treeLength, 0)
  const sizes = children.map((child) => numberField(4, child.fileLength))
  const file = Buffer.concat([FILE, numberField(3, fileLength), ...sizes])
  return node(Buffer.concat([...links, bytesField(1, file)]), { fileLength, linkedLength })
}

function node(
  block: Uint8Array,
  lengths: { readonly fileLength: number; readonly linkedLength: number },
): TreeNode {
  const digest = createHash('sha256').update(block).digest()
  const hash = Buffer.concat([Buffer.from([0x12, 0x20]), digest])
  const { fileLength, linkedLength } = lengths
  return { hash, fileLength, treeLength: block.length + linkedLength }
}

function numberField(field: number, value: number): Buffer {
  return Buffer.from([field * 8, ...varint(value)])
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, ...varint(bytes.length)]), bytes])
}

function varint(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
