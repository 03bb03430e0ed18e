import { invariant, sum } from '@foggara/schema'

import { checkFlowProblem } from '../check-problem.ts'
import type { FlowProblem, FlowResult, RunOptions } from '../engine.ts'
import { flowReference } from '../reference/flow.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'
import { readControl, writeControl } from './control-block.ts'
import { openRunner, spreadOver } from './kernel-runner.ts'
import { CHUNK_ROW_COUNT, chunkOf } from './rank-layout.ts'
import { WasmLayout, type WasmMemory } from './wasm-memory.ts'
import type { WasmSettings } from './wasm-rank.ts'

/** Exclusive bounds of the inflow in all and of a node's fingers on the kernels. */
const INFLOW_BOUND = 1n << 127n
const FINGERS_BOUND = 1n << 32n
const LOW = (1n << 64n) - 1n

/**
 * `flow` on the WASM kernels, whose amounts have 128 bits; past that on the reference, which a note
 * then says. The result is the same.
 *
 * @throws {RankProblemError | GraphTooLargeError | WasmUnavailableError}
 * @throws {RunAbortedError | WorkerLostError}
 */
export async function flowOnWasm(
  settings: WasmSettings,
  problem: FlowProblem,
  options: RunOptions = {},
): Promise<FlowResult> {
  checkFlowProblem(problem)
  const pass = passFingersOf(problem)
  const all = pass.map((fingers, node) => fingers + (problem.keepFingers[node] ?? 0n))
  const total = sum(problem.inflow)
  if (total >= INFLOW_BOUND) return fallBack(problem, options, 'the inflow has over 127 bits')
  if (all.some((fingers) => fingers >= FINGERS_BOUND)) {
    return fallBack(problem, options, 'the fingers of a node have over 32 bits')
  }
  const result = await flowInMemory(settings, { problem, pass, all, total }, options)
  return result ?? fallBack(problem, options, 'a cycle carried over 128 bits along an edge')
}

function fallBack(problem: FlowProblem, options: RunOptions, why: string): FlowResult {
  const result = flowReference(problem, options)
  return { ...result, execution: { engine: 'reference', notes: [`flow in bigint: ${why}`] } }
}

type CheckedFlow = {
  readonly problem: FlowProblem
  /** Per node the fingers that pass on, and all of them. */
  readonly pass: readonly bigint[]
  readonly all: readonly bigint[]
  readonly total: bigint
}

/** Undefined when the total of an edge passed 128 bits. */
async function flowInMemory(
  { platform, threads }: WasmSettings,
  flow: CheckedFlow,
  { signal, onProgress }: RunOptions,
): Promise<FlowResult | undefined> {
  const { problem, total } = flow
  const { stepCountMax: countMax, graph } = problem
  const edgeCount = graph.sources.length
  const spread = spreadOver(platform, threads, { edgeCount, countMax })
  const { memory, words } = layOutFlow(flow, spread.threadCount)
  const onCount = (count: number): void => onProgress?.({ count, countMax, edgeCount })
  const runner = await openRunner({ platform, spread, memory, edgeCount, signal, onCount })
  try {
    await runner.run('flow', countMax)
    if (readControl(memory, 'hasOverflowed') !== 0n) return undefined
    const stopped = readWide(memory, words.inFlightAt, graph.nodeCount)
    const kept = readWide(memory, words.keptAt, graph.nodeCount)
    const settled = kept.map((amount, node) => amount + (stopped[node] ?? 0n))
    invariant(sum(settled) === total, 'expected the flow to conserve its inflow')
    return {
      kept: settled,
      edgeTotals: readWide(memory, words.edgeTotalsAt, edgeCount),
      stepCount: Number(readControl(memory, 'stepCount')),
      stopped: sum(stopped),
      execution: { engine: 'wasm', notes: runner.notes },
    }
  } finally {
    await runner.end()
  }
}

function layOutFlow({ problem, pass, all, total }: CheckedFlow, threadCount: number) {
  const { graph } = problem
  const { nodeCount } = graph
  const edgeCount = graph.sources.length
  const layout = new WasmLayout()
  const words = {
    threadCount,
    flowNodeCount: nodeCount,
    stepCountMax: Math.min(problem.stepCountMax, 0xffff_ffff),
    isMoving: total > 0n,
    inOffsetsAt: layout.reserve(nodeCount + 1, 4),
    sourcesAt: layout.reserve(edgeCount, 4),
    fingersAt: layout.reserve(edgeCount, 4),
    passFingersAt: layout.reserve(nodeCount, 4),
    allFingersAt: layout.reserve(nodeCount, 4),
    inFlightAt: layout.reserve(nodeCount, 16),
    perFingerAt: layout.reserve(nodeCount, 16),
    keptAt: layout.reserve(nodeCount, 16),
    edgeTotalsAt: layout.reserve(edgeCount, 16),
    chunkRowCount: chunkOf(nodeCount, threadCount, CHUNK_ROW_COUNT),
  }
  const memory = layout.allocate(threadCount > 1)
  writeControl(memory, words)
  memory.write(words.inOffsetsAt, graph.inOffsets)
  memory.write(words.sourcesAt, graph.sources)
  memory.write(words.fingersAt, Uint32Array.from(problem.fingers, Number))
  memory.write(words.passFingersAt, Uint32Array.from(pass, Number))
  memory.write(words.allFingersAt, Uint32Array.from(all, Number))
  const inFlight = memory.longs(words.inFlightAt, 2 * nodeCount)
  for (const [node, amount] of problem.inflow.entries()) {
    inFlight[2 * node] = amount & LOW
    inFlight[2 * node + 1] = amount >> 64n
  }
  return { memory, words }
}

/** Reads `length` amounts of 128 bits. */
function readWide(memory: WasmMemory, address: number, length: number): bigint[] {
  const words = memory.longs(address, 2 * length)
  return Array.from({ length }, (_, index) => {
    const high = words[2 * index + 1] ?? 0n
    return high === 0n ? (words[2 * index] ?? 0n) : (high << 64n) | (words[2 * index] ?? 0n)
  })
}
