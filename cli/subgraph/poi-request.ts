import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'

/** What `foggara subgraph poi` was asked for. */
export type PoiRequest = ProofOptions & {
  readonly rpcUrl: string
  readonly tellsLog: boolean
}

/** Which proofs are asked for, wherever they come from. */
export type ProofOptions = {
  /** The first block that gets a line of JSON; undefined for the first that runs. */
  readonly firstShown: number | undefined
  /** Undefined for the head of the chain. */
  readonly lastBlock: number | undefined
  /** One id per folder; undefined for what a folder has once it is uploaded. */
  readonly deployments: readonly string[] | undefined
  /** What the tables of each folder are called after; undefined for the folders' own names. */
  readonly names: readonly string[] | undefined
  readonly indexer: Uint8Array | undefined
  readonly asJson: boolean
}

/**
 * Reads the options of `foggara subgraph poi` for so many folders.
 *
 * @throws {OptionMalformedError}
 */
export function readPoiRequest(
  options: OptionValues,
  folderCount: number,
  context: Context,
): PoiRequest {
  const rpcUrl = textOption(options, 'rpc') ?? context.environment['FOGGARA_RPC_URL']
  if (rpcUrl === undefined || rpcUrl === '') {
    throw new OptionMalformedError('--rpc', 'the URL of a chain', 'none')
  }
  if (!URL.canParse(rpcUrl) || !/^https?:/.test(rpcUrl)) {
    throw new OptionMalformedError('--rpc', 'an http or https URL', 'another text')
  }
  return {
    ...readProofOptions(options, folderCount),
    rpcUrl,
    tellsLog: flagOption(options, 'log'),
  }
}

/**
 * Reads which proofs of so many folders are asked for.
 *
 * @throws {OptionMalformedError}
 */
export function readProofOptions(options: OptionValues, folderCount: number): ProofOptions {
  const [firstShown, lastBlock] = blockRange(textOption(options, 'blocks'))
  return {
    firstShown,
    lastBlock,
    deployments: listOfEach(options, 'deployment', 'an id', folderCount),
    names: listOfEach(options, 'name', 'a name', folderCount),
    indexer: indexerAddress(textOption(options, 'indexer')),
    asJson: flagOption(options, 'json'),
  }
}

/**
 * An option with one value for each folder, with commas between.
 *
 * @throws {OptionMalformedError}
 */
export function listOfEach(
  options: OptionValues,
  option: string,
  what: string,
  folderCount: number,
): readonly string[] | undefined {
  const text = textOption(options, option)
  if (text === undefined) return undefined
  const values = text.split(',').map((value) => value.trim())
  if (values.length === folderCount && !values.includes('')) return values
  throw new OptionMalformedError(`--${option}`, `${what} for each of ${folderCount} folders`, text)
}

function blockRange(
  text: string | undefined,
): readonly [first: number | undefined, last: number | undefined] {
  if (text === undefined) return [undefined, undefined]
  const parts = /^(\d{0,15})\.\.(\d{0,15})$/.exec(text)
  const [first, last] = [parts?.[1], parts?.[2]].map((digits) =>
    digits === undefined || digits === '' ? undefined : Number(digits),
  )
  if (parts === null || (first !== undefined && last !== undefined && first > last)) {
    throw new OptionMalformedError('--blocks', 'FROM..TO with FROM up to TO', text)
  }
  return [first, last]
}

function indexerAddress(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
  throw new OptionMalformedError('--indexer', '0x and 40 hex digits', text)
}
