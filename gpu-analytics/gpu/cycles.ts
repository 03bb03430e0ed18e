import type { RunOptions } from '../engine.ts'
import { checkNotAborted } from '../run-aborted.ts'
import type { GpuBuffers } from './gpu-buffers.ts'
import type { GpuDevice, ReadyKernel } from './gpu-device.ts'
import type { Tuning } from './tuning.ts'

/** One kernel to run on its buffers. */
export type Dispatch = {
  readonly kernel: ReadyKernel
  readonly bindGroup: GPUBindGroup
  /** Workgroups across and down: one dimension takes 65,535 at most. */
  readonly groups: readonly [number, number]
  /** How much work it is, as edges: submissions are kept short by it. */
  readonly edgeCount: number
}

export type Cycles = {
  /** What one iteration or step runs, in order. */
  readonly dispatches: readonly Dispatch[]
  /** Runs last and always; it counts the cycle in word 0 of the state and may set word 1 to stop. */
  readonly settle: Dispatch
  /** Per dispatch, the counts that `settle` may set to 0; absent when only the count stops the run. */
  readonly counts?: GPUBuffer
  readonly state: GPUBuffer
  readonly stateWordCount: number
  readonly countMax: number
  readonly edgeCount: number
  /** "iterations" or "steps", for the error of an aborted run. */
  readonly unit: string
}

/** Where a run is laid out. */
export type Ground = {
  readonly device: GpuDevice
  readonly buffers: GpuBuffers
  readonly tuning: Tuning
}

/** The counts of workgroups for `groupCount` of them, and how many lie across. */
export function groupsFor(groupCount: number, acrossMax: number): readonly [number, number] {
  const across = Math.max(1, Math.min(groupCount, acrossMax))
  return [across, Math.max(1, Math.ceil(groupCount / across))]
}

/** The indirect counts of a list of dispatches. */
export function countsOf(dispatches: readonly Dispatch[]): number[] {
  return dispatches.flatMap(({ groups }) => [...groups, 1])
}

/**
 * Runs cycles until they are all done or `settle` has stopped them, many to a batch, and gives the
 * words of the state. Within a batch nothing is read back: stopped cycles have no workgroups.
 *
 * @throws {RunAbortedError} @throws {DeviceLostError}
 */
export async function runCycles(
  { device, buffers, tuning }: Ground,
  cycles: Cycles,
  options: RunOptions,
): Promise<Uint32Array> {
  const { countMax, edgeCount } = cycles
  const perBatch = Math.floor(tuning.submitEdgeCountMax / Math.max(1, workOf(cycles)))
  const batchCount = Math.max(1, Math.min(tuning.cycleCountMax, perBatch))
  const stateOf = () => buffers.read(cycles.state, 4 * cycles.stateWordCount)
  let state = await stateOf()
  let count = 0
  while (count < countMax && state[1] === 0) {
    checkNotAborted(options.signal, `${count} ${cycles.unit}`)
    const end = Math.min(count + batchCount, countMax)
    submit(device.raw, cycles, end - count, tuning.submitEdgeCountMax)
    state = await stateOf()
    count = state[0] ?? end
    options.onProgress?.({ count, countMax, edgeCount })
  }
  return state
}

/** Encodes one dispatch. */
export function encode(pass: GPUComputePassEncoder, dispatch: Dispatch): void {
  pass.setPipeline(dispatch.kernel.pipeline)
  pass.setBindGroup(0, dispatch.bindGroup)
  pass.dispatchWorkgroups(...dispatch.groups)
}

function workOf({ dispatches }: Cycles): number {
  return dispatches.reduce((total, { edgeCount }) => total + edgeCount, 0)
}

/** A cycle of very many edges goes into several submissions, one after the other. */
function submit(raw: GPUDevice, cycles: Cycles, cycleCount: number, edgeCountMax: number): void {
  let encoder = raw.createCommandEncoder()
  let pass = encoder.beginComputePass()
  let pending = 0
  const flush = () => {
    pass.end()
    raw.queue.submit([encoder.finish()])
  }
  for (let cycle = 0; cycle < cycleCount; cycle++) {
    for (const [index, dispatch] of cycles.dispatches.entries()) {
      if (pending > 0 && pending + dispatch.edgeCount > edgeCountMax) {
        flush()
        encoder = raw.createCommandEncoder()
        pass = encoder.beginComputePass()
        pending = 0
      }
      pending += dispatch.edgeCount
      if (cycles.counts === undefined) {
        encode(pass, dispatch)
      } else {
        pass.setPipeline(dispatch.kernel.pipeline)
        pass.setBindGroup(0, dispatch.bindGroup)
        pass.dispatchWorkgroupsIndirect(cycles.counts, 12 * index)
      }
    }
    encode(pass, cycles.settle)
  }
  flush()
}
