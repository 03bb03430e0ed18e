import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { BridgeSettings } from '@foggara/ingest'
import { FatalError } from '@foggara/schema'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { countOption } from '../option-values.ts'
import { folderName } from './named-folders.ts'

/** What `foggara subgraph bridge` was asked for. */
export type BridgeRequest = {
  readonly graphNodeUrl: string
  readonly indexNodeUrl: string | undefined
  readonly rpcUrl: string
  readonly name: string
  readonly deployment: string | undefined
  readonly schemaText: string | undefined
  readonly settings: Partial<BridgeSettings>
  /** Ends when there is nothing new, or the last block is copied. */
  readonly ends: boolean
  readonly asJson: boolean
}

const BLOCK_BOUNDS = { min: 0, max: 999_999_999_999 }
const COUNT_BOUNDS = { min: 1, max: 10_000_000 }

/**
 * Reads the options of `foggara subgraph bridge`.
 *
 * @throws {OptionMalformedError | SchemaFileError}
 */
export async function readBridgeRequest(
  options: OptionValues,
  context: Context,
): Promise<BridgeRequest> {
  const graphNodeUrl = urlOption(options, 'graph-node', 'the GraphQL API of a subgraph')
  const rpcUrl = urlOption(
    options,
    'rpc',
    'the URL of its chain',
    context.environment['FOGGARA_RPC_URL'],
  )
  const untilBlock = countOption(options, 'until', BLOCK_BOUNDS)
  const given = {
    fromBlock: countOption(options, 'from', BLOCK_BOUNDS),
    untilBlock,
    exactBlockCount: countOption(options, 'exact-blocks', { ...COUNT_BOUNDS, min: 0 }),
    passBlockCount: countOption(options, 'pass-blocks', COUNT_BOUNDS),
    removalsEvery: countOption(options, 'removals-every', { ...COUNT_BOUNDS, min: 0 }),
  }
  const settings = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  )
  return {
    graphNodeUrl,
    indexNodeUrl: indexNodeUrl(options, graphNodeUrl),
    rpcUrl,
    name: textOption(options, 'name') ?? folderName(new URL(graphNodeUrl).pathname),
    deployment: textOption(options, 'deployment'),
    schemaText: await schemaText(textOption(options, 'schema'), context.directory),
    settings: { ...settings, allowsErrors: flagOption(options, 'allow-errors') },
    ends: flagOption(options, 'once') || untilBlock !== undefined,
    asJson: flagOption(options, 'json'),
  }
}

function urlOption(
  options: OptionValues,
  name: string,
  expected: string,
  fallback?: string,
): string {
  const url = textOption(options, name) ?? fallback
  if (url === undefined || url === '') throw new OptionMalformedError(`--${name}`, expected, 'none')
  if (URL.canParse(url) && /^https?:/.test(url)) return url
  throw new OptionMalformedError(`--${name}`, 'an http or https URL', 'another text')
}

/** graph-node's own ports are 8000 and 8030. */
function indexNodeUrl(options: OptionValues, graphNodeUrl: string): string | undefined {
  if (textOption(options, 'index-node') !== undefined) {
    return urlOption(options, 'index-node', 'the API of an index node')
  }
  const url = new URL(graphNodeUrl)
  if (url.port !== '8000') return undefined
  url.port = '8030'
  url.pathname = '/graphql'
  return url.href
}

async function schemaText(
  file: string | undefined,
  directory: string,
): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(path.resolve(directory, file), 'utf8')
  } catch (error) {
    throw new SchemaFileError(file, error)
  }
}

/** The file of a schema cannot be read. */
export class SchemaFileError extends FatalError {
  constructor(file: string, cause: unknown) {
    super('SUBGRAPH_FILE_MISSING', `${file}: expected a schema in GraphQL, found no file`, {
      cause,
    })
  }
}
