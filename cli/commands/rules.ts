import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara rules`: what must hold of the stored rows, checked now. */
export const rulesCommand: Command = {
  name: 'rules',
  summary: 'check that the stored rows add up: sequences, balances, vaults, epochs, claims',
  description: [
    'Checks every rule at the newest cut: events numbered without a gap, accumulators and archive equal to the tables, stakes within balances, payments equal to what vaults and epochs received, parts that add up to their epoch, claims within leaves, balances equal to the supply that the token states. A running service checks them again and again and writes what contradicts one to rule_violation.',
    'It only reads, so it also works while the service runs.',
  ],
  positionals: [],
  options: {
    json: { type: 'boolean', description: 'print one JSON object' },
    ...configOptions(['dataDirectory', 'clickhouseUrl', 'rpcUrl', 'otherRpcUrls', 'deployment']),
  },
  examples: [{ command: 'foggara rules', meaning: 'one line for each rule' }],
  exitCodes: { 0: 'no rule is broken', 1: 'a rule is broken, or nothing can be read' },
  run: async ({ options, context }) => {
    const { runRules } = await import('../rules/run-rules.ts')
    return runRules(options, context)
  },
}
