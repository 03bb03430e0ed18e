/// <reference types="@webgpu/types" />
import { RetryableError } from '@foggara/schema'

import { checkNotAborted } from '../run-aborted.ts'
import { type Sampling, checkSampling, walksPerPermutation } from './sampling.ts'
import {
  type SynergyReceipts,
  type SynergySampler,
  type SynergySums,
  checkSynergyReceipts,
  sliceSynergyReceipts,
} from './synergy-receipts.ts'
import { SYNERGY_WORKGROUP_SIZE, synergyWgsl } from './synergy.wgsl.ts'

/** Orders that one thread draws, and threads of one dispatch: 2^24 orders, well below a watchdog. */
const CHUNK_LENGTH = 64
const THREADS_PER_DISPATCH = 2 ** 18
const BYTES_PER_DISPATCH = 2 ** 26

/** Values of the specification, since only browsers define the names. */
const BUFFER = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 }
const MAP_READ = 1

/**
 * Random walks over receipts with synergies on a GPU; the device stays the caller's.
 *
 * `sample` raises {@link SynergyDeviceError} when the device fails; nothing of the run is kept.
 */
export function createWebgpuSynergies(device: GPUDevice): SynergySampler {
  const pipelines = new Map<number, Promise<GPUComputePipeline>>()
  return {
    name: 'webgpu',
    sample: async (receipts, sampling, { signal } = {}) => {
      checkSynergyReceipts(receipts)
      checkSampling(sampling)
      const { playerCount, receiptNumbers } = receipts
      const pipeline = pipelines.get(playerCount) ?? preparePipeline(device, playerCount)
      pipelines.set(playerCount, pipeline)
      const sums = new BigUint64Array(receipts.weights.length)
      const squareSums = new BigUint64Array(2 * sums.length)
      const slabLength = receiptsPerSlab(device, playerCount, sampling)
      for (let first = 0; first < receiptNumbers.length; first += slabLength) {
        checkNotAborted(signal, `${first} receipts`)
        const slab = sliceSynergyReceipts(receipts, first, first + slabLength)
        const drawn = await attempt(device, async () =>
          sampleSlab(device, await pipeline, slab, sampling),
        )
        sums.set(drawn.sums, first * playerCount)
        squareSums.set(drawn.squareSums, 2 * first * playerCount)
      }
      return { sums, squareSums }
    },
  }
}

function preparePipeline(device: GPUDevice, playerCount: number): Promise<GPUComputePipeline> {
  return device.createComputePipelineAsync({
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ code: synergyWgsl(playerCount) }),
      entryPoint: 'sampleSynergies',
    },
  })
}

function chunkCountOf({ permutationCount }: Sampling): number {
  return Math.ceil(permutationCount / CHUNK_LENGTH)
}

function receiptsPerSlab({ limits }: GPUDevice, playerCount: number, sampling: Sampling): number {
  const byteLengthMax = Math.min(
    BYTES_PER_DISPATCH,
    limits.maxStorageBufferBindingSize,
    limits.maxBufferSize,
  )
  const bytesPerReceipt = Math.max(4 * playerCount ** 2, 24 * playerCount)
  const byThreads = Math.floor(THREADS_PER_DISPATCH / chunkCountOf(sampling))
  return Math.max(1, Math.min(byThreads, Math.floor(byteLengthMax / bytesPerReceipt)))
}

async function sampleSlab(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  receipts: SynergyReceipts,
  sampling: Sampling,
): Promise<SynergySums> {
  const { receiptNumbers, weights, synergies, caps } = receipts
  const receiptCount = receiptNumbers.length
  const workgroups = workgroupGrid(device, receiptCount * chunkCountOf(sampling))
  const totalsByteLength = 24 * weights.length
  const inputs = [
    filledBuffer(
      device,
      runWords(receiptCount, sampling, workgroups[0] * SYNERGY_WORKGROUP_SIZE),
      BUFFER.uniform,
    ),
    filledBuffer(device, receiptNumbers, BUFFER.storage),
    filledBuffer(device, weights, BUFFER.storage),
    filledBuffer(device, synergies, BUFFER.storage),
    filledBuffer(device, caps, BUFFER.storage),
  ]
  const totals = device.createBuffer({
    size: totalsByteLength,
    usage: BUFFER.storage | BUFFER.copySource,
  })
  const readable = device.createBuffer({
    size: totalsByteLength,
    usage: BUFFER.mapRead | BUFFER.copyTarget,
  })
  const buffers = [...inputs, totals]
  try {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
    const layout = pipeline.getBindGroupLayout(0)
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, device.createBindGroup({ layout, entries }))
    pass.dispatchWorkgroups(...workgroups)
    pass.end()
    encoder.copyBufferToBuffer(totals, 0, readable, 0, totalsByteLength)
    device.queue.submit([encoder.finish()])
    await readable.mapAsync(MAP_READ)
    const words = new BigUint64Array(readable.getMappedRange().slice(0))
    return { sums: words.slice(0, weights.length), squareSums: words.slice(weights.length) }
  } finally {
    for (const buffer of [...buffers, readable]) buffer.destroy()
  }
}

/** The columns of `Run` in the kernel. */
function runWords(receiptCount: number, sampling: Sampling, threadsPerRow: number): Uint32Array {
  const { permutationCount, epochKey } = sampling
  const words = new Uint32Array(8)
  words.set([receiptCount, permutationCount, CHUNK_LENGTH, walksPerPermutation(sampling)])
  words.set([Number(epochKey & 0xffff_ffffn), Number(epochKey >> 32n), threadsPerRow], 4)
  return words
}

/** Columns and rows of workgroups for so many threads: one dimension alone is limited. */
function workgroupGrid({ limits }: GPUDevice, threadCount: number): [number, number] {
  const count = Math.ceil(threadCount / SYNERGY_WORKGROUP_SIZE)
  const columns = Math.min(count, limits.maxComputeWorkgroupsPerDimension)
  return [columns, Math.ceil(count / columns)]
}

function filledBuffer(
  device: GPUDevice,
  values: Uint32Array | BigUint64Array,
  usage: number,
): GPUBuffer {
  const buffer = device.createBuffer({
    size: values.byteLength,
    usage: usage | BUFFER.copyTarget,
  })
  device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength)
  return buffer
}

/** Runs GPU work; whatever the device says against it becomes one typed error. */
async function attempt<Result>(device: GPUDevice, work: () => Promise<Result>): Promise<Result> {
  device.pushErrorScope('out-of-memory')
  device.pushErrorScope('validation')
  const [worked] = await Promise.allSettled([work()])
  const scopes = await Promise.allSettled([device.popErrorScope(), device.popErrorScope()])
  const refusal = scopes
    .map((scope) => (scope.status === 'rejected' ? scope.reason : scope.value))
    .find((found) => found !== null)
  if (worked.status === 'rejected') throw new SynergyDeviceError(refusal ?? worked.reason)
  if (refusal !== undefined) throw new SynergyDeviceError(refusal)
  return worked.value
}

/** The GPU refused the work or was lost in the middle of it. */
export class SynergyDeviceError extends RetryableError {
  constructor(cause: unknown) {
    const found = cause instanceof Error ? cause.message : messageOf(cause)
    super('WEBGPU_DEVICE_FAILED', `expected the GPU to finish its work, found: ${found}`, {
      cause,
      hint: 'Ask for a new device, or use the sampler on WASM: it gives the same bits.',
    })
  }
}

function messageOf(cause: unknown): string {
  const isRefusal = typeof cause === 'object' && cause !== null && 'message' in cause
  return (isRefusal ? String(cause.message) : String(cause)).split('\n')[0] ?? ''
}
