import type { ContractName } from '../contracts.ts'
import type { Hex } from '../hex.ts'
import type { Relations } from '../table/relation.ts'

/** What must hold of the stored rows at every block, whatever happens on the chain. */
export type Rule = {
  /** In words of the domain, with hyphens; it never changes. */
  readonly name: string
  /** What must hold, one sentence. */
  readonly sentence: string
  /**
   * SQL of what contradicts it, as texts `subject`, `expected` and `found`; no row where it holds. It is
   * run again and again, so it reads columns and no texts.
   */
  readonly violationsSql: (
    from: Relations,
    contracts: Readonly<Record<ContractName, Hex>>,
  ) => string
}

/** One contradiction. */
export type Violation = {
  /** What it is about: a contract, an account, an epoch. */
  readonly subject: string
  readonly expected: string
  readonly found: string
}

/** SQL of an id or hash as `0x…` text. */
export function hexText(column: string): string {
  return `concat('0x', lower(hex(${column})))`
}
