import { beforeAll, expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU, WHY_NO_SOFTWARE_GPU } from '../test/software-gpu.ts'
import { createAutoEngine } from './auto-engine.ts'
import { compareFlows, compareRanks } from './compare-results.ts'
import type { FlowProblem, RankProblem } from './engine.ts'
import { DeviceFailedError, DeviceLostError, WebGpuUnavailableError } from './gpu/gpu-device.ts'
import type { GpuLike } from './gpu/gpu-like.ts'
import { openNodeGpu } from './gpu/node-gpu.ts'
import { openPageGpu } from './gpu/page-gpu.ts'
import { createWebGpuEngine } from './gpu/webgpu-engine.ts'
import { buildGraph } from './graph/build-graph.ts'
import { normaliseWeights } from './graph/normalise-weights.ts'
import { flowReference } from './reference/flow.ts'
import { rankReference } from './reference/rank.ts'
import { RunAbortedError } from './run-aborted.ts'

const why = WHY_NO_SOFTWARE_GPU
const absent = !HAS_SOFTWARE_GPU
const software = { allowFallbackAdapter: true, batchIterationCount: 2 }

const graph = buildGraph(
  Array.from({ length: 300 }, (_, index) => ({
    from: `n${index % 40}`,
    to: `n${(index * index + 1) % 61}`,
    weight: BigInt(index + 1) << BigInt(index % 70),
  })),
)
const rankProblem: RankProblem = {
  graph,
  weights: normaliseWeights(graph),
  passThroughQ32: new Uint32Array(graph.nodeCount).fill(0xd999_9999),
  teleport: 'uniform',
  start: 'uniform',
  stop: { type: 'count', iterationCount: 12 },
}
const flowProblem: FlowProblem = {
  graph,
  fingers: graph.weights.map((weight) => weight % 1000n),
  inflow: graph.ids.map(() => 1n << 100n),
  keepFingers: graph.ids.map(() => 1n),
  stepCountMax: 12,
}

let gpu: GpuLike
beforeAll(async () => {
  if (HAS_SOFTWARE_GPU) gpu = await openNodeGpu()
})

/** The same GPU, and the devices that it gave. */
function tapped(): { gpu: GpuLike; devices: GPUDevice[] } {
  const devices: GPUDevice[] = []
  return {
    devices,
    gpu: {
      requestAdapter: async (options) => {
        const adapter = await gpu.requestAdapter(options)
        if (adapter === null) return null
        const requestDevice = adapter.requestDevice.bind(adapter)
        adapter.requestDevice = async (descriptor) => {
          const device = await requestDevice(descriptor)
          devices.push(device)
          return device
        }
        return adapter
      },
    },
  }
}

test.skipIf(absent)(
  `a device lost in mid-run is a typed error, and the next run opens another${why}`,
  async () => {
    const tap = tapped()
    const engine = await createWebGpuEngine(tap.gpu, software)
    const onProgress = () => tap.devices.at(-1)?.destroy()
    await expect(engine.rank(rankProblem, { onProgress })).rejects.toThrow(DeviceLostError)
    await expect(engine.flow(flowProblem, { onProgress })).rejects.toThrow(DeviceLostError)
    const found = await engine.rank(rankProblem)
    expect(compareRanks(found, rankReference(rankProblem))).toEqual({ type: 'equal' })
    expect(tap.devices.length).toBe(3)
    engine.close()
  },
)

test.skipIf(absent)(`an error that the device reports by itself ends the run${why}`, async () => {
  const tap = tapped()
  const engine = await createWebGpuEngine(tap.gpu, software)
  const onProgress = () => tap.devices[0]?.createBuffer({ size: 4, usage: 0xffff })
  await expect(engine.rank(rankProblem, { onProgress })).rejects.toThrow(DeviceFailedError)
  engine.close()
})

test.skipIf(absent)(`a run stops between two batches when its signal says so${why}`, async () => {
  const engine = await createWebGpuEngine(gpu, software)
  const counts: number[] = []
  const stopping = new AbortController()
  const options = {
    signal: stopping.signal,
    onProgress: ({ count }: { count: number }) => {
      counts.push(count)
      if (count >= 4) stopping.abort()
    },
  }
  await expect(engine.rank(rankProblem, options)).rejects.toThrow(RunAbortedError)
  expect(counts).toEqual([2, 4])
  await expect(engine.flow(flowProblem, options)).rejects.toThrow(RunAbortedError)
  engine.close()
})

test.skipIf(absent)(
  `a graph that takes more memory than allowed is refused before it is sent${why}`,
  async () => {
    const engine = await createWebGpuEngine(gpu, { ...software, byteCountMax: 1_000 })
    const refused = { code: 'GRAPH_TOO_LARGE_FOR_DEVICE' }
    await expect(engine.rank(rankProblem)).rejects.toMatchObject(refused)
    await expect(engine.flow(flowProblem)).rejects.toMatchObject(refused)
    engine.close()
  },
)

test.skipIf(absent)(`a software adapter is taken only when asked for${why}`, async () => {
  await expect(createWebGpuEngine(gpu)).rejects.toThrow(WebGpuUnavailableError)
})

test('where there is no adapter, the error says what to do', async () => {
  const none: GpuLike = { requestAdapter: async () => null }
  await expect(createWebGpuEngine(none)).rejects.toMatchObject({
    code: 'WEBGPU_UNAVAILABLE',
    message: 'expected a WebGPU adapter, found none',
    hint: expect.stringContaining('libvulkan.so.1'),
  })
  await expect(openPageGpu()).rejects.toThrow(WebGpuUnavailableError)
})

test.skipIf(absent)(
  `auto takes the device for a large graph and WASM for a small one${why}`,
  async () => {
    const openGpu = async () => gpu
    const large = await createAutoEngine({ ...software, openGpu, gpuEdgeCountMin: 1 })
    const onDevice = await large.rank(rankProblem)
    expect(onDevice.execution.engine).toBe('webgpu')
    expect(onDevice.execution.notes[0]).toMatch(/^WebGPU was chosen: \d+ edges/)
    expect((await large.flow(flowProblem)).execution.engine).toBe('webgpu')
    const small = await createAutoEngine({ ...software, openGpu })
    const onCpu = await small.rank(rankProblem)
    expect(onCpu.execution.engine).toBe('wasm')
    expect(onCpu.execution.notes[0]).toMatch(
      /^The engine wasm was chosen over WebGPU: \d+ edges are/,
    )
    expect(compareRanks(onDevice, onCpu)).toEqual({ type: 'equal' })
    large.close()
  },
)

test.skipIf(absent)(`auto takes WASM when the device is lost, and says so${why}`, async () => {
  const tap = tapped()
  const openGpu = async () => tap.gpu
  const auto = await createAutoEngine({ ...software, openGpu, gpuEdgeCountMin: 1 })
  const onProgress = () => {
    for (const device of tap.devices) device.destroy()
  }
  const ranked = await auto.rank(rankProblem, { onProgress })
  expect(ranked.execution.engine).toBe('wasm')
  expect(ranked.execution.notes[0]).toContain('DEVICE_LOST')
  expect(compareRanks(ranked, rankReference(rankProblem))).toEqual({ type: 'equal' })
  const flowed = await auto.flow(flowProblem, { onProgress })
  expect(flowed.execution.notes[0]).toContain('DEVICE_LOST')
  expect(compareFlows(flowed, flowReference(flowProblem))).toEqual({ type: 'equal' })
  auto.close()
})

test.skipIf(absent)(`auto takes WASM when the graph does not fit the device${why}`, async () => {
  const openGpu = async () => gpu
  const auto = await createAutoEngine({
    ...software,
    openGpu,
    gpuEdgeCountMin: 1,
    byteCountMax: 1_000,
  })
  const { execution } = await auto.rank(rankProblem)
  expect(execution.engine).toBe('wasm')
  expect(execution.notes[0]).toContain('GRAPH_TOO_LARGE_FOR_DEVICE')
  auto.close()
})

test.skipIf(absent)(`auto never takes a software adapter of its own accord${why}`, async () => {
  const auto = await createAutoEngine({ openGpu: async () => gpu, gpuEdgeCountMin: 1 })
  const { execution } = await auto.rank(rankProblem)
  expect(execution.engine).toBe('wasm')
  expect(execution.notes[0]).toContain('which computes in software')
})

test('auto works without any WebGPU, and lets a stopped run stop', async () => {
  const auto = await createAutoEngine({ openGpu: openPageGpu, gpuEdgeCountMin: 1 })
  expect((await auto.rank(rankProblem)).execution.notes[0]).toContain('no navigator.gpu')
  const signal = AbortSignal.abort()
  await expect(auto.rank(rankProblem, { signal })).rejects.toThrow(RunAbortedError)
})
