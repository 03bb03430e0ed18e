import type { SubgraphFailure } from '@foggara/ingest'
import { bytesToHex } from 'viem'

import type { Context } from '../command.ts'
import { rate } from '../engine/run-progress.ts'
import { count } from './count.ts'
import type { PoiRequest } from './poi-request.ts'
import { type ProvenBlock, type RunTotals, type SubgraphRun, handlerRate } from './subgraph-run.ts'

/** Failures beyond these are only counted. */
const SHOWN_FAILURES_MAX = 10

/** Prints a block of a subgraph as a line of JSON. */
export function printBlock({ folder }: SubgraphRun, proven: ProvenBlock, context: Context): void {
  context.print(JSON.stringify({ type: 'block', folder, ...proven }))
}

/** Prints how far a subgraph came, and the proof of that block. */
export function printEnd(run: SubgraphRun, request: PoiRequest, context: Context): void {
  const { folder, deployment } = run
  const totals = run.totals()
  const { last, ...counts } = totals
  const indexer = request.indexer === undefined ? undefined : bytesToHex(request.indexer)
  const state = run.state() === 'running' ? 'done' : run.state()
  if (request.asJson) {
    const { block, hash, proof, digest } = last ?? {}
    const proven = { block, hash, proof, digest, deployment, indexer }
    const handlersPerSecond = Math.round(handlerRate(totals))
    const stoppedBy = run.stoppedBy()
    const error =
      stoppedBy === undefined ? {} : { error: { code: stoppedBy.code, message: stoppedBy.message } }
    const end = { ...proven, ...counts, handlersPerSecond, ...error, storesEntities: false }
    context.print(JSON.stringify({ type: 'end', folder, state, ...end }))
    return
  }
  context.print(`${folder}: ${headline(state, totals)}`)
  if (last !== undefined) {
    const { proof, digest } = last
    const shown = { proof, digest, deployment, indexer: request.indexer }
    for (const line of proofLines(shown)) context.print(line)
  }
  const calls = count(totals.handlerCount, 'handler call')
  const waited = `${totals.waitSeconds.toFixed(1)} s of waiting for what they read of contracts`
  context.print(`  ${calls}, ${rate(handlerRate(totals))}/s, and ${waited}`)
  printFailures(totals.failures, context)
  const entities = `${totals.entityCount} entities in ${count(totals.versionCount, 'version')}`
  context.print(`  ${entities} were in memory only: foggara subgraph run stores them`)
}

/** A Proof of Indexing, for whom it is, and the digest behind it. */
export function proofLines(shown: {
  readonly proof: string
  readonly digest: string | undefined
  readonly deployment: string
  readonly indexer: Uint8Array | undefined
}): readonly string[] {
  const { proof, digest, deployment, indexer } = shown
  const whose = indexer === undefined ? '' : `, indexer ${bytesToHex(indexer)}`
  return [
    `  proof of indexing  ${proof} (deployment ${deployment}${whose})`,
    `  running digest     ${digest ?? 'none: no handler ran'}`,
  ]
}

function headline(state: string, { last, failures }: RunTotals): string {
  if (last === undefined) return `${state} before its first block was done`
  const at = `block ${last.block} ${last.hash}`
  if (state === 'failed') return `failed for good at ${at}`
  if (state === 'stopped') return `stopped after ${at}`
  const skipped = failures.length === 0 ? '' : `, with ${count(failures.length, 'failed handler')}`
  return `at ${at}${skipped}`
}

function printFailures(failures: readonly SubgraphFailure[], context: Context): void {
  for (const failure of failures.slice(0, SHOWN_FAILURES_MAX)) {
    const { dataSource, handler, block, logIndex, message } = failure
    const log = logIndex === undefined ? '' : `, log ${logIndex}`
    context.print(`  failed: ${dataSource}, ${handler}, block ${block}${log}: ${oneLine(message)}`)
  }
  const more = failures.length - SHOWN_FAILURES_MAX
  if (more > 0) context.print(`  and ${count(more, 'failure')} more`)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 300)
}
