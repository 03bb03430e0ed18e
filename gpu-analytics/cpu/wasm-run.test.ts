import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import type { RankProblem, RunProgress } from '../engine.ts'
import { buildGraph } from '../graph/build-graph.ts'
import { normaliseWeights } from '../graph/normalise-weights.ts'
import { rankReference } from '../reference/rank.ts'
import { bitsOf } from './arbitrary-problem.ts'
import { wasmEngineOn } from './engine-on.ts'
import type { ThreadListeners, ThreadPlatform } from './threads/thread-platform.ts'
import { createWasmEngine } from './wasm-engine.ts'
import { WasmLayout } from './wasm-memory.ts'

const graph = buildGraph(
  Array.from({ length: 400 }, (_, index) => ({
    from: `n${(index * 7) % 101}`,
    to: `n${(index * index) % 89}`,
    weight: BigInt(index + 1),
  })),
)

function problemOf(iterationCount: number): RankProblem {
  return {
    graph,
    weights: normaliseWeights(graph),
    passThroughQ32: new Uint32Array(graph.nodeCount).fill(3_650_722_201),
    teleport: 'uniform',
    start: 'uniform',
    stop: { type: 'count', iterationCount },
  }
}

/** More than any test waits for. */
const ENDLESS = problemOf(4_000_000_000)

test.each([1, 2])('a run on %i threads stops when the signal says so', async (threads) => {
  const engine = await createWasmEngine({ threads })
  const controller = new AbortController()
  const seen: number[] = []
  const run = engine.rank(ENDLESS, {
    signal: controller.signal,
    onProgress: ({ count }) => {
      seen.push(count)
      if (count > 10) controller.abort(new Error('enough'))
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'RUN_ABORTED', cause: new Error('enough') })
  expect(seen.length).toBeGreaterThan(10)
})

test.each([1, 2])('a run on %i threads does not start with a spent signal', async (threads) => {
  const engine = await createWasmEngine({ threads })
  const run = engine.rank(ENDLESS, { signal: AbortSignal.abort() })
  await expect(run).rejects.toMatchObject({ code: 'RUN_ABORTED' })
})

test.each([1, 2])('a run on %i threads tells of every iteration', async (threads) => {
  const engine = await createWasmEngine({ threads })
  const seen: RunProgress[] = []
  await engine.rank(problemOf(5), { onProgress: (progress) => seen.push(progress) })
  const edgeCount = graph.sources.length
  expect(seen).toEqual([1, 2, 3, 4, 5].map((count) => ({ count, countMax: 5, edgeCount })))
})

test.each([1, 2])('a run on %i threads ends with what its listener throws', async (threads) => {
  const engine = await createWasmEngine({ threads })
  const run = engine.rank(ENDLESS, {
    onProgress: () => {
      throw new Error('the terminal is gone')
    },
  })
  await expect(run).rejects.toThrow('the terminal is gone')
})

test.each([1, 2])(
  'a run on %i threads may be allowed any number of iterations',
  async (threads) => {
    const engine = await createWasmEngine({ threads })
    const iterationCountMax = 2 ** 32
    const stop = { type: 'delta', deltaMax: 1n << 50n, iterationCountMax } as const
    const problem = { ...problemOf(1), stop }
    expect(bitsOf(await engine.rank(problem))).toEqual(bitsOf(rankReference(problem)))
  },
)

/** A platform whose threads never answer; the test decides what happens to them. */
function silentPlatform(): {
  platform: ThreadPlatform
  started: ThreadListeners[]
  ended: number[]
} {
  const started: ThreadListeners[] = []
  const ended: number[] = []
  const platform: ThreadPlatform = {
    missing: () => undefined,
    start: (listeners) => {
      const index = started.push(listeners) - 1
      return {
        post: ({ type }) => {
          if (type === 'start') queueMicrotask(() => listeners.onReply({ type: 'ready' }))
          else if (index === 0) queueMicrotask(() => listeners.onLost('out of memory'))
        },
        end: async () => void ended.push(index),
      }
    },
  }
  return { platform, started, ended }
}

test('a thread that is lost in mid-run ends the run and the other threads', async () => {
  const { platform, ended } = silentPlatform()
  const engine = await wasmEngineOn(platform, { threads: 3 })
  const run = engine.rank(problemOf(5))
  await expect(run).rejects.toMatchObject({
    code: 'WORKER_LOST',
    retryable: true,
    message: expect.stringContaining('out of memory'),
  })
  expect(new Set(ended)).toEqual(new Set([0, 1, 2]))
})

test.each([
  {
    name: 'do not start',
    platform: {
      missing: () => undefined,
      start: () => {
        throw new Error('refused by the policy of the page')
      },
    },
    said: /did not start.*refused by the policy/,
  },
  {
    name: 'cannot share memory',
    platform: {
      missing: () => 'the page is not cross-origin isolated',
      start: () => {
        throw new Error('never asked')
      },
    },
    said: /one thread: the page is not cross-origin isolated/,
  },
])('a run goes on alone, and says why, where threads $name', async ({ platform, said }) => {
  const engine = await wasmEngineOn(platform, { threads: 2, hotNodeCount: 10 })
  const result = await engine.rank(problemOf(5))
  expect(bitsOf(result)).toEqual(bitsOf(rankReference(problemOf(5))))
  expect(result.execution.notes.join()).toMatch(said)
})

test('mantissas that are more than a whole are found out', async () => {
  const problem = problemOf(5)
  const mantissas = new Uint32Array(graph.sources.length).fill(0xffff_ffff)
  const shifts = new Uint8Array(graph.nodeCount)
  for (const threads of [1, 2]) {
    const engine = await createWasmEngine({ threads })
    await expect(engine.rank({ ...problem, weights: { mantissas, shifts } })).rejects.toMatchObject(
      { code: 'INVARIANT_BROKEN' },
    )
  }
})

test('a graph past the address space is refused with what to do', () => {
  const layout = new WasmLayout()
  layout.reserve(2 ** 30, 4)
  let refused: unknown
  try {
    layout.allocate(false)
  } catch (error) {
    refused = error
  }
  expect(refused).toMatchObject({
    code: 'GRAPH_TOO_LARGE',
    hint: expect.stringContaining('rankStreamed'),
  })
})

test.each([0, -1, 1.5, Number.NaN])('%d threads are refused', async (threads) => {
  await expect(createWasmEngine({ threads })).rejects.toMatchObject({
    code: 'RANK_PROBLEM_MALFORMED',
  })
})

test('a process ends by itself after a run on threads and after an aborted one', async () => {
  const engine = JSON.stringify(join(import.meta.dirname, 'wasm-engine.ts'))
  const script = `
    import { createWasmEngine } from ${engine}
    const graph = {
      nodeCount: 2,
      inOffsets: Uint32Array.of(0, 1, 2),
      sources: Uint32Array.of(1, 0),
      outDegrees: Uint32Array.of(1, 1),
    }
    const problem = (iterationCount) => ({
      graph,
      weights: 'equal',
      passThroughQ32: Uint32Array.of(7, 7),
      teleport: 'uniform',
      start: 'uniform',
      stop: { type: 'count', iterationCount },
    })
    const engine = await createWasmEngine({ threads: 2 })
    const { iterationCount } = await engine.rank(problem(3))
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    const code = await engine
      .rank(problem(4e9), { signal: controller.signal, onProgress })
      .catch((error) => error.code)
    console.log(iterationCount, code)
  `
  const run = promisify(execFile)
  const arguments_ = ['--input-type=module', '--eval', script]
  const { stdout } = await run(process.execPath, arguments_, { timeout: 50_000 })
  expect(stdout).toBe('3 RUN_ABORTED\n')
})
