import { OptionMalformedError } from '../arguments.ts'
import { type Command, flagOption, textOption } from '../command.ts'
import { countOption } from '../option-values.ts'

/** `foggara lineage`: what an asset in a lineage file comes from, and where the file loops. */
export const lineageCommand: Command = {
  name: 'lineage',
  summary: 'read a lineage file: ancestors, unresolved parents, cycles',
  description: [
    'FILE is a CSV with columns name and dependencies (a list as Python or JSON prints it, or names separated by semicolons), a YAML list of objects with name and dependencies, or a tar of such YAML files. Names that nothing in the file defines are listed as unresolved, cycles are listed and never followed twice.',
  ],
  positionals: [{ name: 'FILE', required: true, description: 'CSV, YAML or tar of YAML' }],
  options: {
    asset: { type: 'string', placeholder: 'NAME', description: 'the asset to ask about' },
    up: { type: 'boolean', description: 'list what it comes from (default)' },
    down: { type: 'boolean', description: 'list what comes from it' },
    depth: { type: 'string', placeholder: 'N', description: 'at most so many steps' },
    json: { type: 'boolean', description: 'print one JSON object' },
  },
  examples: [
    { command: 'foggara lineage assets.csv', meaning: 'counts, unresolved names and cycles' },
    {
      command: 'foggara lineage assets.csv --asset "Llama 2" --down --depth 2',
      meaning: 'everything within two steps that was made from it',
    },
  ],
  run: async ({ options, positionals, context }) => {
    if (flagOption(options, 'up') && flagOption(options, 'down')) {
      throw new OptionMalformedError('--down', 'one direction', '--up as well')
    }
    const { printLineage } = await import('../files/print-lineage.ts')
    return printLineage(context, {
      file: positionals[0] ?? '',
      asset: textOption(options, 'asset'),
      direction: flagOption(options, 'down') ? 'down' : 'up',
      depthMax: countOption(options, 'depth', { min: 0, max: 1_000_000 }) ?? Infinity,
      asJson: flagOption(options, 'json'),
    })
  },
}
