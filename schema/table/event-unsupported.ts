import { FatalError } from '../errors.ts'

/** An ABI event has a parameter for which there is no column type. */
export class EventUnsupportedError extends FatalError {
  constructor(event: string, parameter: string) {
    super('EVENT_UNSUPPORTED', `event ${event}: no column type for parameter ${parameter}`)
  }
}
