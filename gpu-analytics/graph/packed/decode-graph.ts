import type { RankProblem } from '../../engine.ts'
import { checkNotAborted } from '../../run-aborted.ts'
import { BlockReader } from './block-reader.ts'
import { BLOCK_HEADER_BYTES, HEADER_BYTES, PackedGraphError, readHeader } from './format.ts'
import { xxhash32 } from './xxhash32.ts'

/** What a download reports and listens to. */
export type DecodeOptions = {
  readonly signal?: AbortSignal
  /** Called after each block with what of the graph has arrived. */
  readonly onProgress?: (progress: DecodeProgress) => void
}

/** How much of a packed graph has been read. */
export type DecodeProgress = {
  readonly byteCount: number
  /** Edges of which the sources are there, of `edgeCountMax`. */
  readonly edgeCount: number
  readonly edgeCountMax: number
}

/**
 * Unpacks what `encodeGraph` packed. Memory stays within some sixty times the length of the bytes,
 * whatever they say.
 *
 * @throws {PackedGraphError}
 */
export function decodeGraph(bytes: Uint8Array): RankProblem {
  const decoder = new GraphDecoder()
  decoder.push(bytes)
  return decoder.end()
}

/**
 * Unpacks a graph while it arrives, in chunks of any size.
 *
 * @throws {PackedGraphError | RunAbortedError}
 */
export async function decodeGraphStream(
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions = {},
): Promise<RankProblem> {
  const decoder = new GraphDecoder()
  let byteCount = 0
  for await (const chunk of chunks) {
    byteCount += chunk.length
    checkNotAborted(options.signal, `reading ${byteCount} bytes of a graph`)
    decoder.push(chunk)
    options.onProgress?.({ byteCount, ...decoder.progress() })
  }
  return decoder.end()
}

/** Cuts arriving bytes into the header and blocks. */
class GraphDecoder {
  #waiting: Uint8Array[] = []
  #waitingLength = 0
  #reader: BlockReader | undefined

  push(chunk: Uint8Array): void {
    this.#waiting.push(chunk)
    this.#waitingLength += chunk.length
    if (this.#waitingLength < this.#needed()) return
    let bytes = joined(this.#waiting, this.#waitingLength)
    for (let needed = this.#needed(bytes); bytes.length >= needed; needed = this.#needed(bytes)) {
      this.#take(bytes.subarray(0, needed))
      bytes = bytes.subarray(needed)
    }
    this.#waiting = [bytes]
    this.#waitingLength = bytes.length
  }

  progress(): { edgeCount: number; edgeCountMax: number } {
    return this.#reader?.progress() ?? { edgeCount: 0, edgeCountMax: 0 }
  }

  end(): RankProblem {
    if (this.#reader === undefined || this.#waitingLength > 0) {
      throw new PackedGraphError('whole blocks', `${this.#waitingLength} bytes of one`)
    }
    return this.#reader.end()
  }

  /** Bytes of what comes next, as far as can be told from those that are there. */
  #needed(bytes = this.#waiting[0]): number {
    if (this.#reader === undefined) return HEADER_BYTES
    if (bytes === undefined || bytes.length < BLOCK_HEADER_BYTES) return BLOCK_HEADER_BYTES
    const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES)
    return BLOCK_HEADER_BYTES + view.getUint32(8, true)
  }

  #take(bytes: Uint8Array): void {
    if (this.#reader === undefined) {
      this.#reader = new BlockReader(readHeader(bytes))
      return
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES)
    const content = bytes.subarray(BLOCK_HEADER_BYTES)
    if (view.getUint32(12, true) !== xxhash32(content)) {
      throw new PackedGraphError('blocks that fit their checksums', 'a damaged one')
    }
    this.#reader.read(view.getUint32(0, true), view.getUint32(4, true), content)
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
