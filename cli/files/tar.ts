import { FatalError } from '@foggara/schema'

/** A regular file of a tar archive. */
export type TarEntry = { readonly name: string; readonly bytes: Uint8Array }

const BLOCK = 512

/**
 * The regular files of a ustar archive, in its order.
 *
 * @throws {TarMalformedError}
 */
export function readTar(file: string, archive: Uint8Array): readonly TarEntry[] {
  const entries: TarEntry[] = []
  let offset = 0
  while (offset + BLOCK <= archive.length) {
    const header = archive.subarray(offset, offset + BLOCK)
    if (header.every((byte) => byte === 0)) return entries
    const byteLength = Number.parseInt(textAt(header, 124, 12).trim() || '0', 8)
    const end = offset + BLOCK + byteLength
    if (!Number.isSafeInteger(byteLength) || end > archive.length) {
      throw new TarMalformedError(file, offset)
    }
    const prefix = textAt(header, 345, 155)
    const name = textAt(header, 0, 100)
    const type = textAt(header, 156, 1)
    if (type === '0' || type === '') {
      entries.push({
        name: prefix === '' ? name : `${prefix}/${name}`,
        bytes: archive.subarray(offset + BLOCK, end),
      })
    }
    offset = offset + BLOCK + Math.ceil(byteLength / BLOCK) * BLOCK
  }
  return entries
}

function textAt(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end))
}

/** An archive is cut short or no tar. */
export class TarMalformedError extends FatalError {
  constructor(file: string, offset: number) {
    super('TAR_MALFORMED', `${file}: expected a whole tar entry at byte ${offset}, found less`)
  }
}
