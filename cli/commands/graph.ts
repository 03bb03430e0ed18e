import { ArgumentError, OptionMalformedError } from '../arguments.ts'
import { type Command, type Invocation, textOption } from '../command.ts'
import { configOptions } from '../config.ts'

const ACTIONS = ['build', 'generate', 'info'] as const

/** `foggara graph`: graphs in a folder, of any size, for `foggara score --graph`. */
export const graphCommand: Command = {
  name: 'graph',
  summary: 'build, generate or describe a graph folder: edges that may exceed memory',
  description: [
    'A graph folder holds the edges of a graph sorted and normalised on disk, so that `foggara score --graph` streams them while only its nodes stay in memory. Nothing in it depends on the order of the rows it was built from.',
    'build reads a CSV of any size with the columns from, to and weight (also .gz), or the snapshot of a closed epoch of the index. Ids are any text and get numbers; parallel rows are summed, self loops and zero weights dropped and counted. A row that is wrong stops it with its line.',
    'generate draws a graph from a seed, the same on every machine: kronecker (as in Graph500), rmat (directed, many nodes without out-edges), usage (an economy: power-law assets, consumers and fees). info says what a folder holds.',
  ],
  positionals: [
    { name: 'ACTION', required: true, description: ACTIONS.join(', ') },
    { name: 'FOLDER', required: false, description: 'of info: the folder' },
  ],
  options: {
    edges: { type: 'string', placeholder: 'FILE', description: 'build: CSV from,to,weight' },
    equal: {
      type: 'boolean',
      description: 'build, generate: no weights, a node passes the same along every edge',
    },
    epoch: { type: 'string', placeholder: 'N', description: 'build: a closed epoch of the index' },
    kind: { type: 'string', placeholder: 'KIND', description: 'generate: kronecker, rmat, usage' },
    scale: {
      type: 'string',
      placeholder: 'N',
      description: 'generate: 2^N nodes, 16 times as many drawn edges (default 16)',
    },
    seed: { type: 'string', placeholder: 'N', description: 'generate: default 1' },
    out: { type: 'string', placeholder: 'FOLDER', description: 'build, generate: a new folder' },
    memory: {
      type: 'string',
      placeholder: 'MB',
      description: 'build, generate: about how much memory sorting may take (default 1024)',
    },
    json: { type: 'boolean', description: 'print one JSON object' },
    ...configOptions(['dataDirectory', 'clickhouseUrl']),
  },
  examples: [
    {
      command: 'foggara graph build --edges edges.csv.gz --out graph',
      meaning: 'sort a file that may be larger than memory',
    },
    {
      command: 'foggara graph generate --kind rmat --scale 22 --seed 7 --out graph',
      meaning: '4 million nodes and 67 million drawn edges',
    },
    { command: 'foggara graph info graph', meaning: 'nodes, edges, bytes and where it came from' },
    { command: 'foggara score --graph graph --out scores.csv', meaning: 'rank its nodes' },
  ],
  run: async (invocation) => {
    const action = ACTIONS.find((name) => name === invocation.positionals[0])
    if (action === undefined) {
      throw new OptionMalformedError(
        'ACTION',
        `one of ${ACTIONS.join(', ')}`,
        invocation.positionals[0] ?? 'nothing',
      )
    }
    return RUN[action](invocation)
  },
}

const RUN: Readonly<Record<(typeof ACTIONS)[number], Command['run']>> = {
  build: async ({ options, positionals, context }) => {
    checkNoFolder(positionals)
    const out = wantedOption(options, 'out', 'a new folder')
    if (textOption(options, 'epoch') !== undefined) {
      const { buildFromEpoch } = await import('../graph/build-from-epoch.ts')
      return buildFromEpoch(out, options, context)
    }
    const edges = wantedOption(options, 'edges', 'a file (or --epoch N)')
    const { buildFromFile } = await import('../graph/build-from-file.ts')
    return buildFromFile(edges, out, options, context)
  },
  generate: async ({ options, positionals, context }) => {
    checkNoFolder(positionals)
    wantedOption(options, 'out', 'a new folder')
    const { runInThread } = await import('../thread/run-in-thread.ts')
    return runInThread({ task: 'generate graph', options }, context)
  },
  info: async ({ options, positionals, context }) => {
    const folder = positionals[1]
    if (folder === undefined) {
      throw new ArgumentError('graph info: expected FOLDER, found nothing', graphCommand)
    }
    const { printGraphInfo } = await import('../graph/print-graph-info.ts')
    return printGraphInfo(folder, options, context)
  },
}

function checkNoFolder(positionals: Invocation['positionals']): void {
  if (positionals[1] === undefined) return
  throw new ArgumentError(
    `graph ${positionals[0]}: expected no FOLDER but --out, found ${positionals[1]}`,
    graphCommand,
  )
}

function wantedOption(options: Invocation['options'], name: string, expected: string): string {
  const text = textOption(options, name)
  if (text === undefined) throw new OptionMalformedError(`--${name}`, expected, 'none')
  return text
}
