import { ArgumentError, OptionMalformedError } from '../arguments.ts'
import { type Command, type Invocation, flagOption } from '../command.ts'
import { configOptions } from '../config.ts'
import { BRIDGE_OPTIONS } from '../subgraph/bridge-options.ts'

const ACTIONS = ['run', 'status', 'check', 'poi', 'bridge', 'prune'] as const
/** Actions that take no folder. */
const WITHOUT_FOLDER: readonly string[] = ['status', 'bridge']

/** `foggara subgraph`: subgraphs of The Graph, run inside this process. */
export const subgraphCommand: Command = {
  name: 'subgraph',
  summary: 'run compiled subgraphs, check them, print their Proof of Indexing',
  description: [
    'A folder is what `graph build` writes: subgraph.yaml, schema.graphql, ABIs and WebAssembly. It runs here as it is, without graph-node, Postgres or IPFS.',
    'run follows a chain with the folders side by side and keeps their entities in ClickHouse: versions with the blocks in which they hold, in a database subgraph_NAME each. It goes on where it stood, through reorganisations, until it is stopped or --until is reached; beside a running `foggara start` it writes into its database.',
    'A handler that fails for good stops its subgraph at that block, the others go on. What may pass (an RPC that fails or lies, a limit of this machine) is tried again with growing pauses. status prints how each subgraph of the database is.',
    'check says what each folder uses (versions, features, data sources, templates, handlers, host functions) and everything that would be refused, by name.',
    'poi runs the folders side by side over one chain, from their first block on, and prints at the last block the Proof of Indexing that graph-node gives. A subgraph whose handler fails for good stops there, the others go on.',
    'bridge copies a subgraph from a running graph-node into such a database: first its state, then what changed, block by block near the head. A block is copied once the chain itself has it, and undone when the chain takes it back. The table _pass says which blocks were copied together.',
    'prune NAME --keep BLOCKS deletes the versions of entities that none of the last BLOCKS blocks sees. Their history is gone for good; the current state stays.',
    'Entities are in memory while poi runs and are gone afterwards; with --stored it prints the proofs of blocks that run stored.',
  ],
  positionals: [
    { name: 'ACTION', required: true, description: ACTIONS.join(', ') },
    {
      name: 'FOLDER',
      required: false,
      repeats: true,
      description: 'one or more compiled subgraphs; prune: their names',
    },
  ],
  options: {
    rpc: {
      type: 'string',
      placeholder: 'URL',
      description: 'run, poi, bridge: the chain, over HTTP [FOGGARA_RPC_URL]',
    },
    until: {
      type: 'string',
      placeholder: 'BLOCK',
      description: 'run, bridge: end with this block (default: follow the chain)',
    },
    name: {
      type: 'string',
      placeholder: 'NAME',
      description:
        'run, poi --stored: what the tables are called after, such as token for the database subgraph_token; of several folders one each, with commas between (default: the name of the folder)',
    },
    keep: {
      type: 'string',
      placeholder: 'BLOCKS',
      description: 'prune: how many of the last blocks keep their state; 100 or more',
    },
    fuel: {
      type: 'string',
      placeholder: 'COUNT',
      description:
        'run: how many calls and turns of loops one handler may take (default 4000000000, some ten seconds)',
    },
    ipfs: {
      type: 'string',
      placeholder: 'URL,URL',
      description: 'run: gateways for the files of IPFS that handlers name (default: they wait)',
    },
    arweave: {
      type: 'string',
      placeholder: 'URL,URL',
      description: 'run: gateways for the files of Arweave (default: they wait)',
    },
    blocks: {
      type: 'string',
      placeholder: 'FROM..TO',
      description:
        'poi: stop after block TO (default: the head), and print lines of --json from FROM on; what runs always begins at the first block',
    },
    stored: {
      type: 'boolean',
      description: 'poi: of what `run` has stored under --name; runs nothing, needs no chain',
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
    log: { type: 'boolean', description: 'run, poi: what the mappings log, on standard error' },
    json: {
      type: 'boolean',
      description:
        'run: progress and events as lines of JSON; status, check: one object a subgraph; poi: one a block and folder, and one at the end',
    },
    ...BRIDGE_OPTIONS,
    ...configOptions(['dataDirectory', 'clickhouseUrl', 'otherRpcUrls']),
  },
  examples: [
    {
      command: 'foggara subgraph run subgraph/build --rpc http://127.0.0.1:8545',
      meaning: 'follow a chain, entities in the database subgraph_subgraph',
    },
    {
      command: 'foggara subgraph run a/build b/build --name token,market --rpc $URL --until 5000',
      meaning: 'two subgraphs side by side, up to block 5000',
    },
    {
      command:
        'foggara subgraph bridge --graph-node http://127.0.0.1:8000/subgraphs/name/token --rpc $URL',
      meaning: 'copy a subgraph from graph-node into the database subgraph_token, and follow it',
    },
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
    0: 'check: every folder runs here; run, poi: every subgraph came to the last block, or was stopped where there is none; status: all are well',
    1: 'something is refused, or a handler failed for good',
    75: 'the chain, or a limit of this machine, stopped a run; the same command may succeed later',
  },
  run: async (invocation) => {
    const [name, ...folders] = invocation.positionals
    const action = ACTIONS.find((candidate) => candidate === name)
    if (action === undefined) {
      throw new OptionMalformedError('ACTION', `one of ${ACTIONS.join(', ')}`, name ?? 'nothing')
    }
    if (folders.length === 0 && !WITHOUT_FOLDER.includes(action)) {
      const wanted = action === 'prune' ? 'NAME' : 'FOLDER'
      const message = `subgraph ${action}: expected ${wanted}, found nothing`
      throw new ArgumentError(message, subgraphCommand)
    }
    return RUN[action](folders, invocation)
  },
}

type Action = (folders: readonly string[], invocation: Invocation) => Promise<number>

const RUN: Readonly<Record<(typeof ACTIONS)[number], Action>> = {
  run: async (folders, { options, context }) => {
    const { runFolders } = await import('../subgraph/run-folders.ts')
    return runFolders(folders, options, context)
  },
  status: async (_, { options, context }) => {
    const { showStatus } = await import('../subgraph/show-status.ts')
    return showStatus(options, context)
  },
  check: async (folders, { options, context }) => {
    const { checkFolders } = await import('../subgraph/check-folders.ts')
    return checkFolders(folders, options, context)
  },
  bridge: async (_, { options, context }) => {
    const { bridgeSubgraph } = await import('../subgraph/bridge.ts')
    return bridgeSubgraph(options, context)
  },
  prune: async (names, { options, context }) => {
    const { pruneNames } = await import('../subgraph/prune-names.ts')
    return pruneNames(names, options, context)
  },
  poi: async (folders, { options, context }) => {
    if (flagOption(options, 'stored')) {
      const { proveStored } = await import('../subgraph/prove-stored.ts')
      return proveStored(folders, options, context)
    }
    const { proveFolders } = await import('../subgraph/prove-folders.ts')
    return proveFolders(folders, options, context)
  },
}
