import { SCORE_MASS, divFloor, invariant } from '@foggara/schema'

import { iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RunOptions } from '../engine.ts'
import { at } from '../graph/at.ts'
import { type Dispatch, type Ground, countsOf, encode, runCycles } from './cycles.ts'
import { edgeDispatches, groupDispatch, strideDispatch, strideLaneCount } from './dispatches.ts'
import { WORDS_PER_RUN } from './edge-runs.ts'
import { GpuBuffers, GraphTooLargeForDeviceError } from './gpu-buffers.ts'
import type { GpuDevice } from './gpu-device.ts'
import type { Kernel } from './kernel.ts'
import { RANK_STATE, type RankKernels, SLOT_COUNT, rankKernels } from './rank.wgsl.ts'
import type { Tuning } from './tuning.ts'
import { checkMantissas, sumMantissas } from './weight-check.wgsl.ts'

const U64_MAX = 2n ** 64n - 1n

/** A run of edges takes the most memory per edge: 12 bytes, when every edge is a row of its own. */
export const RANK_BYTES_PER_EDGE = 4 * WORDS_PER_RUN

/** A rank computed on a device, or why a device cannot. */
export type RankOutcome =
  | { readonly type: 'done'; readonly result: Omit<RankResult, 'execution'> }
  | { readonly type: 'unfit'; readonly why: string }

/**
 * Computes rank on a device. The problem has been checked and has a node.
 *
 * @throws {GraphTooLargeForDeviceError} @throws {DeviceLostError} @throws {RunAbortedError}
 */
export async function rankOnGpu(
  device: GpuDevice,
  tuning: Tuning,
  problem: RankProblem,
  options: RunOptions,
): Promise<RankOutcome> {
  checkRoom(device, tuning, problem)
  const buffers = new GpuBuffers(device, options.signal)
  try {
    return await runOn({ device, buffers, tuning }, problem, options)
  } finally {
    buffers.destroy()
  }
}

/** The memory a run takes on the device, in bytes. */
export function rankByteCount({ graph, weights, teleport }: RankProblem): number {
  const perNode = 8 + 8 + 8 + 4 + 4 + (teleport === 'uniform' ? 0 : 8)
  const perEdge = weights === 'equal' ? 4 : 8
  const runs = 4 * WORDS_PER_RUN * Math.min(graph.nodeCount, graph.sources.length)
  return perNode * graph.nodeCount + perEdge * graph.sources.length + runs
}

async function runOn(
  ground: Ground,
  problem: RankProblem,
  options: RunOptions,
): Promise<RankOutcome> {
  const run = await prepare(ground, problem)
  const { nodeCount, sources } = problem.graph
  const countMax = iterationCountMax(problem.stop)
  const cycles = { ...run, countMax, edgeCount: sources.length, unit: 'iterations' }
  const state = await runCycles(ground, cycles, options)
  if (at(state, RANK_STATE.overweight) !== 0) {
    return { type: 'unfit', why: 'the weights pass on more than arrives' }
  }
  invariant(at(state, RANK_STATE.broken) === 0, 'expected no more mass to arrive than was sent')
  const words = await ground.buffers.read(run.scores, 8 * nodeCount)
  const result = {
    scores: new BigUint64Array(words.buffer),
    dust: SCORE_MASS - sumOfPairs(words),
    iterationCount: at(state, RANK_STATE.count),
    delta: pairAt(state, RANK_STATE.delta),
  }
  return { type: 'done', result }
}

function checkRoom(device: GpuDevice, tuning: Tuning, problem: RankProblem): void {
  const nodeByteCount = 8 * problem.graph.nodeCount
  if (nodeByteCount > device.bufferByteCountMax) {
    throw new GraphTooLargeForDeviceError(nodeByteCount, device.bufferByteCountMax)
  }
  const byteCount = rankByteCount(problem)
  if (byteCount > tuning.byteCountMax) {
    throw new GraphTooLargeForDeviceError(byteCount, tuning.byteCountMax)
  }
}

type NodeBuffers = {
  readonly nodes: GPUBuffer
  readonly state: GPUBuffer
  readonly slots: GPUBuffer
  readonly incoming: GPUBuffer
  readonly scores: GPUBuffer
  readonly units: GPUBuffer
  readonly passThrough: GPUBuffer
  readonly spread: GPUBuffer
  readonly teleport: readonly GPUBuffer[]
}

/** Puts the problem on the device and the start vector into the scores. */
async function prepare(ground: Ground, problem: RankProblem) {
  const { weights, teleport, stop } = problem
  const { nodeCount } = problem.graph
  const variant = { weighted: weights !== 'equal', personalised: teleport !== 'uniform' }
  const kernels = rankKernels({ ...variant, ...ground.tuning })
  const node = await nodeBuffers(ground, problem)
  const { nodes, slots, state, incoming, scores } = node
  const total = await strideDispatch(ground, kernels.total, nodeCount, [nodes, incoming, slots])
  const share = await groupDispatch(ground, kernels.share, [nodes, slots, state])
  const applied = [nodes, incoming, slots, state, scores, node.units, node.passThrough, node.spread]
  const apply = await strideDispatch(ground, kernels.apply, nodeCount, [
    ...applied,
    ...node.teleport,
  ])
  const { pulls, checks } = await overEdges(ground, problem, kernels, node)
  const dispatches = [...pulls, total, share, apply]
  const counts = await ground.buffers.indirect(countsOf(dispatches))
  const settle = await groupDispatch(ground, kernels.settle, [nodes, slots, state, counts])
  await ground.buffers.write(nodes, nodeWords(problem, ground.tuning, dispatches.length))
  placeStart(ground.device, [...checks, apply], slots)
  const run = { dispatches, settle, state, stateWordCount: RANK_STATE.wordCount, scores }
  return stop.type === 'delta' ? { ...run, counts } : run
}

/** Applying the start vector to nothing that arrived gives the first scores. */
function placeStart({ raw }: GpuDevice, dispatches: readonly Dispatch[], slots: GPUBuffer): void {
  const encoder = raw.createCommandEncoder()
  const pass = encoder.beginComputePass()
  for (const dispatch of dispatches) encode(pass, dispatch)
  pass.end()
  encoder.clearBuffer(slots)
  raw.queue.submit([encoder.finish()])
}

async function nodeBuffers({ buffers }: Ground, problem: RankProblem): Promise<NodeBuffers> {
  const { graph, weights, teleport, passThroughQ32 } = problem
  const { nodeCount } = graph
  return {
    nodes: await buffers.uniform(Array.from({ length: 8 }, () => 0)),
    state: await buffers.upload(startState(problem)),
    slots: await buffers.storage(8 * SLOT_COUNT),
    incoming: await buffers.storage(8 * nodeCount),
    scores: await buffers.storage(8 * nodeCount),
    units: await buffers.storage(8 * nodeCount),
    passThrough: await buffers.upload(passThroughQ32),
    spread: await buffers.upload(
      weights === 'equal' ? graph.outDegrees : Uint32Array.from(weights.shifts),
    ),
    teleport: teleport === 'uniform' ? [] : [await buffers.upload(teleport)],
  }
}

/** The whole mass, teleported, is the start vector `teleport`; a base of M / n is `uniform`. */
function startState({ graph, teleport, start: vector }: RankProblem): Uint32Array {
  const state = new Uint32Array(RANK_STATE.wordCount)
  if (vector === 'teleport' && teleport !== 'uniform') {
    putPair(state, RANK_STATE.teleported, SCORE_MASS)
  } else {
    putPair(state, RANK_STATE.base, divFloor(SCORE_MASS, BigInt(graph.nodeCount)))
  }
  return state
}

function nodeWords(problem: RankProblem, tuning: Tuning, dispatchCount: number): Uint32Array {
  const { graph, stop } = problem
  const words = new Uint32Array(8)
  words[0] = graph.nodeCount
  words[1] = strideLaneCount(graph.nodeCount, tuning)
  words[3] = dispatchCount
  if (stop.type === 'delta' && stop.deltaMax >= 0n) {
    words[2] = 1
    putPair(words, 4, stop.deltaMax < U64_MAX ? stop.deltaMax : U64_MAX)
  }
  return words
}

/** The pulls of an iteration, and the check of the weights before the first, which uses the units. */
async function overEdges(
  ground: Ground,
  { graph, weights }: RankProblem,
  kernels: RankKernels,
  { units, incoming, spread, state }: NodeBuffers,
): Promise<{ pulls: Dispatch[]; checks: Dispatch[] }> {
  const { buffers, tuning } = ground
  const checks: Dispatch[] = []
  const stride = async (text: Kernel, count: number, bound: readonly GPUBuffer[]) => {
    const sizes = await buffers.uniform([count, strideLaneCount(count, tuning), 0, 0])
    checks.push(await strideDispatch(ground, text, count, [sizes, ...bound]))
  }
  const pair = { narrow: kernels.pullNarrow, wide: kernels.pullWide }
  const pulls = await edgeDispatches(ground, graph, pair, async ({ edgeStart, edgeEnd }) => {
    const sources = await buffers.upload(graph.sources.subarray(edgeStart, edgeEnd))
    if (weights === 'equal') return [sources, units, incoming]
    const mantissas = await buffers.upload(weights.mantissas.subarray(edgeStart, edgeEnd))
    const summing = sumMantissas(tuning.workgroupSize)
    await stride(summing, edgeEnd - edgeStart, [sources, mantissas, units])
    return [sources, units, incoming, mantissas]
  })
  if (weights !== 'equal') {
    await stride(checkMantissas(tuning.workgroupSize), graph.nodeCount, [units, spread, state])
  }
  return { pulls, checks }
}

function putPair(words: Uint32Array, index: number, value: bigint): void {
  words[index] = Number(BigInt.asUintN(32, value))
  words[index + 1] = Number(value >> 32n)
}

function pairAt(words: Uint32Array, index: number): bigint {
  return (BigInt(at(words, index + 1)) << 32n) + BigInt(at(words, index))
}

/** The sum of u64 in pairs of words. Each partial sum has at most 2^20 words, so it is below 2^53. */
function sumOfPairs(words: Uint32Array): bigint {
  let total = 0n
  for (let start = 0; start < words.length; start += 2 ** 21) {
    let low = 0
    let high = 0
    const end = Math.min(start + 2 ** 21, words.length)
    for (let index = start; index < end; index += 2) {
      low += at(words, index)
      high += at(words, index + 1)
    }
    total += (BigInt(high) << 32n) + BigInt(low)
  }
  return total
}
