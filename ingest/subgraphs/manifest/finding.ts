import { FatalError } from '@foggara/schema'

/** Something that keeps a subgraph from running here. */
export type Finding = {
  readonly code:
    | 'SUBGRAPH_MANIFEST_INVALID'
    | 'SUBGRAPH_FILE_MISSING'
    | 'SUBGRAPH_SCHEMA_INVALID'
    | 'SUBGRAPH_ABI_INVALID'
    | 'SUBGRAPH_EVENT_MISSING'
    | 'SUBGRAPH_HANDLER_MISSING'
    | 'SUBGRAPH_WASM_CORRUPT'
    | 'SUBGRAPH_FUNCTION_UNKNOWN'
    | 'SUBGRAPH_FEATURE_REFUSED'
  /** The data source, the template or the file. */
  readonly where: string
  /** What was expected and what was found. */
  readonly message: string
  /** What to do. */
  readonly hint: string
}

/** Collects what keeps a subgraph from running. */
export type Findings = { readonly all: Finding[] }

/** The subgraph cannot run; its first finding gives the code. */
export class SubgraphRefusedError extends FatalError {
  readonly findings: readonly Finding[]

  constructor(first: Finding, findings: readonly Finding[]) {
    const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''
    super(first.code, `${first.where}: ${first.message}${more}`, { hint: first.hint })
    this.findings = findings
  }
}
