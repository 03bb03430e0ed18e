import { OptionMalformedError } from '../arguments.ts'
import { type Command, type OptionSpec, textOption } from '../command.ts'
import { configOptions } from '../config.ts'
import { ENGINE_NAMES } from '../engine/engine-names.ts'

const FILE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  edges: {
    type: 'string',
    placeholder: 'FILE',
    description: 'CSV from,to,weight: `from` passes influence to `to`',
  },
  graph: {
    type: 'string',
    placeholder: 'FOLDER',
    description: 'a folder of `foggara graph`: its edges stream from the disk',
  },
  teleport: {
    type: 'string',
    placeholder: 'FILE',
    description: 'CSV id,weight: where influence starts (default: everybody alike)',
  },
  payees: {
    type: 'string',
    placeholder: 'FILE',
    description: 'CSV with a column id: who may be paid (default: every node)',
  },
  budget: { type: 'string', placeholder: 'N', description: 'whole base units to divide' },
  parallel: {
    type: 'string',
    placeholder: 'RULE',
    description: 'rows of one pair: sum (default), reject, or last (depends on row order)',
  },
  damping: {
    type: 'string',
    placeholder: 'D',
    description: 'the part a node passes on, a decimal below 1 (default 0.85)',
  },
  iterations: { type: 'string', placeholder: 'N', description: 'how often (default 64)' },
  'cap-bps': {
    type: 'string',
    placeholder: 'N',
    description: 'the most one payee may take, basis points of the budget (default 10000)',
  },
  min: {
    type: 'string',
    placeholder: 'N',
    description: 'below this a payee is paid nothing and the amount is shown as carried',
  },
  out: {
    type: 'string',
    placeholder: 'FILE',
    description:
      'write every row as CSV id,score,amount,carried (-: standard output); with --graph id,score, or as .bin 8 bytes a node',
  },
  resume: {
    type: 'boolean',
    description: 'with --graph: go on from where a run was stopped or killed',
  },
  'checkpoint-seconds': {
    type: 'string',
    placeholder: 'N',
    description: 'with --graph: how much work a crash may cost (default 10)',
  },
  json: { type: 'boolean', description: 'print one JSON object with rows, totals and manifest' },
  limit: {
    type: 'string',
    placeholder: 'N',
    description: 'rows of the printed table (default 20)',
  },
}

/** `foggara score`: closes epochs of a chain, or divides a budget from plain files. */
export const scoreCommand: Command = {
  name: 'score',
  summary: 'close epochs of the chain, or score CSV files or a graph folder without one',
  description: [
    'With --edges it runs the engine on files: personalised PageRank in 62-bit fixed point over the edges, then a largest-remainder split of the budget. Ids are any text. Decimal weights are scaled exactly to integers. Nothing depends on the order of rows (except under --parallel last), and amounts, carried amounts and what a cap leaves over sum to the budget exactly. A manifest names the hash of every input and output.',
    'With --graph it ranks a graph whose edges may exceed memory. Ctrl-C keeps the state; with --resume a run that was stopped or killed ends with the same bits as one that was not.',
    'Every engine gives the same bits. auto takes WebGPU for large graphs where there is a graphics card, else WASM on all cores, and says which and why. duckdb and clickhouse compute the rank in SQL; a package or a driver that is missing is named with how to get it.',
    'Without --edges and --graph it watches the indexed chain: when the last block of an epoch is final and indexed it reads the snapshot of that block, computes scores, pools and allocations, stores them with the Merkle root, and proposes and activates the root on chain. A closed epoch is never computed again.',
  ],
  positionals: [],
  options: {
    ...FILE_OPTIONS,
    engine: {
      type: 'string',
      placeholder: 'NAME',
      description: `${ENGINE_NAMES.join(', ')} (default auto); the bits are the same`,
    },
    threads: {
      type: 'string',
      placeholder: 'N',
      description: 'threads of the WASM engine (default: one per core)',
    },
    once: { type: 'boolean', description: 'close what can be closed now and end (of a chain)' },
    ...configOptions([
      'dataDirectory',
      'clickhouseUrl',
      'rpcUrl',
      'deployment',
      'proposeRoots',
      'activateRoots',
      'log',
    ]),
  },
  examples: [
    {
      command: 'foggara score --edges edges.csv --teleport usage.csv --budget 1000000',
      meaning: 'divide a million units by influence that starts where the usage is',
    },
    {
      command:
        'foggara score --edges edges.csv --budget 8000000 --cap-bps 500 --json --out paid.csv',
      meaning: 'nobody above 5 %; rows to a file, totals and manifest as JSON',
    },
    {
      command: 'foggara score --graph graph --out scores.csv --resume',
      meaning: 'rank a graph of any size, going on from where it was stopped',
    },
    {
      command:
        'FOGGARA_CLICKHOUSE_URL=http://127.0.0.1:8123 foggara score --rpc-url http://127.0.0.1:8545 --deployment deployment.json',
      meaning: 'close epochs beside a separate ingest',
    },
  ],
  run: async ({ options, context }) => {
    if (textOption(options, 'graph') !== undefined) {
      const other = NOT_OF_GRAPHS.find((name) => options[name] !== undefined)
      if (other !== undefined) {
        throw new OptionMalformedError(`--${other}`, 'nothing beside --graph', `--${other}`)
      }
      const { scoreGraph } = await import('../graph/score-graph.ts')
      return scoreGraph(options, context)
    }
    if (textOption(options, 'edges') !== undefined) {
      const { runInThread } = await import('../thread/run-in-thread.ts')
      return runInThread({ task: 'score files', options }, context)
    }
    const fileOnly = Object.keys(FILE_OPTIONS).find((name) => options[name] !== undefined)
    if (fileOnly !== undefined) {
      throw new OptionMalformedError('--edges', `a file, as --${fileOnly} is given`, 'none')
    }
    const { scoreChain } = await import('../service/score-chain.ts')
    return scoreChain(options, context)
  },
}

/** A graph folder has scores, and no budget to divide. */
const NOT_OF_GRAPHS = ['edges', 'payees', 'budget', 'parallel', 'cap-bps', 'min', 'once']
