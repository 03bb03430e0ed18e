import { OptionMalformedError } from '../arguments.ts'
import { type Command, textOption } from '../command.ts'
import { configOptions } from '../config.ts'

/** `foggara export`: everything about a closed epoch as files. */
export const exportCommand: Command = {
  name: 'export',
  summary: 'write a closed epoch as files that anyone can hash and recompute',
  description: [
    'Writes manifest.json (the exact bytes whose keccak256 is proposed on chain), ruleset.json, tables/*.jsonl (the canonical snapshot: the sha256 of each file stands in the manifest), results/*.jsonl (scores, pools, parts, allocations with their proofs, and the usage graph: who used what, and what was used together) and SHA256SUMS over all of them.',
  ],
  positionals: [{ name: 'EPOCH', required: true, description: 'the number of a closed epoch' }],
  options: {
    out: { type: 'string', placeholder: 'DIR', description: 'where to write; made if missing' },
    ...configOptions(['dataDirectory', 'clickhouseUrl']),
  },
  examples: [
    {
      command: 'foggara export 3 --out epoch-3 && cd epoch-3 && sha256sum -c SHA256SUMS',
      meaning: 'write epoch 3 and check its files',
    },
  ],
  run: async ({ options, positionals, context }) => {
    const text = positionals[0] ?? ''
    if (!/^[1-9][0-9]{0,8}$/.test(text)) {
      throw new OptionMalformedError('EPOCH', 'a number from 1', text)
    }
    const out = textOption(options, 'out')
    if (out === undefined) throw new OptionMalformedError('--out', 'a directory', 'none')
    const { runExport } = await import('../verify/run-export.ts')
    return runExport(Number(text), out, options, context)
  },
}
