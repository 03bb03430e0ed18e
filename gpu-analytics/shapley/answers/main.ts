// Started by a test with the environment that Dawn's Vulkan loader wants when the process begins;
// prints what a GPU, or a software adapter, answers.
import { create, globals } from 'webgpu'

import { createWebgpuSynergies } from '../synergy-webgpu.ts'
import { philoxOnGpu } from './philox-answers.ts'
import { synergyAnswers } from './synergy-answers.ts'

// Dawn crashes at the end of the process when a part of it was collected before: everything is kept.
const gpu = create([])
const kept: unknown[] = [gpu]
Object.assign(globalThis, globals, { kept })
const adapter = await gpu.requestAdapter()
if (adapter === null) throw new TypeError('expected an adapter, found none')
const device = await adapter.requestDevice()
kept.push(adapter, device)
const report = {
  adapter: adapter.info.description,
  philox: await philoxOnGpu(device),
  answers: await synergyAnswers(createWebgpuSynergies(device)),
}
process.stdout.write(JSON.stringify(report), () => process.exit(0))
