import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'
import { LIVE_OPTIONS } from '../live/live-options.ts'

/** `foggara start`: the whole system in one command. */
export const startCommand: Command = {
  name: 'start',
  summary: 'run everything: database, chain, index, scores, API and dashboards',
  description: [
    'Starts an embedded ClickHouse and, unless a chain is configured, a local chain with a seeded economy, each in a process of its own. Follows the chain into the database, takes signed receipts, closes epochs at final blocks, proposes and activates their roots, and serves GraphQL and the dashboards.',
    'Everything is kept under the data directory. Ending it in any way, kill -9 included, loses nothing: the next start goes on from where it was. A child that dies is started again.',
  ],
  positionals: [],
  options: {
    ...LIVE_OPTIONS,
    ...configOptions([
      'port',
      'host',
      'dataDirectory',
      'clickhouseUrl',
      'rpcUrl',
      'otherRpcUrls',
      'proof',
      'deployment',
      'devnetSeed',
      'proposeRoots',
      'activateRoots',
      'subgraphs',
      'chains',
      'engine',
      'engineThreads',
      'receiptStream',
      'receiptRate',
      'log',
      'metrics',
      'memory',
    ]),
  },
  examples: [
    {
      command: 'foggara start',
      meaning: 'a local economy with dashboards on http://127.0.0.1:4000',
    },
    {
      command: 'foggara start --port 4100 --data-dir /tmp/second',
      meaning: 'a second one beside it',
    },
    {
      command: 'foggara start --rpc-url https://rpc.example --deployment deployment.json',
      meaning: 'follow a real deployment instead of the local chain',
    },
    {
      command: 'foggara start --chains chains.json',
      meaning: 'index other chains and contracts beside it (docs/adapters.md)',
    },
  ],
  run: async ({ options, context }) => {
    const { start } = await import('../service/start.ts')
    return start(options, context)
  },
}
