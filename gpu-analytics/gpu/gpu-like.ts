/// <reference types="@webgpu/types" />

/** What we use of `navigator.gpu`, or of its twin in Node (see `openNodeGpu`). */
export type GpuLike = {
  readonly requestAdapter: (options?: GPURequestAdapterOptions) => Promise<GPUAdapter | null>
}

/** Flags of GPUBufferUsage, GPUMapMode and GPUShaderStage: Node has no such globals. */
export const MAP_READ = 0x1
export const MAP_MODE_READ = 0x1
export const COPY_SRC = 0x4
export const COPY_DST = 0x8
export const UNIFORM = 0x40
export const STORAGE = 0x80
export const INDIRECT = 0x100
export const COMPUTE_STAGE = 0x4
