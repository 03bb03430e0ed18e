import { type Ingest, openRpc, watchRules } from '@foggara/ingest'

import type { Log } from '../log/log-entry.ts'
import type { OpenChain } from './open-chain.ts'
import type { OpenDatabase } from './open-database.ts'
import type { Surroundings } from './surroundings.ts'

/** Runs an index and checks meanwhile, again and again, that its rows add up. */
export async function runWithRules(
  ingest: Ingest,
  database: OpenDatabase,
  chain: OpenChain,
  surroundings: Surroundings,
  log: Log,
): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([surroundings.signal, ending.signal])
  const watching = watchRules({
    client: database.client,
    deployment: chain.deployment,
    rpc: openRpc({ url: chain.rpcUrl, ...surroundings, signal }),
    surroundings: { ...surroundings, signal },
    log: (line) => log(`rules: ${line}`),
  })
  // A fault in checking is said, and keeps nothing else from going on.
  watching.catch((error: unknown) => log(`rules: UNEXPECTED ${String(error)}`))
  try {
    await ingest.run()
  } finally {
    ending.abort()
  }
}
