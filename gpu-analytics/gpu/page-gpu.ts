import { WebGpuUnavailableError } from './gpu-device.ts'
import type { GpuLike } from './gpu-like.ts'

/**
 * WebGPU of the page or the worker that this runs in.
 *
 * @throws {WebGpuUnavailableError} in a browser without it, and in Node.
 */
export async function openPageGpu(): Promise<GpuLike> {
  const here: { readonly gpu?: GpuLike } | undefined = globalThis.navigator
  if (here?.gpu === undefined) throw new WebGpuUnavailableError('no navigator.gpu')
  return here.gpu
}
