import { type ContentId, readContentId } from './content-id.ts'

/** A block of a file or folder: bytes of its own, and the blocks after them by name. */
export type FileNode = {
  readonly type: 'file' | 'folder' | 'other'
  readonly bytes: Uint8Array
  readonly links: readonly FileLink[]
}

/** A block that another one refers to. */
export type FileLink = { readonly name: string; readonly id: ContentId }

/** Kinds of UnixFS: raw bytes, a folder, a file. Others are folders in pieces, links and such. */
const TYPES: readonly FileNode['type'][] = ['file', 'folder', 'file']

/** Reads a block of the codec dag-pb that holds UnixFS; undefined for others. */
export function readFileNode(block: Uint8Array): FileNode | undefined {
  const fields = readFields(block)
  const inner = fields?.find(({ number }) => number === 1)?.bytes
  const unix = inner === undefined ? undefined : readFields(inner)
  const type = unix?.find(({ number }) => number === 1)?.value
  if (fields === undefined || unix === undefined || type === undefined) return undefined
  const links: FileLink[] = []
  for (const { number, bytes } of fields) {
    if (number !== 2) continue
    const link = readLink(bytes)
    if (link === undefined) return undefined
    links.push(link)
  }
  const bytes = unix.find(({ number }) => number === 2)?.bytes ?? new Uint8Array()
  return { type: TYPES[type] ?? 'other', bytes, links }
}

function readLink(content: Uint8Array): FileLink | undefined {
  const fields = readFields(content)
  const hash = fields?.find(({ number }) => number === 1)?.bytes
  const id = hash === undefined ? undefined : readContentId(hash)
  const name = fields?.find(({ number }) => number === 2)?.bytes ?? new Uint8Array()
  return id === undefined ? undefined : { name: new TextDecoder().decode(name), id }
}

type Field = { readonly number: number; readonly value: number; readonly bytes: Uint8Array }

/** The fields of a message of Protocol Buffers that are numbers or bytes; undefined for others. */
function readFields(content: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = []
  const empty = new Uint8Array()
  let at = 0
  const readNumber = () => {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = content[at]
      if (byte === undefined) return undefined
      at += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < content.length) {
    const tag = readNumber()
    const value = readNumber()
    if (tag === undefined || value === undefined) return undefined
    const number = Math.floor(tag / 8)
    if (tag % 8 === 0) fields.push({ number, value, bytes: empty })
    else if (tag % 8 === 2 && at + value <= content.length) {
      fields.push({ number, value, bytes: content.subarray(at, at + value) })
      at += value
    } else return undefined
  }
  return fields
}
