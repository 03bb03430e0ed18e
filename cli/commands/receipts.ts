import { ArgumentError, OptionMalformedError } from '../arguments.ts'
import { type Command, flagOption } from '../command.ts'
import { configOptions } from '../config.ts'

const ACTIONS = ['import', 'status'] as const

/** `foggara receipts`: signed receipts from files and folders. */
export const receiptsCommand: Command = {
  name: 'receipts',
  summary: 'import signed receipts from files and folders, and say what became of them',
  description: [
    'import reads files, and what folders hold: lines of JSON with a receipt or {"batch":"0x…"} each (.ndjson, .jsonl), Parquet with the columns of a receipt (.parquet), or the bytes of one signed batch (.fgrb); also as .gz and .zst. Each receipt is verified and judged as one that comes over HTTP.',
    'How far a file has been read is kept in the table receipt_file_step. After Ctrl-C or kill -9 the same command goes on from there; what was stored meanwhile is told to be a duplicate. A file that breaks off is reported with its line (RECEIPT_FILE_MALFORMED), and the others are read.',
    'Beside a running `foggara start` on the same data directory receipts are handed to it; --to names another service. Otherwise this process takes them in itself: no other may take receipts into the database meanwhile.',
    'status prints what became of each file; with PATH, which of its lines were refused or wait, and why.',
  ],
  positionals: [
    { name: 'ACTION', required: true, description: ACTIONS.join(', ') },
    {
      name: 'PATH',
      required: false,
      repeats: true,
      description: 'files and folders; folders are read with all they hold',
    },
  ],
  options: {
    watch: {
      type: 'boolean',
      description:
        'import: go on with files that come or grow, until stopped; a line counts once it ends',
    },
    to: {
      type: 'string',
      placeholder: 'URL',
      description: 'import: hand receipts to this service, such as http://127.0.0.1:4000/receipts',
    },
    json: { type: 'boolean', description: 'print one JSON object a file' },
    ...configOptions(['dataDirectory', 'clickhouseUrl', 'deployment']),
  },
  examples: [
    { command: 'foggara receipts import usage.ndjson.gz', meaning: 'import one file' },
    { command: 'foggara receipts import /var/receipts --watch', meaning: 'follow a folder' },
    { command: 'foggara receipts status usage.ndjson.gz', meaning: 'which lines were refused' },
  ],
  exitCodes: { 1: 'a file was malformed or unreadable, or a line was rejected' },
  run: async ({ options, positionals: [action, ...paths], context }) => {
    if (action === 'status') {
      if (flagOption(options, 'watch')) {
        throw new ArgumentError('receipts status: expected no --watch, found it', receiptsCommand)
      }
      const { printFiles } = await import('../receipts/print-files.ts')
      return printFiles(paths, options, context)
    }
    if (action !== 'import') {
      throw new OptionMalformedError('ACTION', `one of ${ACTIONS.join(', ')}`, action ?? 'nothing')
    }
    if (paths.length === 0) {
      throw new ArgumentError('receipts import: expected PATH, found nothing', receiptsCommand)
    }
    const { importReceipts } = await import('../receipts/import-receipts.ts')
    return importReceipts(paths, options, context)
  },
}
