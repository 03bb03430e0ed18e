import { OptionMalformedError } from '../arguments.ts'
import { type Command, flagOption, textOption } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara chains`: every chain that is indexed, now or as of a time. */
export const chainsCommand: Command = {
  name: 'chains',
  summary: 'show every indexed chain, and read rows of all of them as of one time',
  description: [
    'Prints of each chain its newest, final and indexed block, how many events it holds, how many blocks are taken on trust, what went wrong last, and the SQL views of its sources and domain relations.',
    '--at reads each chain at its last block whose time is not later: block, hash, whether it is final, and whether a later block is indexed, so that the choice cannot change.',
    '--rows prints the rows of a domain relation of all chains at those blocks, one JSON object a line: first a line of each chain, then the rows, each with the name of its chain. Ids are unique within their chain only.',
    'Beside a running `foggara start` it reads from its database.',
  ],
  positionals: [],
  options: {
    at: {
      type: 'string',
      placeholder: 'TIME',
      description: 'as of this time: 2026-11-01T00:00:00Z, or Unix seconds',
    },
    rows: {
      type: 'string',
      placeholder: 'RELATION',
      description: 'print the rows of this relation: asset, edge, payment, royalty, licence, …',
    },
    chain: { type: 'string', placeholder: 'NAME', description: 'only of this chain' },
    json: { type: 'boolean', description: 'one JSON object a chain' },
    ...configOptions(['dataDirectory', 'clickhouseUrl']),
  },
  examples: [
    { command: 'foggara chains', meaning: 'how far each chain is, and what to query' },
    {
      command: 'foggara chains --at 2026-11-01T00:00:00Z --rows payment',
      meaning: 'every payment on any chain up to that time',
    },
  ],
  exitCodes: { 1: 'a chain stands still, or the command cannot be answered' },
  run: async ({ options, context }) => {
    const at = textOption(options, 'at')
    const { showChains } = await import('../chains/show-chains.ts')
    return showChains(options, context, {
      atSeconds: at === undefined ? undefined : secondsOf(at),
      relation: textOption(options, 'rows'),
      chain: textOption(options, 'chain'),
      asJson: flagOption(options, 'json'),
    })
  },
}

function secondsOf(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/u.test(text)
  const seconds = isTime ? Math.floor(Date.parse(text) / 1000) : Number(text)
  if (/^\d{1,12}$/u.test(text) || (isTime && Number.isSafeInteger(seconds))) return seconds
  throw new OptionMalformedError('--at', 'a time such as 2026-11-01T00:00:00Z, or seconds', text)
}
