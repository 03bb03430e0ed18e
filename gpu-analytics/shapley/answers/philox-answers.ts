import type { PhiloxWords } from '../philox.ts'
import { PHILOX_WGSL } from '../synergy.wgsl.ts'

/** A published answer of Philox4x32-10. */
export type PhiloxAnswer = {
  readonly counter: PhiloxWords
  readonly key: readonly [number, number]
  readonly words: PhiloxWords
}

const ONES = 0xffff_ffff

/** The known answers of Random123 (`kat_vectors`, philox4x32 with 10 rounds). */
export const PHILOX_ANSWERS: readonly PhiloxAnswer[] = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [ONES, ONES, ONES, ONES],
    key: [ONES, ONES],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
]

/** What a GPU computes for the known answers, four words each. */
export async function philoxOnGpu(device: GPUDevice): Promise<readonly (readonly number[])[]> {
  const module = device.createShaderModule({ code: PHILOX_WGSL + ENTRY_WGSL })
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module, entryPoint: 'main' },
  })
  const questions = new Uint32Array(8 * PHILOX_ANSWERS.length)
  for (const [index, { counter, key }] of PHILOX_ANSWERS.entries()) {
    questions.set([...counter, ...key], 8 * index)
  }
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage
  const size = questions.byteLength
  const words = device.createBuffer({ size, usage: STORAGE | COPY_DST | COPY_SRC })
  const readable = device.createBuffer({ size, usage: MAP_READ | COPY_DST })
  device.queue.writeBuffer(words, 0, questions)
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  const layout = pipeline.getBindGroupLayout(0)
  const entries = [{ binding: 0, resource: { buffer: words } }]
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }))
  pass.dispatchWorkgroups(PHILOX_ANSWERS.length)
  pass.end()
  encoder.copyBufferToBuffer(words, 0, readable, 0, size)
  device.queue.submit([encoder.finish()])
  await readable.mapAsync(GPUMapMode.READ)
  const answers = [...new Uint32Array(readable.getMappedRange())]
  return PHILOX_ANSWERS.map((_, index) => answers.slice(8 * index, 8 * index + 4))
}

const ENTRY_WGSL = /* wgsl */ `
struct Question { counter: vec4u, key: vec2u }
@group(0) @binding(0) var<storage, read_write> questions: array<Question>;

@compute @workgroup_size(1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  questions[id.x].counter = philox(questions[id.x].counter, questions[id.x].key);
}
`
