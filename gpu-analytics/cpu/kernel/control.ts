// AssemblyScript. What all threads of a run share besides the arrays: one block of 64-bit words at a
// fixed address, laid out by the host (cpu/control-block.ts, the same numbers). Every word called
// `…At` is the byte address of an array.

/** Where the block lies; below it are the few globals of the module. */
export const CONTROL: usize = 1024

/** Threads that take part; each passes its own number below it to every export. */
export function threadCount(): u32 {
  return load<u32>(CONTROL, 0)
}
/** 1 when edges have mantissas. */
export function isWeighted(): bool {
  return load<u32>(CONTROL, 8) != 0
}
/** 1 when `teleportAt` holds a vector; else every node gets the same. */
export function isPersonalised(): bool {
  return load<u32>(CONTROL, 16) != 0
}
/** All nodes of the graph, of which `rowCount` are in memory. */
export function nodeCount(): u64 {
  return load<u64>(CONTROL, 24)
}
export function rowCount(): u32 {
  return load<u32>(CONTROL, 32)
}
/** Nodes that are not in memory, all with the same score. */
export function restCount(): u64 {
  return load<u64>(CONTROL, 40)
}
export function restScore(): u64 {
  return load<u64>(CONTROL, 48)
}
export function setRestScore(score: u64): void {
  store<u64>(CONTROL, score, 48)
}

/** Edges to pull: those into row `firstRow + i` are from `pullOffsets[i]` up to the next. */
export function pullRowCount(): u32 {
  return load<u32>(CONTROL, 56)
}
export function pullEdgeCount(): u32 {
  return load<u32>(CONTROL, 64)
}
export function pullOffsetsAt(): usize {
  return load<u32>(CONTROL, 72)
}
export function pullSourcesAt(): usize {
  return load<u32>(CONTROL, 80)
}
export function pullMantissasAt(): usize {
  return load<u32>(CONTROL, 88)
}
export function firstRow(): u32 {
  return load<u32>(CONTROL, 96)
}

/** Edges to push: those out of source `firstPushed + i`, to rows below `hotRowCount`. */
export function pushSourceCount(): u32 {
  return load<u32>(CONTROL, 104)
}
export function pushEdgeCount(): u32 {
  return load<u32>(CONTROL, 112)
}
export function pushOffsetsAt(): usize {
  return load<u32>(CONTROL, 120)
}
export function pushRowsAt(): usize {
  return load<u32>(CONTROL, 128)
}
export function pushMantissasAt(): usize {
  return load<u32>(CONTROL, 136)
}
export function firstPushed(): u32 {
  return load<u32>(CONTROL, 144)
}
export function hotRowCount(): u32 {
  return load<u32>(CONTROL, 152)
}
/** One array of `hotRowCount` sums per thread, one after the other; none for a single thread. */
export function pushedAt(): usize {
  return load<u32>(CONTROL, 160)
}

/** Edges of neither kind, in `coldPartCount` parts: `coldPartsAt` has where each begins. */
export function coldRowsAt(): usize {
  return load<u32>(CONTROL, 288)
}
export function coldSourcesAt(): usize {
  return load<u32>(CONTROL, 296)
}
export function coldMantissasAt(): usize {
  return load<u32>(CONTROL, 304)
}
export function coldPartsAt(): usize {
  return load<u32>(CONTROL, 312)
}
export function coldPartCount(): u32 {
  return load<u32>(CONTROL, 432)
}

/** Per source slot, what it sends along each edge, or per unit of mantissa. */
export function sentAt(): usize {
  return load<u32>(CONTROL, 168)
}
/** Per row: what arrived, its score, and what it takes to send. */
export function incomingAt(): usize {
  return load<u32>(CONTROL, 176)
}
export function scoresAt(): usize {
  return load<u32>(CONTROL, 184)
}
export function passThroughAt(): usize {
  return load<u32>(CONTROL, 192)
}
export function outDegreesAt(): usize {
  return load<u32>(CONTROL, 200)
}
export function shiftsAt(): usize {
  return load<u32>(CONTROL, 208)
}
export function teleportAt(): usize {
  return load<u32>(CONTROL, 216)
}
/** Per row its source slot; 0 when they are the same numbers. */
export function slotsAt(): usize {
  return load<u32>(CONTROL, 224)
}

export function iterationCountMax(): u32 {
  return load<u32>(CONTROL, 232)
}
/** 1 when the run stops at `deltaMax` or below. */
export function stopsByDelta(): bool {
  return load<u32>(CONTROL, 240) != 0
}
export function deltaMax(): u64 {
  return load<u64>(CONTROL, 248)
}
export function iterationCount(): u32 {
  return load<u32>(CONTROL, 256)
}
export function setIterationCount(count: u32): void {
  store<u32>(CONTROL, count, 256)
}
export function delta(): u64 {
  return load<u64>(CONTROL, 264)
}
export function setDelta(value: u64): void {
  store<u64>(CONTROL, value, 264)
}
/** Edges and rows that a thread takes at a time. */
export function chunkEdgeCount(): u32 {
  return load<u32>(CONTROL, 272)
}
export function chunkRowCount(): u32 {
  return load<u32>(CONTROL, 280)
}

// The words of a flow.
export function flowNodeCount(): u32 {
  return load<u32>(CONTROL, 320)
}
export function stepCountMax(): u32 {
  return load<u32>(CONTROL, 328)
}
export function stepCount(): u32 {
  return load<u32>(CONTROL, 336)
}
export function setStepCount(count: u32): void {
  store<u32>(CONTROL, count, 336)
}
/** 1 while anything is in flight. */
export function isMoving(): bool {
  return load<u32>(CONTROL, 344) != 0
}
export function setMoving(moving: bool): void {
  store<u32>(CONTROL, moving ? 1 : 0, 344)
}
/** 1 once the total of an edge has passed 128 bits. */
export function setOverflowed(): void {
  atomic.store<u32>(CONTROL, 1, 352)
}
export function inOffsetsAt(): usize {
  return load<u32>(CONTROL, 360)
}
export function sourcesAt(): usize {
  return load<u32>(CONTROL, 368)
}
/** Per edge 32 bits. */
export function fingersAt(): usize {
  return load<u32>(CONTROL, 376)
}
/** Per node 32 bits: its fingers that pass on, and all of them. */
export function passFingersAt(): usize {
  return load<u32>(CONTROL, 384)
}
export function allFingersAt(): usize {
  return load<u32>(CONTROL, 392)
}
/** Per node 128 bits. */
export function inFlightAt(): usize {
  return load<u32>(CONTROL, 400)
}
export function perFingerAt(): usize {
  return load<u32>(CONTROL, 408)
}
export function keptAt(): usize {
  return load<u32>(CONTROL, 416)
}
/** Per edge 128 bits. */
export function edgeTotalsAt(): usize {
  return load<u32>(CONTROL, 424)
}

// Words that threads write while others read lie on cache lines of their own, behind the block.
const BARRIER: usize = CONTROL + 512
const EDGE_CHUNKS: usize = CONTROL + 640
const ROW_CHUNKS: usize = CONTROL + 768
const PARTIALS: usize = CONTROL + 896

/** The next chunk of edges that nobody has taken. */
export function takeEdgeChunk(): u32 {
  return atomic.add<u32>(EDGE_CHUNKS, 1)
}
export function takeRowChunk(): u32 {
  return atomic.add<u32>(ROW_CHUNKS, 1)
}
export function resetEdgeChunks(): void {
  atomic.store<u32>(EDGE_CHUNKS, 0)
}
export function resetRowChunks(): void {
  atomic.store<u32>(ROW_CHUNKS, 0)
}

function partial(thread: u32): usize {
  return PARTIALS + ((<usize>thread) << 7)
}
export function setArrived(thread: u32, sum: u64): void {
  store<u64>(partial(thread), sum, 0)
}
export function addArrived(thread: u32, sum: u64): void {
  store<u64>(partial(thread), load<u64>(partial(thread), 0) + sum, 0)
}
export function setStep(thread: u32, sum: u64): void {
  store<u64>(partial(thread), sum, 8)
}

/** What arrived everywhere in this iteration, as found by all threads. */
export function arrivedOfAll(): u64 {
  let sum: u64 = 0
  for (let thread: u32 = 0; thread < threadCount(); thread++) sum += load<u64>(partial(thread), 0)
  return sum
}

/** The L1 step of this iteration, as found by all threads. */
export function stepOfAll(): u64 {
  let sum: u64 = 0
  for (let thread: u32 = 0; thread < threadCount(); thread++) sum += load<u64>(partial(thread), 8)
  return sum
}

/** Turns of looking before a thread sleeps: about as long as a chunk takes. */
const SPIN_COUNT: u32 = 20000

/**
 * Waits until all threads are here. What they stored before is seen by all after it. Threads are
 * ended by the host when one is lost, so nobody waits for ever.
 */
export function waitForAll(): void {
  const count = threadCount()
  if (count == 1) return
  const generation = atomic.load<u32>(BARRIER, 4)
  if (atomic.add<u32>(BARRIER, 1, 0) == count - 1) {
    atomic.store<u32>(BARRIER, 0, 0)
    atomic.store<u32>(BARRIER, generation + 1, 4)
    atomic.notify(BARRIER + 4, -1)
    return
  }
  for (let turn: u32 = 0; turn < SPIN_COUNT; turn++) {
    if (atomic.load<u32>(BARRIER, 4) != generation) return
  }
  while (atomic.load<u32>(BARRIER, 4) == generation) atomic.wait<i32>(BARRIER + 4, generation, -1)
}
