import { invariant, sum } from '@foggara/schema'

import { checkFlowProblem } from '../check-problem.ts'
import type { FlowProblem, FlowResult } from '../engine.ts'
import { at as elementAt } from '../graph/at.ts'
import { flowReference } from '../reference/flow.ts'
import { passFingersOf } from '../reference/pass-fingers.ts'
import type { RankKernels } from './kernel-instance.ts'
import { WasmMemory } from './wasm-memory.ts'

/** Exclusive bound of a flow's inflow and of a node's fingers on the kernels. */
export const WASM_FLOW_BOUND = 1n << 63n

/**
 * `flow` on the WASM kernels where 64 bits suffice, else on the reference: amounts in token base
 * units often exceed them. The result is the same.
 */
export function flowOnWasm(kernels: RankKernels, problem: FlowProblem): FlowResult {
  checkFlowProblem(problem)
  const passFingers = passFingersOf(problem)
  const isWithin = problem.keepFingers.every(
    (fingers, node) => fingers + elementAt(passFingers, node) < WASM_FLOW_BOUND,
  )
  if (!isWithin || sum(problem.inflow) >= WASM_FLOW_BOUND) return flowReference(problem)
  return flowInMemory(kernels, problem, passFingers) ?? flowReference(problem)
}

/** Undefined when the total of an edge passed 64 bits. */
function flowInMemory(
  kernels: RankKernels,
  problem: FlowProblem,
  passFingers: readonly bigint[],
): FlowResult | undefined {
  const { graph } = problem
  const nodeCount = graph.nodeCount
  const edgeCount = graph.sources.length
  const memory = new WasmMemory(kernels)
  const offsets = memory.reserve(nodeCount + 1, 4)
  const sources = memory.reserve(edgeCount, 4)
  const fingers = memory.reserve(edgeCount, 8)
  const keepFingers = memory.reserve(nodeCount, 8)
  const passFingersAt = memory.reserve(nodeCount, 8)
  const inFlight = memory.reserve(nodeCount, 8)
  const perFinger = memory.reserve(nodeCount, 8)
  const kept = memory.reserve(nodeCount, 8)
  const edgeTotals = memory.reserve(edgeCount, 8)
  memory.grow()
  memory.write(offsets, graph.inOffsets)
  memory.write(sources, graph.sources)
  memory.write(fingers, BigUint64Array.from(problem.fingers))
  memory.write(keepFingers, BigUint64Array.from(problem.keepFingers))
  memory.write(passFingersAt, BigUint64Array.from(passFingers))
  memory.write(inFlight, BigUint64Array.from(problem.inflow))
  memory.clear(kept, nodeCount)
  memory.clear(edgeTotals, edgeCount)

  let moving = sum(problem.inflow)
  let stepCount = 0
  while (stepCount < problem.stepCountMax && moving > 0n) {
    kernels.divideFlow(nodeCount, inFlight, keepFingers, passFingersAt, perFinger, kept)
    const moved = kernels.moveFlow(
      nodeCount,
      offsets,
      sources,
      fingers,
      perFinger,
      inFlight,
      edgeTotals,
    )
    moving = BigInt.asUintN(64, moved)
    stepCount++
  }
  if (kernels.takeOverflowed() !== 0) return undefined
  const stopped = memory.read(inFlight, nodeCount)
  const settled = Array.from(
    memory.read(kept, nodeCount),
    (amount, node) => amount + elementAt(stopped, node),
  )
  invariant(sum(settled) === sum(problem.inflow), 'expected the flow to conserve its inflow')
  const totals = [...memory.read(edgeTotals, edgeCount)]
  const execution = { engine: 'wasm', notes: [] } as const
  return { kept: settled, edgeTotals: totals, stepCount, stopped: sum(stopped), execution }
}
