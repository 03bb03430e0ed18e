import { HANDLER_LIMITS, type HandlerLimits } from '@foggara/ingest'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { countOption } from '../option-values.ts'
import { listOfEach } from './poi-request.ts'

/** What `foggara subgraph run` was asked for. */
export type RunRequest = {
  /** Undefined where the settings or a running service name the chain. */
  readonly rpcUrl: string | undefined
  /** The last block; undefined for no end. */
  readonly until: number | undefined
  /** One per folder; undefined for names made of the folders' own. */
  readonly names: readonly string[] | undefined
  readonly limits: HandlerLimits
  readonly ipfsGateways: readonly string[]
  readonly arweaveGateways: readonly string[]
  readonly asJson: boolean
  readonly tellsLog: boolean
}

const FUEL_BOUNDS = { min: 1_000, max: 999_999_999_999 }

/**
 * Reads the options of `foggara subgraph run` for so many folders.
 *
 * @throws {OptionMalformedError}
 */
export function readRunRequest(
  options: OptionValues,
  folderCount: number,
  context: Context,
): RunRequest {
  const given = textOption(options, 'rpc') ?? context.environment['FOGGARA_RPC_URL']
  const rpcUrl = given === '' ? undefined : given
  if (rpcUrl !== undefined) checkUrl('--rpc', rpcUrl)
  return {
    rpcUrl,
    until: countOption(options, 'until', { min: 0, max: 999_999_999_999 }),
    names: listOfEach(options, 'name', 'a name', folderCount),
    limits: {
      ...HANDLER_LIMITS,
      fuel: BigInt(countOption(options, 'fuel', FUEL_BOUNDS) ?? HANDLER_LIMITS.fuel),
    },
    ipfsGateways: urlsOption(options, 'ipfs'),
    arweaveGateways: urlsOption(options, 'arweave'),
    asJson: flagOption(options, 'json'),
    tellsLog: flagOption(options, 'log'),
  }
}

function urlsOption(options: OptionValues, name: string): readonly string[] {
  const urls = (textOption(options, name) ?? '').split(',').filter((url) => url !== '')
  for (const url of urls) checkUrl(`--${name}`, url)
  return urls
}

function checkUrl(option: string, text: string): void {
  if (URL.canParse(text) && /^https?:/.test(text)) return
  throw new OptionMalformedError(option, 'an http or https URL', 'another text')
}
