import { FatalError } from '@foggara/schema'

import type { GpuLike } from './gpu-like.ts'

export type NodeGpuOptions = {
  /**
   * Kernels then check no bounds of their own, which is 1.5 to 1.9 times faster on a software adapter
   * and unmeasured on others. The engine checks every graph before it reaches the device.
   */
  readonly uncheckedKernels?: boolean
}

/** Dawn frees itself when the object it gave is collected, under a device that still works. */
const opened: GpuLike[] = []

/**
 * WebGPU in Node: Dawn, from the optional package `webgpu`. It needs a Vulkan, Metal or Direct3D
 * driver; on Linux also the library `libvulkan.so.1`.
 *
 * @throws {NodeGpuUnavailableError} when the package is missing or has no build for this machine.
 */
export async function openNodeGpu(options: NodeGpuOptions = {}): Promise<GpuLike> {
  const flags =
    options.uncheckedKernels === true
      ? ['enable-dawn-features=disable_robustness,skip_validation']
      : []
  try {
    const { create } = await import('webgpu')
    const gpu = create(flags)
    opened.push(gpu)
    return gpu
  } catch (cause) {
    throw new NodeGpuUnavailableError(cause)
  }
}

/** WebGPU is not to be had in this Node. */
export class NodeGpuUnavailableError extends FatalError {
  constructor(cause: unknown) {
    super('WEBGPU_UNAVAILABLE', 'expected the package "webgpu", found none that loads', {
      cause,
      hint: 'Run "npm install webgpu", or use the engine "wasm": it gives the same bits.',
    })
  }
}
