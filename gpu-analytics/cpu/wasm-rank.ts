import { SCORE_MASS, divFloor, invariant, sum } from '@foggara/schema'

import { checkRankProblem, iterationCountMax } from '../check-problem.ts'
import type { RankProblem, RankResult, RunOptions } from '../engine.ts'
import { checkNotAborted } from '../run-aborted.ts'
import type { RankKernels } from './kernel-instance.ts'
import { WasmMemory } from './wasm-memory.ts'

const EXECUTION = { engine: 'wasm', notes: [] } as const

/** `rank` on the WASM kernels: the bits of the reference. */
export function rankOnWasm(
  kernels: RankKernels,
  problem: RankProblem,
  options: RunOptions = {},
): RankResult {
  checkRankProblem(problem)
  const { nodeCount, sources } = problem.graph
  if (nodeCount === 0) return emptyResult(problem)

  const { memory, at } = layOut(kernels, problem)
  const countMax = iterationCountMax(problem.stop)
  let delta = 0n
  let iterationCount = 0
  while (iterationCount < countMax) {
    checkNotAborted(options.signal, `${iterationCount} iterations`)
    const teleported = SCORE_MASS - unsigned(iterate(kernels, problem, at))
    invariant(teleported >= 0n, 'expected no more mass to arrive than was sent')
    delta = unsigned(
      problem.teleport === 'uniform'
        ? kernels.applyUniform(
            nodeCount,
            divFloor(teleported, BigInt(nodeCount)),
            at.incoming,
            at.scores,
          )
        : kernels.applyPersonalised(nodeCount, teleported, at.teleport, at.incoming, at.scores),
    )
    iterationCount++
    options.onProgress?.({ count: iterationCount, countMax, edgeCount: sources.length })
    if (problem.stop.type === 'delta' && delta <= problem.stop.deltaMax) break
  }
  const scores = memory.read(at.scores, nodeCount)
  const dust = SCORE_MASS - sum(scores)
  invariant(dust >= 0n, 'expected the scores to stay within the mass')
  return { scores, dust, iterationCount, delta, execution: EXECUTION }
}

type Layout = Readonly<
  Record<
    | 'offsets'
    | 'sources'
    | 'mantissas'
    | 'shifts'
    | 'outDegrees'
    | 'passThrough'
    | 'teleport'
    | 'scores'
    | 'sent'
    | 'incoming',
    number
  >
>

function iterate(kernels: RankKernels, problem: RankProblem, at: Layout): bigint {
  const nodeCount = problem.graph.nodeCount
  const { offsets, sources, mantissas, shifts, outDegrees, passThrough, scores, sent } = at
  if (problem.weights !== 'equal') {
    kernels.sendWeighted(nodeCount, scores, passThrough, outDegrees, shifts, sent)
    return kernels.pullWeighted(nodeCount, offsets, sources, mantissas, sent, at.incoming)
  }
  kernels.sendEqual(nodeCount, scores, passThrough, outDegrees, sent)
  return kernels.pullEqual(nodeCount, offsets, sources, sent, at.incoming)
}

function layOut(kernels: RankKernels, problem: RankProblem): { memory: WasmMemory; at: Layout } {
  const { graph, teleport, weights } = problem
  const nodeCount = graph.nodeCount
  const edgeCount = graph.sources.length
  const memory = new WasmMemory(kernels)
  const at: Layout = {
    offsets: memory.reserve(nodeCount + 1, 4),
    sources: memory.reserve(edgeCount, 4),
    mantissas: memory.reserve(edgeCount, 4),
    shifts: memory.reserve(nodeCount, 1),
    outDegrees: memory.reserve(nodeCount, 4),
    passThrough: memory.reserve(nodeCount, 4),
    teleport: memory.reserve(nodeCount, 8),
    scores: memory.reserve(nodeCount, 8),
    sent: memory.reserve(nodeCount, 8),
    incoming: memory.reserve(nodeCount, 8),
  }
  memory.grow()
  memory.write(at.offsets, graph.inOffsets)
  memory.write(at.sources, graph.sources)
  memory.write(at.outDegrees, graph.outDegrees)
  memory.write(at.passThrough, problem.passThroughQ32)
  if (weights !== 'equal') {
    memory.write(at.mantissas, weights.mantissas)
    memory.write(at.shifts, weights.shifts)
  }
  if (teleport !== 'uniform') memory.write(at.teleport, teleport)
  memory.write(at.scores, startVector(problem))
  return { memory, at }
}

function startVector(problem: RankProblem): BigUint64Array {
  if (problem.start === 'teleport' && problem.teleport !== 'uniform') return problem.teleport
  const nodeCount = problem.graph.nodeCount
  return new BigUint64Array(nodeCount).fill(divFloor(SCORE_MASS, BigInt(nodeCount)))
}

/** Without nodes nothing is sent: the first step is 0, whatever the stop rule. */
function emptyResult(problem: RankProblem): RankResult {
  const { stop } = problem
  const iterationCount =
    stop.type === 'count' ? stop.iterationCount : Math.min(1, stop.iterationCountMax)
  return {
    scores: new BigUint64Array(0),
    dust: SCORE_MASS,
    iterationCount,
    delta: 0n,
    execution: EXECUTION,
  }
}

/** WASM hands 64-bit integers over as signed. */
function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
