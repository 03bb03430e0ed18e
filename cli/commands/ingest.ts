import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'
import { LIVE_OPTIONS } from '../live/live-options.ts'

/** `foggara ingest`: the follower alone. */
export const ingestCommand: Command = {
  name: 'ingest',
  summary: 'follow a chain into a database, nothing else',
  description: [
    'Backfills and follows the configured chain into ClickHouse through the commit log, and the chains of --chains beside it, each into a database of its own; with --chains alone only those. One process may write a database at a time; a second one fences off the first.',
  ],
  positionals: [],
  options: {
    ...LIVE_OPTIONS,
    ...configOptions([
      'host',
      'dataDirectory',
      'clickhouseUrl',
      'rpcUrl',
      'otherRpcUrls',
      'proof',
      'deployment',
      'chains',
      'log',
      'metrics',
      'memory',
    ]),
  },
  examples: [
    {
      command:
        'FOGGARA_CLICKHOUSE_URL=http://127.0.0.1:8123 foggara ingest --rpc-url http://127.0.0.1:8545 --deployment deployment.json',
      meaning: 'index into a ClickHouse server',
    },
    {
      command: 'foggara ingest --chains chains.json',
      meaning: 'index events of other contracts and chains only',
    },
  ],
  run: async ({ options, context }) => {
    const { runIngest } = await import('../service/run-ingest.ts')
    return runIngest(options, context)
  },
}
