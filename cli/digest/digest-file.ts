import { readFile } from 'node:fs/promises'

import { DIGEST_LEVELS, FatalError, type Hex, type RangeDigest } from '@foggara/schema'
import { z } from 'zod'

import type { BlockSpan } from '../block-span.ts'

/** What `foggara digest --json` prints. */
export type DigestFile = BlockSpan & {
  readonly level: number
  readonly digests: readonly RangeDigest[]
}

const whole = z.int().min(0)
const digestFile = z.strictObject({
  level: z.int().refine((level) => DIGEST_LEVELS.includes(level), 'a level of digests'),
  firstBlock: whole,
  lastBlock: whole,
  digests: z.array(
    z.strictObject({
      firstBlock: whole,
      lastBlock: whole,
      digest: z
        .string()
        .regex(/^0x[0-9a-f]{64}$/)
        .transform((text) => text as Hex),
    }),
  ),
})

/**
 * Reads what another operator's `foggara digest --json` printed.
 *
 * @throws {DigestFileError}
 */
export async function readDigestFile(file: string): Promise<DigestFile> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DigestFileError(file, 'expected a file that can be read, found none')
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new DigestFileError(file, 'expected JSON of foggara digest --json, found other text')
  }
  const parsed = digestFile.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new DigestFileError(file, `${issue?.path.join('.')}: ${issue?.message}`)
}

/** A file is none of digests. */
export class DigestFileError extends FatalError {
  constructor(file: string, detail: string) {
    super('DIGEST_FILE_MALFORMED', `${file}: ${detail}`)
  }
}
