import type { ReceiptIntake, Surroundings } from '@foggara/ingest'
import { FoggaraError } from '@foggara/schema'

const VISIT_MS = 2_000

/** Judges receipts in quarantine again, every two seconds until the end. */
export async function visitQuarantine(
  intake: Pick<ReceiptIntake, 'revisit'>,
  { sleep, signal }: Surroundings,
  log: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(VISIT_MS)
    if (signal.aborted) return
    try {
      await intake.revisit()
    } catch (error) {
      if (!(error instanceof FoggaraError)) throw error
      if (!error.retryable) log(`receipts: ${error.code} ${error.message}`)
    }
  }
}
