import type { WasmMemory } from './wasm-memory.ts'

/** Where the block lies; `cpu/kernel/control.ts` has the same numbers. */
const CONTROL = 1024

/** The words of the block, in bytes from its beginning. */
const WORDS = {
  threadCount: 0,
  isWeighted: 8,
  isPersonalised: 16,
  nodeCount: 24,
  rowCount: 32,
  restCount: 40,
  restScore: 48,
  pullRowCount: 56,
  pullEdgeCount: 64,
  pullOffsetsAt: 72,
  pullSourcesAt: 80,
  pullMantissasAt: 88,
  firstRow: 96,
  pushSourceCount: 104,
  pushEdgeCount: 112,
  pushOffsetsAt: 120,
  pushRowsAt: 128,
  pushMantissasAt: 136,
  firstPushed: 144,
  hotRowCount: 152,
  pushedAt: 160,
  sentAt: 168,
  incomingAt: 176,
  scoresAt: 184,
  passThroughAt: 192,
  outDegreesAt: 200,
  shiftsAt: 208,
  teleportAt: 216,
  slotsAt: 224,
  iterationCountMax: 232,
  stopsByDelta: 240,
  deltaMax: 248,
  iterationCount: 256,
  delta: 264,
  chunkEdgeCount: 272,
  chunkRowCount: 280,
  coldRowsAt: 288,
  coldSourcesAt: 296,
  coldMantissasAt: 304,
  coldPartsAt: 312,
  flowNodeCount: 320,
  stepCountMax: 328,
  stepCount: 336,
  isMoving: 344,
  hasOverflowed: 352,
  inOffsetsAt: 360,
  sourcesAt: 368,
  fingersAt: 376,
  passFingersAt: 384,
  allFingersAt: 392,
  inFlightAt: 400,
  perFingerAt: 408,
  keptAt: 416,
  edgeTotalsAt: 424,
  coldPartCount: 432,
} as const

export type ControlWord = keyof typeof WORDS
export type ControlWords = Partial<Readonly<Record<ControlWord, number | bigint | boolean>>>

const EDGE_CHUNKS = CONTROL + 640
const ROW_CHUNKS = CONTROL + 768
const PARTIALS = CONTROL + 896
const PARTIAL_BYTES = 128

/** Writes words for the kernels; none of them may run meanwhile. */
export function writeControl(memory: WasmMemory, words: ControlWords): void {
  for (const [name, value] of Object.entries(words)) {
    memory.longs(CONTROL + WORDS[name as ControlWord], 1)[0] = BigInt(value)
  }
}

/** Reads a word that the kernels may have written. */
export function readControl(memory: WasmMemory, word: ControlWord): bigint {
  return memory.longs(CONTROL + WORDS[word], 1)[0] ?? 0n
}

/** Forgets which chunks of edges and rows are taken. */
export function resetChunks(memory: WasmMemory): void {
  memory.words(EDGE_CHUNKS, 1)[0] = 0
  memory.words(ROW_CHUNKS, 1)[0] = 0
}

/** Forgets what the threads have summed up. */
export function resetPartials(memory: WasmMemory, threadCount: number): void {
  memory.bytes(PARTIALS, threadCount * PARTIAL_BYTES).fill(0)
}

/** What the threads have summed up together: what arrived, and the step. */
export function readPartials(
  memory: WasmMemory,
  threadCount: number,
): { arrived: bigint; step: bigint } {
  const partials = memory.longs(PARTIALS, (threadCount * PARTIAL_BYTES) / 8)
  let arrived = 0n
  let step = 0n
  for (let thread = 0; thread < threadCount; thread++) {
    arrived += partials[thread * 16] ?? 0n
    step += partials[thread * 16 + 1] ?? 0n
  }
  return { arrived, step }
}
