import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { FatalError } from '@foggara/schema'
import { type AbiEvent, parseAbiItem } from 'viem'
import { z } from 'zod'

import { suggestion } from '../nearest-name.ts'

const parameter = z.looseObject({ type: z.string(), name: z.string().optional() })
const item = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  inputs: z.array(parameter).optional(),
})
const abi = z.union([z.array(item), z.looseObject({ abi: z.array(item) })])

/**
 * The events of an ABI: of a JSON file, or as Solidity writes them. With names, only those.
 *
 * @throws {AbiMalformedError}
 */
export async function readAbi(
  where: string,
  given: string | readonly string[],
  names: readonly string[] | undefined,
  directory: string,
): Promise<readonly AbiEvent[]> {
  const all =
    typeof given === 'string'
      ? await readFileEvents(where, path.resolve(directory, given))
      : given.map((text) => parsedEvent(where, text))
  const known = all.map(({ name }) => name)
  const missing = names?.find((name) => !known.includes(name))
  if (missing !== undefined) {
    throw new AbiMalformedError(where, `no event ${missing}`, suggestion(missing, known))
  }
  const events = all.filter(({ name }) => names?.includes(name) ?? true)
  if (events.length === 0) throw new AbiMalformedError(where, 'no events')
  return events
}

function parsedEvent(where: string, text: string): AbiEvent {
  try {
    const parsed = parseAbiItem(text)
    if (parsed.type === 'event') return parsed
  } catch (cause) {
    throw new AbiMalformedError(where, JSON.stringify(text), undefined, cause)
  }
  throw new AbiMalformedError(where, JSON.stringify(text))
}

async function readFileEvents(where: string, file: string): Promise<readonly AbiEvent[]> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'a file that cannot be read'
    throw new AbiMalformedError(where, reason, undefined, cause)
  }
  const parsed = abi.safeParse(value)
  if (!parsed.success) throw new AbiMalformedError(where, 'JSON that is no ABI')
  const items = Array.isArray(parsed.data) ? parsed.data : parsed.data.abi
  // What the check above does not see of parameters, decoding refuses by name.
  return items.filter(({ type }) => type === 'event') as unknown as readonly AbiEvent[]
}

/** An ABI of the settings is none, or lacks an event. */
export class AbiMalformedError extends FatalError {
  constructor(where: string, found: string, hint?: string, cause?: unknown) {
    super('CHAIN_ABI_MALFORMED', `${where}: expected events of an ABI, found ${found}`, {
      cause,
      hint: hint ?? "Name a JSON file, or write ['event Transfer(address indexed from, …)'].",
    })
  }
}
