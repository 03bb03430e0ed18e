import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara doctor`: what would keep this machine from running the system. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check this machine and the settings, and say what to do',
  description: [
    'Checks this machine (Node, memory, disk, port, engine, what the tests need), the database (parts, version, durability, memory, disk, clock), the contracts, and what each RPC provider can do: chain id, latency, tags, logs of how many blocks, receipts, history and states, batches, and how its newest block fits this clock.',
    'Each line is ok, warn or fail, says what was expected and found, and what to do. It asks a provider some thirty small calls.',
  ],
  positionals: [],
  options: {
    json: { type: 'boolean', description: 'a JSON object per finding' },
    ...configOptions([
      'port',
      'host',
      'dataDirectory',
      'clickhouseUrl',
      'rpcUrl',
      'otherRpcUrls',
      'deployment',
      'engine',
    ]),
  },
  examples: [
    { command: 'foggara doctor', meaning: 'check before the first start' },
    {
      command: 'foggara doctor --rpc-url https://rpc.example --json',
      meaning: 'what a provider can do, for a program',
    },
  ],
  exitCodes: { 0: 'nothing fails', 1: 'something fails' },
  run: async ({ options, context }) => {
    const { runDoctor } = await import('../doctor/run-doctor.ts')
    return runDoctor(options, context)
  },
}
