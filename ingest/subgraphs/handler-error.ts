import { FoggaraError } from '@foggara/schema'

import { failureMessage } from './failure.ts'

/** Where a handler was when it failed. */
export type HandlerPlace = {
  readonly dataSource: string
  readonly handler: string
  readonly block: number
  /** Undefined for handlers of blocks and files. */
  readonly logIndex: number | undefined
  /** What the file is called whose handler this is. */
  readonly file?: string
}

/**
 * A handler could not run to its end for a reason that is not the chain's: a limit, the store, or an
 * RPC that failed. The block was not stored and may be tried again.
 */
export class HandlerError extends FoggaraError {
  override readonly retryable = true
  readonly place: HandlerPlace

  constructor(place: HandlerPlace, cause: unknown) {
    const code = cause instanceof FoggaraError ? cause.code : 'SUBGRAPH_HANDLER_STOPPED'
    const log = place.logIndex === undefined ? '' : `, log ${place.logIndex}`
    const file = place.file === undefined ? '' : `, file ${place.file}`
    const where = `${place.dataSource}, ${place.handler}, block ${place.block}${log}${file}`
    const hint = cause instanceof FoggaraError ? cause.hint : undefined
    super(code, `${where}: ${failureMessage(cause)}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    })
    this.place = place
  }
}
