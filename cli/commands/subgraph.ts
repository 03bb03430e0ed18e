import { ArgumentError, OptionMalformedError } from '../arguments.ts'
import type { Command, Invocation } from '../command.ts'

const ACTIONS = ['check', 'poi'] as const

/** `foggara subgraph`: subgraphs of The Graph, run inside this process. */
export const subgraphCommand: Command = {
  name: 'subgraph',
  summary: 'check compiled subgraphs, or run them and print their Proof of Indexing',
  description: [
    'A folder is what `graph build` writes: subgraph.yaml, schema.graphql, ABIs and WebAssembly. It runs here as it is, without graph-node, Postgres or IPFS.',
    'check says what each folder uses (versions, features, data sources, templates, handlers, host functions) and everything that would be refused, by name.',
    'poi runs the folders side by side over one chain, from their first block on, and prints at the last block the Proof of Indexing that graph-node gives. A subgraph whose handler fails for good stops there, the others go on.',
    'Entities are kept in memory while poi runs and are gone afterwards: they are not stored yet.',
  ],
  positionals: [
    { name: 'ACTION', required: true, description: ACTIONS.join(', ') },
    {
      name: 'FOLDER',
      required: true,
      repeats: true,
      description: 'one or more compiled subgraphs',
    },
  ],
  options: {
    rpc: {
      type: 'string',
      placeholder: 'URL',
      description: 'poi: the chain, over HTTP [FOGGARA_RPC_URL]',
    },
    blocks: {
      type: 'string',
      placeholder: 'FROM..TO',
      description:
        'poi: stop after block TO (default: the head), and print lines of --json from FROM on; what runs always begins at the first block',
    },
    deployment: {
      type: 'string',
      placeholder: 'ID',
      description:
        'poi: the id that the proof is for; of several folders one each, with commas between (default: the Qm… that graph-cli or gnd, whichever wrote the folder, uploads it as)',
    },
    indexer: {
      type: 'string',
      placeholder: '0x…',
      description: 'poi: the address that the proof is for (default: none)',
    },
    log: { type: 'boolean', description: 'poi: what the mappings log, on standard error' },
    json: {
      type: 'boolean',
      description:
        'check: one JSON object a folder; poi: one a block and folder, and one at the end',
    },
  },
  examples: [
    {
      command: 'foggara subgraph check subgraph/build',
      meaning: 'what it uses, and whether it runs',
    },
    {
      command: 'foggara subgraph poi subgraph/build --rpc http://127.0.0.1:8545',
      meaning: 'the Proof of Indexing at the head of a chain',
    },
    {
      command: 'foggara subgraph poi a/build b/build --rpc $URL --blocks 90..120 --json',
      meaning: 'two subgraphs over the same blocks; a line for each of the last 31 blocks',
    },
  ],
  exitCodes: {
    0: 'check: every folder runs here; poi: every subgraph came to the last block',
    1: 'something is refused, or a handler failed for good',
    75: 'the chain, or a limit of this machine, stopped a run; the same command may succeed later',
  },
  run: async (invocation) => {
    const [name, ...folders] = invocation.positionals
    const action = ACTIONS.find((candidate) => candidate === name)
    if (action === undefined) {
      throw new OptionMalformedError('ACTION', `one of ${ACTIONS.join(', ')}`, name ?? 'nothing')
    }
    if (folders.length === 0) {
      throw new ArgumentError(`subgraph ${action}: expected FOLDER, found nothing`, subgraphCommand)
    }
    return RUN[action](folders, invocation)
  },
}

type Action = (folders: readonly string[], invocation: Invocation) => Promise<number>

const RUN: Readonly<Record<(typeof ACTIONS)[number], Action>> = {
  check: async (folders, { options, context }) => {
    const { checkFolders } = await import('../subgraph/check-folders.ts')
    return checkFolders(folders, options, context)
  },
  poi: async (folders, { options, context }) => {
    const { proveFolders } = await import('../subgraph/prove-folders.ts')
    return proveFolders(folders, options, context)
  },
}
