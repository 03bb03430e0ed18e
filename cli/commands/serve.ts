import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara serve`: the API and the dashboards alone. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'serve GraphQL, receipts and dashboards from a database',
  description: [
    'Serves what other processes index and score. Any number of them may run on one database. Receipts are taken only with --receipts, by one process at a time.',
  ],
  positionals: [],
  options: {
    receipts: { type: 'boolean', description: 'take signed receipts at POST /receipts' },
    ...configOptions([
      'port',
      'host',
      'dataDirectory',
      'clickhouseUrl',
      'deployment',
      'receiptStream',
      'receiptRate',
      'log',
      'metrics',
    ]),
  },
  examples: [
    {
      command:
        'FOGGARA_CLICKHOUSE_URL=http://127.0.0.1:8123 foggara serve --deployment deployment.json',
      meaning: 'the dashboards of a ClickHouse server',
    },
  ],
  run: async ({ options, context }) => {
    const { runServe } = await import('../service/run-serve.ts')
    return runServe(options, context)
  },
}
