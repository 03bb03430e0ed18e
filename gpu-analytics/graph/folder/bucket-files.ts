import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { invariant } from '@foggara/schema'

import type { RowBucket } from '../edge-rows.ts'
import { ArrayFile } from './array-file.ts'

/** Rows wait in memory until so many bytes of one bucket are together. */
const BUFFER_WORDS = 2 ** 16

type BucketFile = {
  readonly path: string
  readonly file: ArrayFile
  readonly buffer: Uint32Array
  waiting: number
  wordCount: number
}

/** Rows on disk, one file per range of targets. */
export class BucketFiles {
  readonly #folder: string
  readonly #nodeCount: number
  /** The bits of a target that do not tell its range. */
  readonly shift: number
  readonly #files = new Map<number, BucketFile>()

  constructor(folder: string, nodeCount: number, shift: number) {
    this.#folder = folder
    this.#nodeCount = nodeCount
    this.shift = shift
  }

  /** Adds rows to the file of their range. */
  async append({ firstTarget, rows }: RowBucket): Promise<void> {
    const bucket = this.#files.get(firstTarget) ?? (await this.#create(firstTarget))
    bucket.wordCount += rows.length
    if (rows.length > BUFFER_WORDS - bucket.waiting) await flush(bucket)
    if (rows.length > BUFFER_WORDS) {
      await bucket.file.append(rows)
    } else {
      bucket.buffer.set(rows, bucket.waiting)
      bucket.waiting += rows.length
    }
  }

  /** The first targets of the ranges that have rows, ascending. */
  firstTargets(): number[] {
    return [...this.#files.keys()].toSorted((a, b) => a - b)
  }

  /** The most words that the rows of one range have. */
  wordCountMax(): number {
    return [...this.#files.values()].reduce((most, { wordCount }) => Math.max(most, wordCount), 0)
  }

  /** All rows of a range, read into `words`; their file is deleted. */
  async take(firstTarget: number, words: Uint32Array): Promise<RowBucket> {
    const bucket = this.#files.get(firstTarget)
    invariant(bucket !== undefined, `expected rows of targets from ${firstTarget} on`)
    this.#files.delete(firstTarget)
    await using file = bucket.file
    await flush(bucket)
    const rows = words.subarray(0, bucket.wordCount)
    invariant(await file.readInto(rows, 0), `expected ${bucket.wordCount} words in ${bucket.path}`)
    await rm(bucket.path)
    const targetCount = Math.min(2 ** this.shift, this.#nodeCount - firstTarget)
    return { firstTarget, targetCount, rows }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { file } of this.#files.values()) await file[Symbol.asyncDispose]()
    this.#files.clear()
  }

  async #create(firstTarget: number): Promise<BucketFile> {
    const path = join(this.#folder, `rows-${firstTarget}.tmp`)
    const file = await ArrayFile.create(path)
    const bucket = { path, file, buffer: new Uint32Array(BUFFER_WORDS), waiting: 0, wordCount: 0 }
    this.#files.set(firstTarget, bucket)
    return bucket
  }
}

async function flush(bucket: BucketFile): Promise<void> {
  await bucket.file.append(bucket.buffer.subarray(0, bucket.waiting))
  bucket.waiting = 0
}
