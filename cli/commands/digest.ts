import { DIGEST_LEVELS } from '@foggara/schema'

import { type Command, textOption } from '../command.ts'
import { configOptions } from '../config.ts'
import { countOption, wordOption } from '../option-values.ts'

const BLOCK_BOUNDS = { min: 0, max: 999_999_999_999 }

/** `foggara digest`: hashes of the raw archive, by which two indexes are compared. */
export const digestCommand: Command = {
  name: 'digest',
  summary: 'hash the raw archive by ranges of blocks, or compare it with another index',
  description: [
    'Prints one hash for every range of 2^LEVEL blocks over block hashes and logs as they are stored (docs/completeness.md has the formula). With --compare it asks another Foggara by the URL of its service, halves down to the first block and log that differ, and shows both; or it reads a file that foggara digest --json printed there.',
    'It only reads, so it also works while the service runs.',
  ],
  positionals: [],
  options: {
    from: {
      type: 'string',
      placeholder: 'BLOCK',
      description: 'the first block (default: of all)',
    },
    to: { type: 'string', placeholder: 'BLOCK', description: 'the last block (default: of all)' },
    level: {
      type: 'string',
      placeholder: 'K',
      description: `ranges of 2^K blocks: ${DIGEST_LEVELS.join(', ')} (default 16)`,
    },
    compare: {
      type: 'string',
      placeholder: 'URL|FILE',
      description: 'another Foggara, or a file of its digests',
    },
    sql: {
      type: 'boolean',
      description: 'print the SQL that gives the same in any ClickHouse, and run nothing else',
    },
    json: { type: 'boolean', description: 'print one JSON object' },
    ...configOptions(['dataDirectory', 'clickhouseUrl']),
  },
  examples: [
    { command: 'foggara digest', meaning: 'a hash for every 65536 blocks' },
    {
      command: 'foggara digest --compare https://other.example',
      meaning: 'the first block and log that differ',
    },
    { command: 'foggara digest --level 12 --json > digests.json', meaning: 'to send to somebody' },
  ],
  exitCodes: { 0: 'done; compared: equal', 1: 'something differs, or cannot be read' },
  run: async ({ options, context }) => {
    const { runDigest } = await import('../digest/run-digest.ts')
    const level = wordOption(options, 'level', DIGEST_LEVELS.map(String)) ?? '16'
    return runDigest(
      {
        from: countOption(options, 'from', BLOCK_BOUNDS),
        to: countOption(options, 'to', BLOCK_BOUNDS),
        level: Number(level),
        compare: textOption(options, 'compare'),
      },
      options,
      context,
    )
  },
}
