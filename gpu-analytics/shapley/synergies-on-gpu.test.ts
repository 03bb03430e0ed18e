import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { HAS_SOFTWARE_GPU, WHY_NO_SOFTWARE_GPU } from '../../test/software-gpu.ts'
import { GpuBuffers } from '../gpu/gpu-buffers.ts'
import { type GpuDevice, openGpuDevice } from '../gpu/gpu-device.ts'
import { composeKernel } from '../gpu/kernel.ts'
import { openNodeGpu } from '../gpu/node-gpu.ts'
import { U64_WGSL } from '../gpu/wide-integer.wgsl.ts'
import { arbitrarySampling, arbitrarySynergies } from './answers/arbitrary-synergies.ts'
import { PHILOX_ANSWERS } from './answers/philox-answers.ts'
import { sampleSynergies } from './answers/sample-synergies.ts'
import { synergyAnswers } from './answers/synergy-answers.ts'
import type { Sampling } from './sampling.ts'
import { createWasmSynergies } from './synergy-wasm.ts'
import { createWebGpuSynergies } from './synergy-webgpu.ts'
import { PHILOX_WGSL } from './synergy.wgsl.ts'

const SEED = 20_260_808
const absent = !HAS_SOFTWARE_GPU
const why = WHY_NO_SOFTWARE_GPU

let device: GpuDevice
beforeAll(async () => {
  if (!HAS_SOFTWARE_GPU) return
  device = await openGpuDevice(await openNodeGpu(), { allowFallbackAdapter: true })
})
afterAll(() => device?.destroy())

test.skipIf(absent)(`Philox in WGSL gives the known answers of Random123${why}`, async () => {
  const kernel = composeKernel({
    name: 'Philox',
    buffers: [
      { name: 'questions', type: 'array<array<vec4u, 2>>', binding: 'read' },
      { name: 'answers', type: 'array<vec4u>', binding: 'write' },
    ],
    body: [
      U64_WGSL,
      PHILOX_WGSL,
      `@compute @workgroup_size(1)
      fn main(@builtin(workgroup_id) id: vec3u) {
        answers[id.x] = philox(questions[id.x][0], questions[id.x][1].xy);
      }`,
    ],
  })
  const questions = PHILOX_ANSWERS.flatMap(({ counter, key }) => [...counter, ...key, 0, 0])
  const buffers = new GpuBuffers(device)
  const { pipeline, bind } = await device.kernel(kernel)
  const answers = await buffers.storage(16 * PHILOX_ANSWERS.length)
  const bindGroup = bind([await buffers.upload(Uint32Array.from(questions)), answers])
  const encoder = device.raw.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, bindGroup)
  pass.dispatchWorkgroups(PHILOX_ANSWERS.length)
  pass.end()
  device.raw.queue.submit([encoder.finish()])
  const found = await buffers.read(answers, 16 * PHILOX_ANSWERS.length)
  buffers.destroy()
  expect([...found]).toEqual(PHILOX_ANSWERS.flatMap(({ words }) => [...words]))
})

test.skipIf(absent)(`WGSL gives the same words as WASM on every question${why}`, async () => {
  const expected = await synergyAnswers(await createWasmSynergies())
  expect(await synergyAnswers(createWebGpuSynergies(device))).toEqual(expected)
})

test.skipIf(absent)(`WGSL gives the same words as WASM, whatever the receipts${why}`, async () => {
  const [gpu, wasm] = [createWebGpuSynergies(device), await createWasmSynergies()]
  await fc.assert(
    fc.asyncProperty(arbitrarySynergies(4), arbitrarySampling, async (receipts, drawn) => {
      expect(await gpu.sample(receipts, drawn)).toEqual(await wasm.sample(receipts, drawn))
    }),
    { seed: SEED, numRuns: 40 },
  )
})

const sampling: Sampling = { epochKey: 5n, permutationCount: 200, walks: 'forward-and-back' }

test.skipIf(absent)(`receipts in many dispatches give the same words as in one${why}`, async () => {
  const receipts = sampleSynergies(10, 6)
  const [one, many] = [
    createWebGpuSynergies(device),
    createWebGpuSynergies(device, { threadCountMax: 12 }),
  ]
  const whole = await one.sample(receipts, sampling)
  expect(await many.sample(receipts, sampling)).toEqual(whole)
  const [first, second] = [one.sample(receipts, sampling), many.sample(receipts, sampling)]
  expect([await first, await second]).toEqual([whole, whole])
})

test.skipIf(absent)(
  `no receipts, bad columns and a lost device have their answers${why}`,
  async () => {
    const sampler = createWebGpuSynergies(device)
    expect(await sampler.sample(sampleSynergies(0, 3), sampling)).toEqual({
      sums: new BigUint64Array(0),
      squareSums: new BigUint64Array(0),
    })
    const bad = { ...sampleSynergies(2, 3), playerCount: 2 }
    await expect(sampler.sample(bad, sampling)).rejects.toMatchObject({
      code: 'SHAPLEY_SYNERGIES_MALFORMED',
    })
    const stopped = sampler.sample(sampleSynergies(1, 3), sampling, { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'RUN_ABORTED' })
    const doomed = await openGpuDevice(await openNodeGpu(), { allowFallbackAdapter: true })
    const lost = createWebGpuSynergies(doomed).sample(sampleSynergies(64, 32), sampling)
    doomed.destroy()
    await expect(lost).rejects.toMatchObject({ code: 'DEVICE_LOST', retryable: true })
  },
)
