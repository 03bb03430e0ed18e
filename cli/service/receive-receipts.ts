import { type ReceiptIntake, parseStreamAddress, receiveStream } from '@foggara/ingest'

import type { Config } from '../config.ts'
import type { Surroundings } from './surroundings.ts'

/** What a stream of receipts is received with. */
type Receiving = {
  readonly config: Config
  readonly intake: ReceiptIntake
  readonly surroundings: Surroundings
  readonly log: (line: string) => void
}

/** Refuses a stream that cannot be read before anything is started. */
export function checkReceiptStream({ receiptStream }: Config): void {
  if (receiptStream !== undefined) parseStreamAddress(receiptStream)
}

/** Receives receipts from the configured stream until the end, if there is one. */
export async function receiveReceipts(receiving: Receiving): Promise<void> {
  const { config, intake, surroundings, log } = receiving
  if (config.receiptStream === undefined) return
  const address = parseStreamAddress(config.receiptStream)
  await receiveStream({ address, intake, log, ...surroundings })
}
