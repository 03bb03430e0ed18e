import { DEPLOYMENT_CHAIN } from '@foggara/database'
import { type EventSource, FatalError, VIEWS, type View, sourceTables } from '@foggara/schema'

import type { SourceSettings } from '../scan/index-sources.ts'
import { openSourceMatcher } from '../scan/source-matcher.ts'
import { joinedViews } from './chain-views.ts'

/** A chain whose events are indexed, in a database of its own. */
export type ChainPlan = {
  /** Names its database `chain_NAME`: lower-case letters, digits and `_`. */
  readonly name: string
  readonly chainId: number
  readonly rpcUrls: readonly string[]
  readonly startBlock: number
  readonly sources: readonly EventSource[]
  /** Names of the adapters that the views come from. */
  readonly adapters: readonly string[]
  readonly views: readonly View[]
  readonly settings?: Partial<SourceSettings>
}

/**
 * Finds what would keep a plan from being indexed, whatever the chain answers.
 *
 * @throws {ChainNameError | ChainTableRepeatedError | ViewsDifferError | SourceInvalidError | SourcesOverlapError | EventUnsupportedError}
 */
export function checkChainPlan(plan: ChainPlan): void {
  databaseOf(plan)
  openSourceMatcher(plan.sources)
  const taken = new Set([
    'block',
    'log',
    'commits',
    'settlement',
    'status',
    'source_part',
    'source_coverage',
    ...VIEWS.map(({ name }) => name),
    ...joinedViews(plan.views).map(({ name }) => name),
  ])
  for (const source of plan.sources) {
    for (const name of [
      ...sourceTables(source).map(({ view }) => view),
      `${source.name}_undecoded`,
    ]) {
      if (taken.has(name)) throw new ChainTableRepeatedError(plan.name, source.name, name)
      taken.add(name)
    }
  }
}

/** The name of a chain's database. */
export function databaseOf({ name }: { readonly name: string }): string {
  if (!/^[a-z][a-z0-9_]{0,40}$/u.test(name) || name === DEPLOYMENT_CHAIN) {
    throw new ChainNameError(name)
  }
  return `chain_${name}`
}

/** A chain's name cannot be that of a database. */
export class ChainNameError extends FatalError {
  constructor(name: string) {
    const shown = JSON.stringify(name.slice(0, 60))
    super(
      'CHAIN_NAME_MALFORMED',
      `expected up to 41 lower-case letters, digits and _, and not ${DEPLOYMENT_CHAIN}, found ${shown}`,
    )
  }
}

/** Two tables or views of a chain would have one name. */
export class ChainTableRepeatedError extends FatalError {
  constructor(chain: string, source: string, name: string) {
    super(
      'CHAIN_TABLE_REPEATED',
      `chain ${chain}, source ${source}: expected a view of its own, found ${name} twice`,
      { hint: 'Give the source another name.' },
    )
  }
}
