import { GpuBuffers } from '../gpu/gpu-buffers.ts'
import type { GpuDevice } from '../gpu/gpu-device.ts'
import { checkNotAborted } from '../run-aborted.ts'
import { type Sampling, checkSampling, walksPerPermutation } from './sampling.ts'
import {
  type SynergyReceipts,
  type SynergySampler,
  type SynergySums,
  checkSynergyReceipts,
  sliceSynergyReceipts,
} from './synergy-receipts.ts'
import { SYNERGY_WORKGROUP_SIZE, synergyKernel } from './synergy.wgsl.ts'

/** Orders that one thread draws. */
const CHUNK_LENGTH = 64
/** Threads of one dispatch: 2^24 orders, below what a watchdog allows, and below 65535 workgroups. */
const THREAD_COUNT_MAX = 2 ** 18
const BYTE_COUNT_MAX = 2 ** 26

/** How the work is laid out on a device; no bit of the result depends on it. */
export type WebGpuSynergyOptions = {
  /** Threads of one dispatch, at most 2^18. */
  readonly threadCountMax?: number
}

/**
 * Random walks over receipts with synergies on a GPU; the device stays the caller's, see
 * `openGpuDevice`. When it fails, `sample` raises DeviceLostError or DeviceFailedError and keeps
 * nothing.
 */
export function createWebGpuSynergies(
  device: GpuDevice,
  options: WebGpuSynergyOptions = {},
): SynergySampler {
  const threadCountMax = Math.min(options.threadCountMax ?? THREAD_COUNT_MAX, THREAD_COUNT_MAX)
  return {
    name: 'webgpu',
    sample: async (receipts, sampling, { signal } = {}) => {
      checkSynergyReceipts(receipts)
      checkSampling(sampling)
      const { playerCount, receiptNumbers } = receipts
      const sums = new BigUint64Array(receipts.weights.length)
      const squareSums = new BigUint64Array(2 * sums.length)
      const byThreads = Math.floor(threadCountMax / chunkCountOf(sampling))
      const slabLength = Math.max(1, Math.min(byThreads, receiptsThatFit(device, playerCount)))
      for (let first = 0; first < receiptNumbers.length; first += slabLength) {
        checkNotAborted(signal, `${first} receipts`)
        const slab = sliceSynergyReceipts(receipts, first, first + slabLength)
        const drawn = await sampleSlab(device, slab, sampling)
        sums.set(drawn.sums, first * playerCount)
        squareSums.set(drawn.squareSums, 2 * first * playerCount)
      }
      return { sums, squareSums }
    },
  }
}

function chunkCountOf({ permutationCount }: Sampling): number {
  return Math.ceil(permutationCount / CHUNK_LENGTH)
}

function receiptsThatFit({ bufferByteCountMax }: GpuDevice, playerCount: number): number {
  const bytesPerReceipt = Math.max(4 * playerCount ** 2, 16 * playerCount)
  return Math.floor(Math.min(BYTE_COUNT_MAX, bufferByteCountMax) / bytesPerReceipt)
}

async function sampleSlab(
  device: GpuDevice,
  receipts: SynergyReceipts,
  sampling: Sampling,
): Promise<SynergySums> {
  const { playerCount, receiptNumbers, weights, synergies, caps } = receipts
  const { pipeline, bind } = await device.kernel(synergyKernel(playerCount))
  const buffers = new GpuBuffers(device)
  try {
    const sums = await buffers.storage(8 * weights.length)
    const squareSums = await buffers.storage(16 * weights.length)
    const bindGroup = bind([
      await buffers.uniform(runWords(receiptNumbers.length, sampling)),
      await buffers.upload(receiptNumbers),
      await buffers.upload(weights),
      await buffers.upload(synergies),
      await buffers.upload(caps),
      sums,
      squareSums,
    ])
    const threadCount = receiptNumbers.length * chunkCountOf(sampling)
    const encoder = device.raw.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, bindGroup)
    pass.dispatchWorkgroups(Math.ceil(threadCount / SYNERGY_WORKGROUP_SIZE))
    pass.end()
    device.raw.queue.submit([encoder.finish()])
    return {
      sums: asWords64(await buffers.read(sums, 8 * weights.length)),
      squareSums: asWords64(await buffers.read(squareSums, 16 * weights.length)),
    }
  } finally {
    buffers.destroy()
  }
}

function asWords64(words: Uint32Array<ArrayBuffer>): BigUint64Array {
  return new BigUint64Array(words.buffer)
}

/** The fields of `Run` in the kernel. */
function runWords(receiptCount: number, sampling: Sampling): readonly number[] {
  const { permutationCount, epochKey } = sampling
  const key = [Number(epochKey & 0xffff_ffffn), Number(epochKey >> 32n)]
  const walkCount = walksPerPermutation(sampling)
  return [receiptCount, permutationCount, CHUNK_LENGTH, walkCount, ...key, 0, 0]
}
