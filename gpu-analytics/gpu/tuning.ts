import type { RankEngine } from '../engine.ts'
import type { GpuDevice, GpuDeviceOptions } from './gpu-device.ts'

/** How a run is laid out on a device; no bit of a result depends on it. */
export type WebGpuEngineOptions = GpuDeviceOptions & {
  /** Edges in one set of buffers; the device's limits may make it less. */
  readonly slabEdgeCountMax?: number
  /** Lanes of a workgroup, a power of two. */
  readonly workgroupSize?: number
  /** Lanes that share a longer row, a power of two. Default: as many as work in step. */
  readonly rowLaneCount?: number
  /** Iterations or steps between two reports of progress, which is also when a run can be stopped. */
  readonly batchIterationCount?: number
  /** Memory that a run may take on the device; larger graphs are refused before anything is allocated. */
  readonly byteCountMax?: number
  /** Computes what a device cannot, such as amounts over 128 bits. Default: the reference. */
  readonly fallback?: RankEngine
  /** Workgroups in the first dimension of a dispatch. */
  readonly groupsAcrossMax?: number
}

/** The layout of a run, settled for a device. */
export type Tuning = {
  readonly slabEdgeCountMax: number
  readonly subgroups: boolean
  readonly workgroupSize: number
  readonly rowLaneCount: number
  /** Workgroups that go over all nodes together. */
  readonly strideGroupCountMax: number
  /** Edges of a row that one lane sums alone. */
  readonly narrowEdgeCountMax: number
  /** Edges of a longer row that its lanes sum at a time. */
  readonly wideEdgeCountMax: number
  readonly groupsAcrossMax: number
  /** Cycles between two looks at the state, which is when a run reports progress and can stop. */
  readonly cycleCountMax: number
  /** Edges per submission: browsers give up on a device that is silent for long. */
  readonly submitEdgeCountMax: number
  readonly byteCountMax: number
}

/** Settles the layout for a device whose largest array has `bytesPerEdge` for each edge. */
export function tuningFor(
  device: GpuDevice,
  options: WebGpuEngineOptions,
  bytesPerEdge: number,
): Tuning {
  const { limits } = device.raw
  const { isFallback, subgroupSize } = device.adapter
  // On a processor, lanes that share a row cost more than they save: measured on SwiftShader.
  const rowLanes = isFallback ? 16 : Math.max(32, Math.min(64, subgroupSize))
  const workgroupSize = Math.min(
    options.workgroupSize ?? 256,
    limits.maxComputeInvocationsPerWorkgroup,
    limits.maxComputeWorkgroupSizeX,
  )
  return {
    slabEdgeCountMax: Math.min(
      options.slabEdgeCountMax ?? Infinity,
      Math.floor(device.bufferByteCountMax / bytesPerEdge),
    ),
    subgroups: device.adapter.hasSubgroups,
    workgroupSize,
    rowLaneCount: Math.min(options.rowLaneCount ?? rowLanes, workgroupSize),
    strideGroupCountMax: 1024,
    narrowEdgeCountMax: isFallback ? 128 : 32,
    wideEdgeCountMax: 2048,
    groupsAcrossMax: Math.min(
      options.groupsAcrossMax ?? Infinity,
      limits.maxComputeWorkgroupsPerDimension,
    ),
    cycleCountMax: options.batchIterationCount ?? 64,
    submitEdgeCountMax: isFallback ? 2 ** 22 : 2 ** 28,
    byteCountMax: options.byteCountMax ?? Infinity,
  }
}
