import { invariant, sum } from '@foggara/schema'

import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'
import { type Ground, countsOf, runCycles } from './cycles.ts'
import { edgeDispatches, groupDispatch, strideDispatch, strideLaneCount } from './dispatches.ts'
import { FLOW_STATE, flowKernels } from './flow.wgsl.ts'
import { GpuBuffers, GraphTooLargeForDeviceError } from './gpu-buffers.ts'
import type { GpuDevice } from './gpu-device.ts'
import type { Tuning } from './tuning.ts'

/** The total of an edge takes the most memory per edge. */
export const FLOW_BYTES_PER_EDGE = 16

/** A flow computed on a device, or why a device cannot. */
export type FlowOutcome =
  | { readonly type: 'done'; readonly result: Omit<FlowResult, 'execution'> }
  | { readonly type: 'unfit'; readonly why: string }

/**
 * Computes flow on a device, in 128 bits, when every node has fewer than 2^32 fingers. The problem has
 * been checked.
 *
 * @throws {GraphTooLargeForDeviceError} @throws {DeviceLostError} @throws {RunAbortedError}
 */
export async function flowOnGpu(
  device: GpuDevice,
  tuning: Tuning,
  problem: FlowProblem,
  options: RunOptions,
): Promise<FlowOutcome> {
  const total = sum(problem.inflow)
  if (total >= 2n ** 128n) return unfit('the inflow is over 128 bits')
  const passFingers = passFingersOf(problem)
  const fingers = problem.keepFingers.map((keep, node) => keep + at(passFingers, node))
  if (fingers.some((count) => count >= 2n ** 32n)) {
    return unfit('a node has 2^32 fingers or more')
  }
  if (total === 0n) return { type: 'done', result: nothingMoved(problem) }
  checkRoom(device, tuning, problem)
  const buffers = new GpuBuffers(device, options.signal)
  try {
    return await runOn({ device, buffers, tuning }, problem, { fingers, passFingers }, options)
  } finally {
    buffers.destroy()
  }
}

/** The memory a run takes on the device, in bytes. */
export function flowByteCount({ graph }: FlowProblem): number {
  const runs = 12 * Math.min(graph.nodeCount, graph.sources.length)
  return (16 + 16 + 16 + 4 + 4) * graph.nodeCount + (16 + 4 + 4) * graph.sources.length + runs
}

/** Per node, all its fingers and those that reach along its edges. */
type NodeFingers = { readonly fingers: readonly bigint[]; readonly passFingers: readonly bigint[] }

async function runOn(
  ground: Ground,
  problem: FlowProblem,
  nodeFingers: NodeFingers,
  options: RunOptions,
): Promise<FlowOutcome> {
  const { buffers } = ground
  const run = await prepare(ground, problem, nodeFingers)
  const { nodeCount, sources } = problem.graph
  const cycles = {
    ...run,
    countMax: problem.stepCountMax,
    edgeCount: sources.length,
    unit: 'steps',
  }
  const state = await runCycles(ground, cycles, options)
  if (at(state, FLOW_STATE.overflow) !== 0)
    return unfit('an edge carries more than 128 bits in all')
  const inFlight = amountsOf(await buffers.read(run.inFlight, 16 * nodeCount))
  const kept = amountsOf(await buffers.read(run.kept, 16 * nodeCount))
  const edgeTotals: bigint[] = []
  for (const slab of run.slabs) {
    for (const amount of amountsOf(await buffers.read(slab.totals, 16 * slab.edgeCount))) {
      edgeTotals.push(amount)
    }
  }
  const settled = kept.map((amount, node) => amount + at(inFlight, node))
  invariant(
    sum(settled) === sum(problem.inflow),
    'expected everything that entered to be kept somewhere',
  )
  const stepCount = at(state, FLOW_STATE.count)
  return { type: 'done', result: { kept: settled, edgeTotals, stepCount, stopped: sum(inFlight) } }
}

function unfit(why: string): FlowOutcome {
  return { type: 'unfit', why }
}

function nothingMoved({ inflow, fingers }: FlowProblem): Omit<FlowResult, 'execution'> {
  return { kept: [...inflow], edgeTotals: fingers.map(() => 0n), stepCount: 0, stopped: 0n }
}

function checkRoom(device: GpuDevice, tuning: Tuning, problem: FlowProblem): void {
  const nodeByteCount = 16 * problem.graph.nodeCount
  if (nodeByteCount > device.bufferByteCountMax) {
    throw new GraphTooLargeForDeviceError(nodeByteCount, device.bufferByteCountMax)
  }
  const byteCount = flowByteCount(problem)
  if (byteCount > tuning.byteCountMax) {
    throw new GraphTooLargeForDeviceError(byteCount, tuning.byteCountMax)
  }
}

async function prepare(
  ground: Ground,
  problem: FlowProblem,
  { fingers, passFingers }: NodeFingers,
) {
  const { buffers, tuning } = ground
  const { nodeCount, sources } = problem.graph
  const kernels = flowKernels(tuning)
  const inFlight = await buffers.upload(limbsOf(problem.inflow))
  const kept = await buffers.storage(16 * nodeCount)
  const perFinger = await buffers.storage(16 * nodeCount)
  const state = await buffers.storage(4 * FLOW_STATE.wordCount)
  const divide = await strideDispatch(ground, kernels.divide, nodeCount, [
    await buffers.uniform([nodeCount, strideLaneCount(nodeCount, tuning), 0, 0]),
    inFlight,
    kept,
    perFinger,
    await buffers.upload(Uint32Array.from(fingers, Number)),
    await buffers.upload(Uint32Array.from(passFingers, Number)),
  ])
  const slabs: { readonly totals: GPUBuffer; readonly edgeCount: number }[] = []
  const pair = { narrow: kernels.pushNarrow, wide: kernels.pushWide }
  const pushes = await edgeDispatches(ground, problem.graph, pair, async (slab) => {
    const { edgeStart, edgeEnd } = slab
    const totals = await buffers.storage(16 * (edgeEnd - edgeStart))
    slabs.push({ totals, edgeCount: edgeEnd - edgeStart })
    return [
      await buffers.upload(sources.subarray(edgeStart, edgeEnd)),
      await buffers.upload(Uint32Array.from(problem.fingers.slice(edgeStart, edgeEnd), Number)),
      totals,
      perFinger,
      inFlight,
      state,
    ]
  })
  const dispatches = [divide, ...pushes]
  const counts = await buffers.indirect(countsOf(dispatches))
  const settle = await groupDispatch(ground, kernels.settle, [
    await buffers.uniform([dispatches.length, 0, 0, 0]),
    state,
    counts,
  ])
  const { wordCount } = FLOW_STATE
  return { dispatches, settle, counts, state, stateWordCount: wordCount, inFlight, kept, slabs }
}

/** Amounts below 2^128 as pairs of u64, lower first. */
function limbsOf(amounts: readonly bigint[]): BigUint64Array {
  const limbs = new BigUint64Array(2 * amounts.length)
  for (const [index, amount] of amounts.entries()) {
    limbs[2 * index] = BigInt.asUintN(64, amount)
    limbs[2 * index + 1] = amount >> 64n
  }
  return limbs
}

function amountsOf(words: Uint32Array<ArrayBuffer>): bigint[] {
  const limbs = new BigUint64Array(words.buffer)
  return Array.from({ length: limbs.length / 2 }, (_, index) => {
    const high = at(limbs, 2 * index + 1)
    return high === 0n ? at(limbs, 2 * index) : (high << 64n) + at(limbs, 2 * index)
  })
}
