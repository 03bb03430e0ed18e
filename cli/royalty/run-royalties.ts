import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { currentPin, pinAt } from '@foggara/database'
import { LAP_MODES, RunAbortedError } from '@foggara/gpu-analytics'
import { FatalError, type Hex, parseHex } from '@foggara/schema'

import { OptionMalformedError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption, textOption } from '../command.ts'
import { loadConfig } from '../config.ts'
import { countOption, wordOption } from '../option-values.ts'
import { rowsOf } from '../score/close-epochs.ts'
import { openDatabaseToRead } from '../service/open-database.ts'
import { csvOf, jsonOf, printReport } from './print-royalties.ts'
import { readRoyaltyHistory } from './royalty-history.ts'
import { royaltyReport } from './royalty-report.ts'

/**
 * Runs `foggara royalties`; 1 when a royalty event is not what the contract's rule gives.
 *
 * @throws {OptionMalformedError | RoyaltyTokenUnknownError | BlockNotIndexedError}
 */
export async function runRoyalties(options: OptionValues, context: Context): Promise<number> {
  const block = countOption(options, 'block', { min: 0, max: 2 ** 33 - 1 })
  const mode = wordOption(options, 'mode', LAP_MODES)
  const token = tokenOption(options)
  const limit = countOption(options, 'limit', { min: 0, max: 1_000_000 }) ?? 20
  const config = await loadConfig(options, context)
  await using database = await openDatabaseToRead(config, context.directory, () => undefined)
  const { client } = database
  const pin = block === undefined ? await currentPin(client) : await pinAt(client, block)
  const history = await readRoyaltyHistory(rowsOf(client), pin)
  if (context.stopped.aborted) throw new RunAbortedError('reading the index')
  if (token !== undefined && token !== history.token) {
    throw new RoyaltyTokenUnknownError(token, history.token)
  }
  const report = royaltyReport(
    history,
    mode === undefined ? { policy: 'LRP' } : { policy: 'LAP', mode },
  )
  const out = textOption(options, 'out')
  const isPiped = out === '-'
  if (isPiped) context.print(csvOf(report, history))
  else if (out !== undefined) {
    await writeFile(path.resolve(context.directory, out), `${csvOf(report, history)}\n`)
  }
  const print = isPiped ? context.warn : context.print
  if (flagOption(options, 'json')) print(jsonOf(report, history))
  else printReport(report, history, limit, print)
  return report.tokens.every(({ pairs }) => pairs.every((row) => row.unexplained === 0n)) ? 0 : 1
}

function tokenOption(options: OptionValues): Hex | undefined {
  const text = textOption(options, 'token')
  if (text === undefined) return undefined
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new OptionMalformedError('--token', 'an address of 20 bytes, 0x…', text)
  }
  return parseHex(text.toLowerCase(), 20, '--token')
}

/** Vaults hold another token, or none yet. */
export class RoyaltyTokenUnknownError extends FatalError {
  constructor(found: Hex, held: Hex | undefined) {
    super('ROYALTY_TOKEN_UNKNOWN', `expected a token that vaults hold, found ${found}`, {
      hint:
        held === undefined
          ? 'No token has moved up to this block.'
          : `Vaults hold ${held} only; leave --token out.`,
    })
  }
}
