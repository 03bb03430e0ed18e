import { COVERAGE_CLASSES } from '@foggara/schema'

import { type Command, textOption } from '../command.ts'
import { configOptions } from '../config.ts'
import { countOption, wordsOption } from '../option-values.ts'

const RANGES_SHOWN = 50
const RANGES_MAX = 1_000_000

/** `foggara coverage`: how it is known of every block that nothing of it is missing. */
export const coverageCommand: Command = {
  name: 'coverage',
  summary: 'list how each block is known to be complete, and what is only trusted',
  description: [
    'Every indexed block has evidence that none of its logs is missing: its receipts fold to the root in its header, its bloom filter rules logs out, the contracts count and hash their events, two providers agree, or one was believed. The blocks are listed as ranges of one evidence each, with their numbers per class and any gap between them.',
    'It only reads, so it also works while the service runs. With --prove it fetches the receipts of settled blocks that were believed, folds them to the root in their header, compares their logs with the stored ones and keeps what is proven; a difference is reported and changes nothing.',
  ],
  positionals: [],
  options: {
    only: {
      type: 'string',
      placeholder: 'CLASS,CLASS',
      description: `only ranges of these: ${COVERAGE_CLASSES.map(({ name }) => name).join(', ')}`,
    },
    limit: {
      type: 'string',
      placeholder: 'N',
      description: `the most ranges to list (default ${RANGES_SHOWN})`,
    },
    strict: {
      type: 'boolean',
      description: 'answer 3 when anything is only trusted or could not be read',
    },
    prove: {
      type: 'string',
      placeholder: 'FROM-TO|all',
      description: 'prove by receipts what was only trusted in these blocks',
    },
    json: { type: 'boolean', description: 'print one JSON object' },
    ...configOptions(['dataDirectory', 'clickhouseUrl', 'rpcUrl', 'otherRpcUrls', 'deployment']),
  },
  examples: [
    { command: 'foggara coverage', meaning: 'numbers per class, and the first ranges' },
    { command: 'foggara coverage --only trusted', meaning: 'what one provider was believed for' },
    { command: 'foggara coverage --prove all', meaning: 'prove later what was only trusted' },
    { command: 'foggara coverage --strict --json', meaning: 'for a monitor' },
  ],
  exitCodes: {
    0: 'no gap; with --strict, everything is proven',
    1: 'there is a gap, stored logs differ from what is proven, or the index cannot be read',
    3: 'with --strict: something is only trusted or could not be read',
  },
  run: async ({ options, context }) => {
    const span = textOption(options, 'prove')
    if (span !== undefined) {
      const { proveCoverage, proveOption } = await import('../completeness/prove-coverage.ts')
      return proveCoverage(proveOption(span), options, context)
    }
    const { runCoverage } = await import('../completeness/run-coverage.ts')
    const classes = wordsOption(
      options,
      'only',
      COVERAGE_CLASSES.map(({ name }) => name),
    )
    const rangesMax = countOption(options, 'limit', { min: 1, max: RANGES_MAX }) ?? RANGES_SHOWN
    return runCoverage({ classes, rangesMax }, options, context)
  },
}
