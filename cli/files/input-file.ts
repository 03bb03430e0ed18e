import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { FatalError, type Hex } from '@foggara/schema'

/** A file given by the user, with the hash of its bytes. */
export type InputFile = { readonly name: string; readonly bytes: Buffer; readonly sha256: Hex }

/**
 * Reads a file that the user named; relative names start at `directory`.
 *
 * @throws {InputFileError}
 */
export async function readInput(directory: string, name: string): Promise<InputFile> {
  const file = path.resolve(directory, name)
  try {
    const bytes = await readFile(file)
    return { name, bytes, sha256: sha256Of(bytes) }
  } catch (cause) {
    throw new InputFileError(name, cause)
  }
}

/** sha256 of bytes or UTF-8 text. */
export function sha256Of(content: Uint8Array | string): Hex {
  return `0x${createHash('sha256').update(content).digest('hex')}`
}

/** A file that the user named cannot be read. */
export class InputFileError extends FatalError {
  constructor(name: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable'
    super('FILE_UNREADABLE', `${name}: expected a readable file, found ${code}`, { cause })
  }
}
