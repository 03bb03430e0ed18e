import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

import { at } from '../graph/at.ts'
import { COMPUTE_STAGE, type GpuLike } from './gpu-like.ts'
import type { Kernel } from './kernel.ts'

export type GpuDeviceOptions = {
  /** Whether kernels may use subgroup operations where the adapter has them; no bit depends on it. */
  readonly subgroups?: 'auto' | 'never'
  /** Take a software adapter when there is no other: right for tests, slower than WASM. */
  readonly allowFallbackAdapter?: boolean
  readonly powerPreference?: 'low-power' | 'high-performance'
}

/** What an adapter says about itself. */
export type AdapterFacts = {
  /** Vendor, architecture and description, as far as the browser tells. */
  readonly name: string
  /** It computes on the processor. */
  readonly isFallback: boolean
  readonly hasSubgroups: boolean
  /** The most lanes that work in step. */
  readonly subgroupSize: number
}

/** A kernel compiled for one device. */
export type ReadyKernel = {
  readonly pipeline: GPUComputePipeline
  /** Binds one buffer to each of the kernel's bindings, in their order. */
  readonly bind: (buffers: readonly GPUBuffer[]) => GPUBindGroup
}

/**
 * Opens a device with the limits of its adapter.
 *
 * @throws {WebGpuUnavailableError} when there is no adapter, or only a software one.
 */
export async function openGpuDevice(
  gpu: GpuLike,
  options: GpuDeviceOptions = {},
): Promise<GpuDevice> {
  const adapter = await gpu.requestAdapter({
    powerPreference: options.powerPreference ?? 'high-performance',
  })
  if (adapter === null) throw new WebGpuUnavailableError('none')
  const facts = adapterFacts(adapter)
  if (facts.isFallback && options.allowFallbackAdapter !== true) {
    throw new WebGpuUnavailableError(`only ${facts.name}, which computes in software`)
  }
  const hasSubgroups = facts.hasSubgroups && options.subgroups !== 'never'
  const { limits } = adapter
  const raw = await adapter
    .requestDevice({
      requiredFeatures: hasSubgroups ? ['subgroups'] : [],
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      },
    })
    .catch((cause: unknown) => {
      throw new WebGpuUnavailableError(`${facts.name}, which gives no device`, cause)
    })
  return new GpuDevice(raw, { ...facts, hasSubgroups })
}

function adapterFacts({ info, features }: GPUAdapter): AdapterFacts {
  const words = [info.vendor, info.architecture, info.description].filter((word) => word !== '')
  return {
    name: words.length === 0 ? 'an adapter without a name' : words.join(' '),
    isFallback: info.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(words.join()),
    hasSubgroups: features.has('subgroups'),
    subgroupSize: info.subgroupMaxSize || 32,
  }
}

/** A device with its compiled kernels; whoever waits on it through `guard` hears of its loss. */
export class GpuDevice {
  readonly raw: GPUDevice
  readonly adapter: AdapterFacts
  /** The most bytes that one buffer of a kernel may have, a multiple of 16. */
  readonly bufferByteCountMax: number
  readonly #kernels = new Map<string, Promise<ReadyKernel>>()
  readonly #waiting = new Set<(error: FoggaraError) => void>()
  #failure: FoggaraError | undefined

  constructor(raw: GPUDevice, adapter: AdapterFacts) {
    this.raw = raw
    this.adapter = adapter
    const { maxBufferSize, maxStorageBufferBindingSize } = raw.limits
    this.bufferByteCountMax =
      16 * Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / 16)
    void raw.lost.then((info) => this.#fail(new DeviceLostError(info.message || info.reason)))
    raw.addEventListener('uncapturederror', (event) => {
      event.preventDefault()
      this.#fail(new DeviceFailedError(event.error.message))
    })
  }

  /** Whether the device has failed and another must be opened. */
  get isLost(): boolean {
    return this.#failure !== undefined
  }

  /**
   * Waits for work of the device, or for its end.
   *
   * @throws {DeviceLostError} @throws {DeviceFailedError}
   */
  guard<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    if (this.#failure !== undefined) reject(this.#failure)
    this.#waiting.add(reject)
    work.then(resolve, (cause: unknown) => {
      if (cause instanceof FoggaraError) reject(cause)
      else reject(this.#failure ?? new DeviceLostError('it gave up its work', cause))
    })
    return promise.finally(() => this.#waiting.delete(reject))
  }

  /** Compiles a kernel, once per device. */
  kernel(kernel: Kernel): Promise<ReadyKernel> {
    const known = this.#kernels.get(kernel.code)
    if (known !== undefined) return known
    const ready = this.#compile(kernel)
    this.#kernels.set(kernel.code, ready)
    return ready
  }

  /** Gives the device back; runs on it end with DeviceLostError. */
  destroy(): void {
    this.raw.destroy()
  }

  async #compile({ name, code, bindings }: Kernel): Promise<ReadyKernel> {
    const types = { uniform: 'uniform', read: 'read-only-storage', write: 'storage' } as const
    const layout = this.raw.createBindGroupLayout({
      entries: bindings.map((use, binding) => ({
        binding,
        visibility: COMPUTE_STAGE,
        buffer: { type: types[use] },
      })),
    })
    const descriptor = {
      label: name,
      layout: this.raw.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.raw.createShaderModule({ label: name, code }), entryPoint: 'main' },
    }
    const pipeline = await this.guard(
      this.raw.createComputePipelineAsync(descriptor).catch((cause: unknown) => {
        throw new KernelRefusedError(name, cause)
      }),
    )
    const bind = (buffers: readonly GPUBuffer[]) =>
      this.raw.createBindGroup({
        label: name,
        layout,
        entries: bindings.map((_, binding) => ({
          binding,
          resource: { buffer: at(buffers, binding) },
        })),
      })
    return { pipeline, bind }
  }

  #fail(error: FoggaraError): void {
    this.#failure ??= error
    for (const reject of this.#waiting) reject(this.#failure)
  }
}

/** WebGPU, or an adapter fit for it, is not here. */
export class WebGpuUnavailableError extends FatalError {
  constructor(found: string, cause?: unknown) {
    super('WEBGPU_UNAVAILABLE', `expected a WebGPU adapter, found ${found}`, {
      cause,
      hint:
        'Use the engine "wasm": it gives the same bits. ' +
        'WebGPU needs a graphics card and, in Node on Linux, libvulkan.so.1 and a Vulkan driver.',
    })
  }
}

/** The device went away in mid-run: unplugged, reset by its driver or taken by the system. */
export class DeviceLostError extends RetryableError {
  constructor(reason: string, cause?: unknown) {
    super('DEVICE_LOST', `expected the device to finish, found it lost: ${reason}`, {
      cause,
      hint: 'Run again, or use the engine "wasm": it gives the same bits.',
    })
  }
}

/** The device reported an error that no call of ours was waiting for. */
export class DeviceFailedError extends FatalError {
  constructor(reason: string) {
    super('DEVICE_FAILED', `expected the device to work, found: ${reason}`, {
      hint: 'Use the engine "wasm": it gives the same bits.',
    })
  }
}

/** The device's compiler does not take one of our kernels. */
export class KernelRefusedError extends FatalError {
  constructor(kernel: string, cause: unknown) {
    super('KERNEL_REFUSED', `expected the kernel ${kernel} to compile, found it refused`, {
      cause,
      hint: 'Use the engine "wasm": it gives the same bits.',
    })
  }
}
