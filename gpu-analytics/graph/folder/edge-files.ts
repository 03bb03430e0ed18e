import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { ArrayFile } from './array-file.ts'
import { DATA_FILES } from './folder-header.ts'

/** The sorted edges on disk: sources that stay, weights until they are normalised. */
export class EdgeFiles {
  readonly #sources: ArrayFile
  readonly #weights: ArrayFile | undefined
  readonly #weightsPath: string
  /** Edges appended so far. */
  edgeCount = 0

  private constructor(sources: ArrayFile, weights: ArrayFile | undefined, weightsPath: string) {
    this.#sources = sources
    this.#weights = weights
    this.#weightsPath = weightsPath
  }

  /** Empty files in the folder of the data. */
  static async create(path: string, isWeighted: boolean): Promise<EdgeFiles> {
    const weightsPath = join(path, 'weights.tmp')
    const sources = await ArrayFile.create(join(path, DATA_FILES.sources))
    const weights = isWeighted ? await ArrayFile.create(weightsPath) : undefined
    return new EdgeFiles(sources, weights, weightsPath)
  }

  /** Appends edges. */
  async append(sources: Uint32Array, weights: BigUint64Array | undefined): Promise<void> {
    await this.#sources.append(sources)
    if (weights !== undefined) await this.#weights?.append(weights)
    this.edgeCount += sources.length
  }

  /** The edges from `first` on. */
  async read(
    first: number,
    count: number,
  ): Promise<{ sources: Uint32Array; weights: BigUint64Array | undefined }> {
    const sources = new Uint32Array(count)
    await this.#sources.readInto(sources, 4 * first)
    if (this.#weights === undefined) return { sources, weights: undefined }
    const weights = new BigUint64Array(2 * count)
    await this.#weights.readInto(weights, 16 * first)
    return { sources, weights }
  }

  /** Keeps the sources over a power cut and deletes the weights. */
  async finish(): Promise<void> {
    await this.#sources.sync()
    await rm(this.#weightsPath, { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sources[Symbol.asyncDispose]()
    await this.#weights?.[Symbol.asyncDispose]()
  }
}
