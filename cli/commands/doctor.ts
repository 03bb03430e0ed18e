import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara doctor`: what would keep this machine from running the system. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check this machine and the settings, and say what to do',
  description: [
    'Checks the Node version, memory and disk space, the data directory, the port, the engine, the database and its settings, the chain (id, finalized blocks, accumulators of the contracts) and what the tests need. Each line is ok, warn or fail; a fail says what to do.',
  ],
  positionals: [],
  options: configOptions([
    'port',
    'host',
    'dataDirectory',
    'clickhouseUrl',
    'rpcUrl',
    'otherRpcUrls',
    'deployment',
    'engine',
  ]),
  examples: [{ command: 'foggara doctor', meaning: 'check before the first start' }],
  exitCodes: { 0: 'nothing fails', 1: 'something fails' },
  run: async ({ options, context }) => {
    const { runDoctor } = await import('../doctor/run-doctor.ts')
    return runDoctor(options, context)
  },
}
