import { type GpuLike, openNodeGpu } from '@foggara/gpu-analytics'
import { FatalError } from '@foggara/schema'

/**
 * WebGPU of this machine. Without its library Dawn would say so on standard error, in its own words,
 * whenever an engine is to be chosen: so that is found out before.
 *
 * @throws {VulkanMissingError | NodeGpuUnavailableError}
 */
export async function openGpu(): Promise<GpuLike> {
  if (process.platform === 'linux' && !hasVulkan()) throw new VulkanMissingError()
  return openNodeGpu()
}

/** A library that is there loads, and is then refused as it is no addon. */
function hasVulkan(): boolean {
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1')
    return true
  } catch (error) {
    return error instanceof Error && !error.message.includes('cannot open shared object')
  }
}

/** Linux lacks the library through which WebGPU reaches a graphics card. */
export class VulkanMissingError extends FatalError {
  constructor() {
    super('WEBGPU_UNAVAILABLE', 'expected the library libvulkan.so.1 for WebGPU, found none', {
      hint: 'Install it (on Debian: libvulkan1) with a driver, or use the engine wasm: it gives the same bits.',
    })
  }
}
