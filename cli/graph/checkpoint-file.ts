import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'

import type { RankCheckpoint } from '@foggara/gpu-analytics'
import { FatalError } from '@foggara/schema'
import { z } from 'zod'

import { type Column, writeAt } from './column-file.ts'

const headerJson = z.strictObject({
  format: z.literal('foggara-checkpoint-1'),
  iterationCount: z.int().min(0),
  delta: z.string().regex(/^\d+$/),
  problemDigest: z.string(),
  nodeCount: z.int().min(0),
  scoresSha256: z.string(),
})

/** The header takes so many bytes, filled up with spaces, so that the scores behind it are aligned. */
const HEADER_BYTES = 4096

/** Writes a checkpoint so that a crash at any moment leaves either the former one or this one. */
export async function writeCheckpoint(path: string, checkpoint: RankCheckpoint): Promise<void> {
  const { iterationCount, delta, problemDigest, scores } = checkpoint
  const header: z.input<typeof headerJson> = {
    format: 'foggara-checkpoint-1',
    iterationCount,
    delta: delta.toString(),
    problemDigest,
    nodeCount: scores.length,
    scoresSha256: sha256Of(scores),
  }
  const text = new TextEncoder().encode(JSON.stringify(header).padEnd(HEADER_BYTES))
  const written = `${path}.new`
  const file = await open(written, 'w')
  try {
    await writeAt(file, text, 0)
    await writeAt(file, scores, HEADER_BYTES)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(written, path)
}

/**
 * Reads a checkpoint; undefined when there is none.
 *
 * @throws {CheckpointMalformedError}
 */
export async function readCheckpoint(path: string): Promise<RankCheckpoint | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const header = readHeader(path, bytes.subarray(0, HEADER_BYTES).toString())
  const body = bytes.subarray(HEADER_BYTES)
  if (body.length !== 8 * header.nodeCount) {
    throw new CheckpointMalformedError(path, `${8 * header.nodeCount} bytes`, `${body.length}`)
  }
  const scores = new BigUint64Array(header.nodeCount)
  new Uint8Array(scores.buffer).set(body)
  if (sha256Of(scores) !== header.scoresSha256) {
    throw new CheckpointMalformedError(path, `sha256 ${header.scoresSha256}`, sha256Of(scores))
  }
  const { iterationCount, problemDigest } = header
  return { iterationCount, problemDigest, delta: BigInt(header.delta), scores }
}

/** Removes a checkpoint that is no longer needed. */
export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}.new`, { force: true })
}

function readHeader(path: string, text: string): z.output<typeof headerJson> {
  try {
    return headerJson.parse(JSON.parse(text))
  } catch (cause) {
    throw new CheckpointMalformedError(path, 'a header', text.slice(0, 40), cause)
  }
}

function sha256Of(scores: Column): string {
  const { buffer, byteOffset, byteLength } = scores
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
}

/** A checkpoint was not written whole or was changed. */
export class CheckpointMalformedError extends FatalError {
  constructor(path: string, expected: string, found: string, cause?: unknown) {
    super('CHECKPOINT_MALFORMED', `${path}: expected ${expected}, found ${found}`, {
      cause,
      hint: 'Run it without --resume to start from the first iteration.',
    })
  }
}
