import { OptionMalformedError } from '../arguments.ts'
import type { Command } from '../command.ts'
import { configOptions } from '../config.ts'
import { wordsOption } from '../option-values.ts'

/** `foggara verify`: recompute a closed epoch. */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'recompute a closed epoch in several engines and name the first difference',
  description: [
    'Checks that the stored snapshot has the hashes of its manifest and that this manifest is the one proposed on chain; then recomputes everything from the snapshot with the plain bigint reference, with the WASM engine, with rank and flow in DuckDB or on WebGPU where they can run, and, rewards included, in ClickHouse SQL. Each says equal with its digests, or names the table, the key, what was expected and what was found.',
    'It only reads, so it also works while the service runs.',
  ],
  positionals: [{ name: 'EPOCH', required: true, description: 'the number of a closed epoch' }],
  options: {
    engine: {
      type: 'string',
      placeholder: 'NAME',
      description:
        'reference, wasm, sql, duckdb, webgpu, clickhouse or auto; several with commas between (default: the first five, the last two of them where they can run)',
    },
    json: { type: 'boolean', description: 'print one JSON object' },
    ...configOptions(['dataDirectory', 'clickhouseUrl']),
  },
  examples: [
    { command: 'foggara verify 3', meaning: 'recompute epoch 3 in every usual way' },
    { command: 'foggara verify 3 --engine sql', meaning: 'in ClickHouse only' },
  ],
  exitCodes: { 0: 'everything is equal', 1: 'something differs, or cannot be read' },
  run: async ({ options, positionals, context }) => {
    const text = positionals[0] ?? ''
    if (!/^[1-9][0-9]{0,8}$/.test(text)) {
      throw new OptionMalformedError('EPOCH', 'a number from 1', text)
    }
    const { VERIFY_ENGINES, runVerify } = await import('../verify/run-verify.ts')
    const engines = wordsOption(options, 'engine', VERIFY_ENGINES)
    return runVerify(Number(text), engines, options, context)
  },
}
