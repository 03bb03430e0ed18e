import type { RankResult } from '@foggara/gpu-analytics'
import type { Hex } from '@foggara/schema'

import type { Context } from '../command.ts'
import { rate } from '../engine/run-progress.ts'
import type { NodeFacts } from './node-files.ts'
import type { NamedScore } from './write-scores.ts'

/** What a scored graph shows. */
export type GraphScores = {
  readonly facts: NodeFacts
  readonly edgeCount: number
  readonly result: RankResult
  /** What the ranking took. */
  readonly seconds: number
  readonly digest: Hex
  readonly greatest: readonly NamedScore[]
  readonly written: { readonly file: string; readonly sha256: Hex } | undefined
}

/** Prints the greatest scores, what computed them and the digest, or all of it as one object. */
export function printGraphScores(scores: GraphScores, asJson: boolean, context: Context): void {
  const { facts, edgeCount, result, seconds, digest, greatest, written } = scores
  const { iterationCount, dust, delta, execution } = result
  if (asJson) {
    context.print(
      JSON.stringify({
        format: 'foggara-graph-scores-1',
        origin: facts.origin,
        nodeCount: facts.nodeCount,
        edgeCount,
        iterationCount,
        dust: dust.toString(),
        delta: delta.toString(),
        engine: execution.engine,
        notes: execution.notes,
        seconds,
        rankDigest: digest,
        ...(written === undefined ? {} : { out: written }),
        greatest: greatest.map(({ name, score }) => ({ id: name, score: score.toString() })),
      }),
    )
    return
  }
  const width = Math.min(68, Math.max(4, ...greatest.map(({ name }) => name.length)))
  context.print(`${'node'.padEnd(width)}  ${'score'.padStart(19)}`)
  for (const { name, score } of greatest) {
    const shown = name.length > width ? `${name.slice(0, width - 1)}…` : name.padEnd(width)
    context.print(`${shown}  ${score.toString().padStart(19)}`)
  }
  context.print('')
  context.print(facts.origin)
  context.print(`${facts.nodeCount} nodes, ${edgeCount} edges, ${iterationCount} iterations`)
  const perSecond = rate((edgeCount * iterationCount) / Math.max(0.001, seconds))
  context.print(`engine ${execution.engine}, ${seconds.toFixed(1)} s, ${perSecond} edges/s`)
  for (const note of execution.notes) context.print(`  ${note}`)
  if (written !== undefined) context.print(`${written.file} sha256 ${written.sha256}`)
  context.print(`rank ${digest}`)
}
