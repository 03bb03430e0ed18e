import { FatalError } from '@foggara/schema'

import { checkNotAborted } from '../run-aborted.ts'
import type { GpuDevice } from './gpu-device.ts'
import {
  COPY_DST,
  COPY_SRC,
  INDIRECT,
  MAP_MODE_READ,
  MAP_READ,
  STORAGE,
  UNIFORM,
} from './gpu-like.ts'

type Words = Uint32Array | BigUint64Array

const WRITE_BYTE_COUNT_MAX = 32 * 2 ** 20
const READ_BYTE_COUNT_MAX = 64 * 2 ** 20
/** Bytes that may wait in the queue before we wait for it. */
const QUEUE_BYTE_COUNT_MAX = 256 * 2 ** 20

/** The buffers of one run on a device; they live until it ends. */
export class GpuBuffers {
  readonly #device: GpuDevice
  readonly #signal: AbortSignal | undefined
  readonly #buffers: GPUBuffer[] = []
  #queuedByteCount = 0
  #staging: GPUBuffer | undefined

  /** The signal stops a long upload. */
  constructor(device: GpuDevice, signal?: AbortSignal) {
    this.#device = device
    this.#signal = signal
  }

  /**
   * A buffer of zeros for kernels to read and write.
   *
   * @throws {GraphTooLargeForDeviceError}
   */
  storage(byteCount: number): Promise<GPUBuffer> {
    return this.#create(byteCount, STORAGE | COPY_SRC | COPY_DST)
  }

  /** A buffer with these contents. @throws {GraphTooLargeForDeviceError} */
  async upload(words: Words): Promise<GPUBuffer> {
    const buffer = await this.storage(words.byteLength)
    await this.write(buffer, words)
    return buffer
  }

  /** A few words that are the same for all lanes. */
  async uniform(words: readonly number[]): Promise<GPUBuffer> {
    const buffer = await this.#create(4 * words.length, UNIFORM | COPY_DST)
    await this.write(buffer, Uint32Array.from(words))
    return buffer
  }

  /** Counts of workgroups that kernels may change. */
  async indirect(words: readonly number[]): Promise<GPUBuffer> {
    const buffer = await this.#create(4 * words.length, STORAGE | INDIRECT | COPY_DST)
    await this.write(buffer, Uint32Array.from(words))
    return buffer
  }

  /**
   * Writes in pieces, so that neither side holds a second copy of a large array.
   *
   * @throws {RunAbortedError}
   */
  async write(buffer: GPUBuffer, words: Words): Promise<void> {
    const { queue } = this.#device.raw
    const perPiece = WRITE_BYTE_COUNT_MAX / words.BYTES_PER_ELEMENT
    for (let start = 0; start < words.length; start += perPiece) {
      checkNotAborted(this.#signal, 'part of the upload')
      const piece = words.subarray(start, start + perPiece)
      queue.writeBuffer(buffer, start * words.BYTES_PER_ELEMENT, plain(piece))
      this.#queuedByteCount += piece.byteLength
      if (this.#queuedByteCount < QUEUE_BYTE_COUNT_MAX) continue
      queue.submit([])
      await this.#device.guard(queue.onSubmittedWorkDone())
      this.#queuedByteCount = 0
    }
  }

  /** The first bytes of a buffer, a whole number of words, once all work before is done. */
  async read(buffer: GPUBuffer, byteCount: number): Promise<Uint32Array<ArrayBuffer>> {
    const words = new Uint32Array(byteCount / 4)
    const { raw } = this.#device
    for (let start = 0; start < byteCount; start += READ_BYTE_COUNT_MAX) {
      const pieceByteCount = Math.min(READ_BYTE_COUNT_MAX, byteCount - start)
      const staging = await this.#stagingOf(pieceByteCount)
      const encoder = raw.createCommandEncoder()
      encoder.copyBufferToBuffer(buffer, start, staging, 0, pieceByteCount)
      raw.queue.submit([encoder.finish()])
      await this.#device.guard(staging.mapAsync(MAP_MODE_READ, 0, pieceByteCount))
      words.set(new Uint32Array(staging.getMappedRange(0, pieceByteCount)), start / 4)
      staging.unmap()
    }
    return words
  }

  /** Frees them all; work that was submitted still ends. */
  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy()
  }

  async #stagingOf(byteCount: number): Promise<GPUBuffer> {
    if (this.#staging !== undefined && this.#staging.size >= byteCount) return this.#staging
    this.#staging = await this.#create(byteCount, MAP_READ | COPY_DST)
    return this.#staging
  }

  async #create(byteCount: number, usage: number): Promise<GPUBuffer> {
    const size = Math.max(16, Math.ceil(byteCount / 16) * 16)
    const { raw, bufferByteCountMax } = this.#device
    if (size > bufferByteCountMax) throw new GraphTooLargeForDeviceError(size, bufferByteCountMax)
    // No await between the two: the scopes of runs side by side would nest wrongly.
    raw.pushErrorScope('out-of-memory')
    const buffer = raw.createBuffer({ size, usage })
    const scope = raw.popErrorScope()
    this.#buffers.push(buffer)
    const shortage = await this.#device.guard(scope)
    if (shortage !== null) {
      throw new GraphTooLargeForDeviceError(size, 'less memory', shortage.message)
    }
    return buffer
  }
}

/** WebGPU does not read memory that workers share, so such an array is copied. */
function plain(words: Words): Uint32Array<ArrayBuffer> | BigUint64Array<ArrayBuffer> {
  if (words.buffer instanceof ArrayBuffer) {
    const { buffer, byteOffset, byteLength } = words
    return new Uint32Array(buffer, byteOffset, byteLength / 4)
  }
  return words instanceof Uint32Array ? new Uint32Array(words) : new BigUint64Array(words)
}

/** The device has no room for the graph. */
export class GraphTooLargeForDeviceError extends FatalError {
  constructor(byteCount: number, found: number | string, cause?: unknown) {
    const room = typeof found === 'number' ? `${found} bytes` : found
    super('GRAPH_TOO_LARGE_FOR_DEVICE', `expected room for ${byteCount} bytes, found ${room}`, {
      cause,
      hint: 'Use the engine "wasm", or a device with more memory.',
    })
  }
}
