import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

import { type Hex, FatalError } from '@foggara/schema'

import { quoted } from '../files/print-scores.ts'
import type { NodeIds } from './node-files.ts'

/** A node with its score, named as the user knows it. */
export type NamedScore = { readonly name: string; readonly score: bigint }

const LINES_PER_WRITE = 1 << 16

/**
 * Writes scores to a file: `.csv` with the columns id and score, or `.bin` with 8 bytes a node, the
 * lowest first, in the order of the nodes. Gives the sha256 of the file.
 *
 * @throws {ScoreFormatError}
 */
export async function writeScores(
  path: string,
  scores: BigUint64Array,
  ids: NodeIds | undefined,
): Promise<Hex> {
  checkScoreFormat(path)
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  try {
    for (const piece of path.endsWith('.bin') ? bytesOf(scores) : linesOf(scores, ids)) {
      hash.update(piece)
      await file.writeFile(piece)
    }
  } finally {
    await file.close()
  }
  return `0x${hash.digest('hex')}`
}

/**
 * Refuses a file name of another ending before anything is computed.
 *
 * @throws {ScoreFormatError}
 */
export function checkScoreFormat(path: string): void {
  if (!/\.(csv|bin)$/.test(path)) throw new ScoreFormatError(path)
}

/** The nodes of the greatest scores, descending; of equal ones the lower node first. */
export function greatestScores(
  scores: BigUint64Array,
  ids: NodeIds | undefined,
  count: number,
): readonly NamedScore[] {
  const best: number[] = []
  let least = 0n
  for (const [node, score] of scores.entries()) {
    if (best.length >= 2 * count && score <= least) continue
    best.push(node)
    if (best.length < 4 * count) continue
    best.sort((a, b) => byScore(scores, a, b))
    best.length = Math.min(best.length, 2 * count)
    least = scores[best.at(-1) ?? 0] ?? 0n
  }
  return best
    .toSorted((a, b) => byScore(scores, a, b))
    .slice(0, count)
    .map((node) => ({ name: nameOf(ids, node), score: scores[node] ?? 0n }))
}

function byScore(scores: BigUint64Array, a: number, b: number): number {
  const [left = 0n, right = 0n] = [scores[a], scores[b]]
  return left === right ? a - b : left > right ? -1 : 1
}

function* bytesOf(scores: BigUint64Array): Generator<Uint8Array> {
  const bytes = new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength)
  for (let at = 0; at < bytes.length; at += 1 << 24) yield bytes.subarray(at, at + (1 << 24))
}

function* linesOf(scores: BigUint64Array, ids: NodeIds | undefined): Generator<string> {
  let lines = ['id,score']
  for (const [node, score] of scores.entries()) {
    lines.push(`${quoted(nameOf(ids, node))},${score}`)
    if (lines.length < LINES_PER_WRITE) continue
    yield `${lines.join('\n')}\n`
    lines = []
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`
}

function nameOf(ids: NodeIds | undefined, node: number): string {
  return ids === undefined ? `${node}` : new TextDecoder().decode(ids.bytesOf(node))
}

/** A file for scores has an ending that says nothing about its form. */
export class ScoreFormatError extends FatalError {
  constructor(path: string) {
    super('SCORE_FORMAT_UNKNOWN', `--out: expected a name that ends in .csv or .bin, found ${path}`)
  }
}
