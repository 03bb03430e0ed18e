import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara devnet`: the local chain alone. */
export const devnetCommand: Command = {
  name: 'devnet',
  summary: 'run only the local chain with its seeded economy',
  description: [
    'Deploys the reference contracts, plays the history of a seeded economy (assets, licences, sales, disputes, votes, signed receipts) and goes on with new activity. Prints one JSON line with rpcUrl and deployment when it is ready. The same seed gives the same chain.',
  ],
  positionals: [],
  options: {
    port: { type: 'string', placeholder: 'PORT', description: 'where it listens (default 8545)' },
    host: { type: 'string', placeholder: 'HOST', description: 'default 127.0.0.1' },
    'receipts-url': {
      type: 'string',
      placeholder: 'URL',
      description: 'where receipts go whose digests alone are anchored',
    },
    ...configOptions(['dataDirectory', 'devnetSeed', 'log']),
  },
  examples: [
    { command: 'foggara devnet --seed other', meaning: 'another economy, block by block' },
  ],
  run: async ({ options, context }) => {
    const { runDevnet } = await import('../service/run-devnet.ts')
    return runDevnet(options, context)
  },
}
