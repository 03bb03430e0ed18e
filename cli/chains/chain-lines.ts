import type { ChainCut, StoredChain } from '@foggara/database'
import { type ChainCatalogue, UNPROVEN_CLASSES } from '@foggara/schema'

import { duration } from '../service/progress.ts'

/** A chain with what its own database says. */
export type ShownChain = {
  readonly chain: StoredChain
  /** Absent: it has no block, or none so early. */
  readonly cut: ChainCut | undefined
  /** Absent of the deployment's own chain, whose relations are the product's. */
  readonly catalogue: ChainCatalogue | undefined
}

/** A service that says nothing for so long does not run any more. */
const SILENT_MS = 30_000

/** A table of chains, then of each what went wrong and what to query. */
export function chainLines(shown: readonly ShownChain[], nowMs: number): readonly string[] {
  if (shown.length === 0) return []
  const rows = shown.map(({ chain, cut }) => [
    chain.name,
    chain.chainId === undefined ? '–' : String(chain.chainId),
    chain.state,
    blockText(chain.chainHeadBlock),
    blockText(chain.finalizedBlock),
    blockText(chain.indexedBlock),
    cut === undefined ? '–' : String(cut.eventCount),
    cut === undefined ? '–' : String(trustedBlocks(cut)),
  ])
  const heads = ['chain', 'id', 'state', 'head', 'final', 'indexed', 'events', 'trusted blocks']
  return [...table([heads, ...rows]), ...shown.flatMap((each) => ['', ...detailLines(each, nowMs)])]
}

/** The same of one chain, for programs. */
export function chainObject(shown: ShownChain, nowMs: number): object {
  const { chain, catalogue } = shown
  const { saidAtMs, errorCode, errorText, errorHint, ...rest } = chain
  return {
    ...rest,
    isRunning: nowMs - saidAtMs < SILENT_MS && !['stopped', 'ended'].includes(chain.state),
    error: errorCode === '' ? null : { code: errorCode, message: errorText, hint: errorHint },
    ...cutObject(shown),
    events: (catalogue?.events ?? []).map(({ source, event, view }) => ({
      source,
      event,
      view: `${chain.database}.${view}`,
    })),
    relations: (catalogue?.views ?? []).map(({ name }) => `${chain.database}.${name}`),
  }
}

/** At which block a chain is read, for programs. */
export function cutObject({ chain, cut }: ShownChain): object {
  const { name, chainId, database } = chain
  const which = { name, chainId: chainId ?? null, database }
  if (cut === undefined) return { ...which, cut: null }
  const { block, blockHash, blockSeconds } = cut.pin
  return {
    ...which,
    cut: {
      block,
      hash: blockHash,
      timestamp: blockSeconds,
      finality: cut.isFinal ? 'final' : 'latest',
      isLast: cut.isLast,
      eventCount: cut.eventCount,
      trustedBlocks: trustedBlocks(cut),
      coverage: cut.coverage,
    },
  }
}

/** How many blocks nothing shows to be complete. */
function trustedBlocks({ coverage }: ChainCut): number {
  return coverage
    .filter(({ evidence }) => UNPROVEN_CLASSES.includes(evidence))
    .reduce((sum, { blockCount }) => sum + blockCount, 0)
}

function detailLines({ chain, cut, catalogue }: ShownChain, nowMs: number): readonly string[] {
  const { name, database, errorCode, errorText, errorHint, saidAtMs } = chain
  const silentMs = Math.max(0, nowMs - saidAtMs)
  const since = silentMs < SILENT_MS ? '' : `, said ${duration(silentMs / 1000)} ago`
  const finality = cut?.isFinal === true ? 'final' : 'not final yet'
  const more = cut?.isLast === true ? 'a later block is indexed' : 'the newest that is indexed'
  const read =
    cut === undefined
      ? 'no block to read'
      : `read at block ${cut.pin.block} ${cut.pin.blockHash}, ${finality}, ${more}`
  const views = (names: readonly string[]) => names.map((view) => `${database}.${view}`).join(', ')
  return [
    `${name}${since}: ${read}`,
    ...(errorCode === '' ? [] : [`  ${errorCode} ${errorText}`]),
    ...(errorHint === '' ? [] : [`  hint: ${errorHint}`]),
    ...(catalogue === undefined
      ? []
      : [
          `  events     ${views(catalogue.events.map(({ view }) => view))}`,
          ...(catalogue.views.length === 0
            ? []
            : [`  relations  ${views(catalogue.views.map((view) => view.name))}`]),
        ]),
  ]
}

function blockText(block: number): string {
  return block < 0 ? '–' : String(block)
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
