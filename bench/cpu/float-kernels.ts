import { compileAssembly } from '../../gpu-analytics/build-kernel.ts'

/**
 * What one would write without our guarantees: a float32 pull over compressed sparse rows, compiled
 * by the same compiler with the same options. `pullPairs` is the same with two sums in flight, since
 * a single float sum waits for each addition. `gather` is the machine's limit: one 64-bit word from
 * a random place per edge, and nothing else.
 */
const SOURCE = `
export function pull(rows: u32, offsets: usize, sources: usize, sent: usize, incoming: usize): void {
  let edge = sources
  for (let row: u32 = 0; row < rows; row++) {
    const end = sources + (<usize>load<u32>(offsets + (<usize>row << 2), 4) << 2)
    let sum: f32 = 0
    while (edge < end) {
      sum += load<f32>(sent + (<usize>load<u32>(edge) << 2))
      edge += 4
    }
    store<f32>(incoming + (<usize>row << 2), sum)
  }
}

export function pullPairs(rows: u32, offsets: usize, sources: usize, sent: usize, incoming: usize): void {
  let edge = sources
  for (let row: u32 = 0; row < rows; row++) {
    const end = sources + (<usize>load<u32>(offsets + (<usize>row << 2), 4) << 2)
    let sum: f32 = 0
    let other: f32 = 0
    while (edge + 8 <= end) {
      sum += load<f32>(sent + (<usize>load<u32>(edge) << 2))
      other += load<f32>(sent + (<usize>load<u32>(edge, 4) << 2))
      edge += 8
    }
    if (edge < end) {
      sum += load<f32>(sent + (<usize>load<u32>(edge) << 2))
      edge += 4
    }
    store<f32>(incoming + (<usize>row << 2), sum + other)
  }
}

export function pullWeighted(rows: u32, offsets: usize, sources: usize, weights: usize, sent: usize, incoming: usize): void {
  let edge = sources
  const toWeight = weights - sources
  for (let row: u32 = 0; row < rows; row++) {
    const end = sources + (<usize>load<u32>(offsets + (<usize>row << 2), 4) << 2)
    let sum: f32 = 0
    while (edge < end) {
      sum += load<f32>(sent + (<usize>load<u32>(edge) << 2)) * load<f32>(edge + toWeight)
      edge += 4
    }
    store<f32>(incoming + (<usize>row << 2), sum)
  }
}

export function apply(rows: u32, base: f32, damping: f32, degrees: usize, scores: usize, sent: usize, incoming: usize): f32 {
  let delta: f32 = 0
  for (let row: usize = 0; row < rows; row++) {
    const score = base + damping * load<f32>(incoming + (row << 2))
    delta += abs(score - load<f32>(scores + (row << 2)))
    store<f32>(scores + (row << 2), score)
    store<f32>(sent + (row << 2), score / <f32>load<u32>(degrees + (row << 2)))
  }
  return delta
}

export function gather(count: u32, places: usize, table: usize): u64 {
  let sum: u64 = 0
  let place = places
  const end = places + (<usize>(count & ~3) << 2)
  for (; place < end; place += 16) {
    sum += load<u64>(table + (<usize>load<u32>(place) << 3))
    sum += load<u64>(table + (<usize>load<u32>(place, 4) << 3))
    sum += load<u64>(table + (<usize>load<u32>(place, 8) << 3))
    sum += load<u64>(table + (<usize>load<u32>(place, 12) << 3))
  }
  return sum
}
`

type At = number

export type FloatKernels = {
  pull(rows: number, offsets: At, sources: At, sent: At, incoming: At): void
  pullPairs(rows: number, offsets: At, sources: At, sent: At, incoming: At): void
  pullWeighted(rows: number, ...offsetsSourcesWeightsSentIncoming: [At, At, At, At, At]): void
  apply(
    rows: number,
    base: number,
    damping: number,
    ...degreesScoresSentIncoming: [At, At, At, At]
  ): number
  gather(count: number, places: At, table: At): bigint
}

/** Compiles the kernels over `byteLength` of memory. */
export async function floatKernels(
  byteLength: number,
): Promise<{ kernels: FloatKernels; buffer: ArrayBuffer }> {
  const readFile = (name: string): string | null => (name === 'index.ts' ? SOURCE : null)
  const binary = await compileAssembly(
    readFile,
    '--enable simd --enable threads --importMemory'.split(' '),
  )
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Wasm }
  const memory = new wasm.Memory({ initial: Math.ceil(byteLength / 65_536) + 1 })
  const { instance } = await wasm.instantiate(binary, { env: { memory } })
  return { kernels: instance.exports, buffer: memory.buffer }
}

type Wasm = {
  readonly Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer }
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: FloatKernels } }>
}
