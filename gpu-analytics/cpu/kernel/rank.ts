// AssemblyScript. The rounds of `rank`: scatter, pull and push along all edges, wait, apply, wait. Threads take
// chunks until none is left, so it does not matter how fast each of them runs. All sums are of
// integers within 2^62, so it does not matter either who adds what when.

import { apply, send } from './apply'
import {
  addArrived,
  arrivedOfAll,
  chunkEdgeCount,
  chunkRowCount,
  coldPartCount,
  deltaMax,
  isPersonalised,
  isWeighted,
  iterationCount,
  iterationCountMax,
  nodeCount,
  pullEdgeCount,
  pushEdgeCount,
  resetEdgeChunks,
  resetRowChunks,
  restCount,
  restScore,
  rowCount,
  setArrived,
  setDelta,
  setIterationCount,
  setRestScore,
  setStep,
  stepOfAll,
  stopsByDelta,
  takeEdgeChunk,
  takeRowChunk,
  waitForAll,
} from './control'
import { report } from './env'
import { pullEqual, pullWeighted } from './pull'
import { pushEqual, pushWeighted } from './push'
import { scatterCold } from './scatter'

const MASS: u64 = 1 << 62

/** Divides what all rows send at the start. */
export function begin(): void {
  send(0, rowCount())
}

/**
 * Runs at most `countMax` further iterations; returns 1 when the run has ended, 2 when more arrived
 * than there is: the mantissas are not those of one whole per source.
 */
export function iterate(thread: u32, countMax: u32): u32 {
  let count = iterationCount()
  for (let turn: u32 = 0; turn < countMax; turn++) {
    if (count >= iterationCountMax()) return 1
    setArrived(thread, followEdges(thread))
    waitForAll()
    const arrived = arrivedOfAll()
    if (arrived > MASS) return 2
    const teleported = MASS - arrived
    if (thread == 0) resetEdgeChunks()
    let step = applyChunks(teleported)
    if (thread == 0) step += applyRest(teleported)
    setStep(thread, step)
    waitForAll()
    const delta = stepOfAll()
    count++
    if (thread == 0) {
      resetRowChunks()
      setDelta(delta)
      setIterationCount(count)
      report(count)
    }
    if (stopsByDelta() && delta <= deltaMax()) return 1
  }
  return count >= iterationCountMax() ? 1 : 0
}

/** Pulls along the edges of the slab in memory; the host calls this for one slab after the other. */
export function pullSlab(thread: u32): void {
  addArrived(thread, followEdges(thread))
}

/** Applies what arrived from all slabs. */
export function applySlabs(thread: u32): void {
  const teleported = MASS - arrivedOfAll()
  setStep(thread, applyChunks(teleported))
}

function followEdges(thread: u32): u64 {
  const chunk = chunkEdgeCount()
  const pullEdges = pullEdgeCount()
  const pushEdges = pushEdgeCount()
  const pullChunks = chunksOf(pullEdges, chunk)
  const pushChunks = chunksOf(pushEdges, chunk)
  const weighted = isWeighted()
  let total: u64 = 0
  if (coldPartCount() > 0) {
    total = scatterCold(thread)
    waitForAll()
  }
  while (true) {
    let index = takeEdgeChunk()
    if (index < pullChunks) {
      const first = index * chunk
      const stop = pullEdges - first < chunk ? pullEdges : first + chunk
      total += weighted ? pullWeighted(first, stop) : pullEqual(first, stop)
      continue
    }
    index -= pullChunks
    if (index >= pushChunks) return total
    const first = index * chunk
    const stop = pushEdges - first < chunk ? pushEdges : first + chunk
    total += weighted ? pushWeighted(thread, first, stop) : pushEqual(thread, first, stop)
  }
}

function applyChunks(teleported: u64): u64 {
  const chunk = chunkRowCount()
  const rows = rowCount()
  const chunks = chunksOf(rows, chunk)
  let step: u64 = 0
  while (true) {
    const index = takeRowChunk()
    if (index >= chunks) return step
    const first = index * chunk
    step += apply(first, rows - first < chunk ? rows : first + chunk, teleported)
  }
}

/** The nodes that are not in memory get the same share as others, or nothing. */
function applyRest(teleported: u64): u64 {
  const former = restScore()
  const score = isPersonalised() ? 0 : teleported / nodeCount()
  setRestScore(score)
  return restCount() * (score > former ? score - former : former - score)
}

function chunksOf(count: u32, chunk: u32): u32 {
  return count == 0 ? 0 : (count - 1) / chunk + 1
}
