import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara royalties`: what the graph owes against what contracts paid. */
export const royaltiesCommand: Command = {
  name: 'royalties',
  summary: 'compare the royalties that the graph owes with those that contracts paid',
  description: [
    'Reads payments, provenance links, royalties and claims at one block, computes what all revenue up to it owes along the links that stood at each payment, and prints owed, paid and the difference per token, per receiving asset and per account, with the links that owe nothing and why. Every level sums to the same totals, to the last base unit.',
    'The contracts pay relative shares: a vault shares what it takes in, royalties included, with its parents, one level up, when it is paid, claimed or settled. So the graph owes relative shares as well (LRP), and a difference is waiting (in vaults that nobody has settled), relinked (links made or ended between a payment and its settling), rounding, or unexplained. --mode reads the same shares as absolute (LAP) instead; what that changes is the cause policy.',
    'Sales go to the seller and never see a vault: they owe nothing. It only reads, so it also works while the service runs.',
  ],
  positionals: [],
  options: {
    block: { type: 'string', placeholder: 'N', description: 'as of this block (default: newest)' },
    mode: {
      type: 'string',
      placeholder: 'MODE',
      description:
        'read shares as absolute: path (once per path), edge (each link once) or max (each ancestor once, at its best share)',
    },
    token: {
      type: 'string',
      placeholder: '0x…',
      description: 'only this token (default: every token that vaults hold)',
    },
    limit: {
      type: 'string',
      placeholder: 'N',
      description: 'rows of each printed table (default 20)',
    },
    json: { type: 'boolean', description: 'print one JSON object with every row' },
    out: {
      type: 'string',
      placeholder: 'FILE',
      description: 'write every pair of assets as CSV (-: standard output)',
    },
    ...configOptions(['dataDirectory', 'clickhouseUrl']),
  },
  examples: [
    { command: 'foggara royalties', meaning: 'owed, paid and why they differ, as of now' },
    {
      command: 'foggara royalties --block 200 --json --out pairs.csv',
      meaning: 'as of block 200; every pair in a file, totals and levels as JSON',
    },
    {
      command: 'foggara royalties --mode path',
      meaning: 'what absolute shares would owe, counted once per path',
    },
  ],
  exitCodes: {
    0: 'every royalty event is what the contract’s rule gives',
    1: 'some are not (unexplained), or something cannot be read',
  },
  run: async ({ options, context }) => {
    const { runRoyalties } = await import('../royalty/run-royalties.ts')
    return runRoyalties(options, context)
  },
}
