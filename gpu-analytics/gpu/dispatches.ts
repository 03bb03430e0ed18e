import type { Csr } from '../graph/csr.ts'
import { type Dispatch, type Ground, groupsFor } from './cycles.ts'
import { type EdgeSlab, WORDS_PER_RUN, edgeSlabs } from './edge-runs.ts'
import type { Kernel } from './kernel.ts'
import type { Tuning } from './tuning.ts'

/** The kernels that go over edges: a lane per narrow run, several per wide run. */
export type EdgeKernels = { readonly narrow: Kernel; readonly wide: Kernel }

/**
 * Goes over all edges, slab by slab. The kernels bind the counts and the runs first and then what
 * `buffersOf` gives for the slab.
 */
export async function edgeDispatches(
  ground: Ground,
  graph: Csr,
  kernels: EdgeKernels,
  buffersOf: (slab: EdgeSlab) => Promise<readonly GPUBuffer[]>,
): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = []
  for (const slab of edgeSlabs(graph, ground.tuning)) {
    const buffers = await buffersOf(slab)
    const { narrowRuns, wideRuns } = slab
    const { workgroupSize, rowLaneCount } = ground.tuning
    const narrow = { kernel: kernels.narrow, runs: narrowRuns, perGroup: workgroupSize, buffers }
    const perGroup = workgroupSize / rowLaneCount
    const wide = { kernel: kernels.wide, runs: wideRuns, perGroup, buffers }
    for (const over of [narrow, wide]) {
      if (over.runs.length > 0) dispatches.push(await overRuns(ground, over))
    }
  }
  return dispatches
}

/** Goes over all nodes, or edges, each lane over several when there are very many. */
export async function strideDispatch(
  { device, tuning }: Ground,
  text: Kernel,
  count: number,
  buffers: readonly GPUBuffer[],
): Promise<Dispatch> {
  const kernel = await device.kernel(text)
  const groups = [strideGroupCount(count, tuning), 1] as const
  return { kernel, bindGroup: kernel.bind(buffers), groups, edgeCount: count }
}

/** How many lanes go over the nodes: the stride from one node of a lane to its next. */
export function strideLaneCount(count: number, tuning: Tuning): number {
  return strideGroupCount(count, tuning) * tuning.workgroupSize
}

/** One workgroup, for what is decided once. */
export async function groupDispatch(
  { device }: Ground,
  text: Kernel,
  buffers: readonly GPUBuffer[],
): Promise<Dispatch> {
  const kernel = await device.kernel(text)
  return { kernel, bindGroup: kernel.bind(buffers), groups: [1, 1], edgeCount: 0 }
}

type OverRuns = {
  readonly kernel: Kernel
  readonly runs: Uint32Array
  readonly perGroup: number
  readonly buffers: readonly GPUBuffer[]
}

async function overRuns({ device, buffers, tuning }: Ground, over: OverRuns): Promise<Dispatch> {
  const runCount = over.runs.length / WORDS_PER_RUN
  const groups = groupsFor(Math.ceil(runCount / over.perGroup), tuning.groupsAcrossMax)
  const kernel = await device.kernel(over.kernel)
  const counts = await buffers.uniform([runCount, groups[0], 0, 0])
  const runs = await buffers.upload(over.runs)
  const edgeCount = edgeCountOf(over.runs)
  return { kernel, bindGroup: kernel.bind([counts, runs, ...over.buffers]), groups, edgeCount }
}

function edgeCountOf(runs: Uint32Array): number {
  let edgeCount = 0
  for (let word = 0; word < runs.length; word += WORDS_PER_RUN) {
    edgeCount += (runs[word + 2] ?? 0) - (runs[word + 1] ?? 0)
  }
  return edgeCount
}

function strideGroupCount(count: number, tuning: Tuning): number {
  const groupCount = Math.ceil(count / tuning.workgroupSize)
  return Math.min(groupCount, tuning.strideGroupCountMax, tuning.groupsAcrossMax)
}
