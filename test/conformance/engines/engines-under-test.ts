import {
  type RankEngine,
  type WebGpuEngineOptions,
  createWasmEngine,
  createWebGpuEngine,
  openNodeGpu,
  referenceEngine,
} from '@foggara/gpu-analytics'

import { HAS_SOFTWARE_GPU } from '../../software-gpu.ts'

/** How large a case is; an engine may leave large ones out. */
export type CaseSize = 'small' | 'medium' | 'large'

/** An engine that may own something to give back. */
export type OpenedEngine = RankEngine & { readonly close?: () => unknown }

/** A way to run an engine that the matrix has a column for. */
export type EngineUnderTest = {
  readonly name: string
  readonly open: () => Promise<OpenedEngine>
  /** Why a cell is left out; undefined when it is run. */
  readonly skip: (size: CaseSize) => string | undefined
}

export const ENGINES_UNDER_TEST: readonly EngineUnderTest[] = [
  { name: 'reference', open: async () => referenceEngine, skip: () => undefined },
  { name: 'wasm, 1 thread', open: createWasmEngine, skip: () => undefined },
  onSoftwareGpu('subgroups', {}),
  onSoftwareGpu('no subgroups', { subgroups: 'never' }),
  onSoftwareGpu('slabs of 256 edges', {
    slabEdgeCountMax: 256,
    workgroupSize: 64,
    groupsAcrossMax: 3,
    batchIterationCount: 3,
  }),
]

function onSoftwareGpu(variant: string, layout: WebGpuEngineOptions): EngineUnderTest {
  return {
    name: `webgpu, ${variant}`,
    open: async () =>
      createWebGpuEngine(await openNodeGpu(), { ...layout, allowFallbackAdapter: true }),
    skip: () => (HAS_SOFTWARE_GPU ? undefined : 'no Vulkan driver of Chromium found'),
  }
}
