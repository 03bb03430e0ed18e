import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { FatalError } from '@foggara/schema'

/** What `node devnet/main.ts` is started with. */
export type DevnetArguments = {
  /** The node's port; any free one without it. */
  readonly port: number | undefined
  /** Where the chain is kept; it ends with the process without it. */
  readonly stateFile: string | undefined
  readonly seed: string
  readonly blockCount: number
  readonly assetCount: number
  /** Where receipts are posted whose digests alone are anchored. */
  readonly receiptsUrl: string | undefined
  readonly blockEveryMs: number
  /** How many past states the node keeps; as many as reorganisations need without it. */
  readonly stateCount: number | undefined
}

/**
 * Reads the command line.
 *
 * @throws {DevnetArgumentsError}
 */
export function parseDevnetArguments(args: readonly string[]): DevnetArguments {
  const values = parse(args)
  const directory = values['state-dir']
  return {
    port: values.port === undefined ? undefined : whole('port', values.port, 65_535),
    stateFile: values.state ?? (directory === undefined ? undefined : join(directory, 'chain.gz')),
    seed: values.seed,
    blockCount: whole('history-blocks', values['history-blocks'], 100_000),
    assetCount: whole('assets', values.assets, 100_000),
    receiptsUrl: values['receipts-url'],
    blockEveryMs: whole('blocks-every-ms', values['blocks-every-ms'], 86_400_000),
    stateCount: values.states === undefined ? undefined : whole('states', values.states, 10_000),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        state: { type: 'string' },
        'state-dir': { type: 'string' },
        seed: { type: 'string', default: 'foggara' },
        'history-blocks': { type: 'string', default: '240' },
        assets: { type: 'string', default: '320' },
        'receipts-url': { type: 'string' },
        'blocks-every-ms': { type: 'string', default: '4000' },
        states: { type: 'string' },
      },
    }).values
  } catch (cause) {
    throw new DevnetArgumentsError(cause instanceof Error ? cause.message : String(cause))
  }
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text)
  if (!/^[0-9]{1,9}$/.test(text) || value > max) {
    throw new DevnetArgumentsError(`--${name}: expected a whole number up to ${max}, found ${text}`)
  }
  return value
}

/** The command line is not one of the devnet. */
export class DevnetArgumentsError extends FatalError {
  constructor(detail: string) {
    super('DEVNET_ARGUMENTS', detail, {
      hint:
        'Usage: node devnet/main.ts [--port N] [--state FILE | --state-dir DIR] [--seed S] ' +
        '[--receipts-url URL] [--blocks-every-ms MS] [--history-blocks N] [--assets N] [--states N]',
    })
  }
}
