import { type EventSource, FatalError, type Hex } from '@foggara/schema'

import type { Rpc } from '../chain/rpc.ts'

/** Addresses of one source that are looked at; the rest is taken to be like them. */
const ADDRESSES_MAX = 500
const SHOWN_MAX = 3

/**
 * Looks whether there is code at the addresses that sources name: one line per source that names some
 * without. Nodes that do not say are believed.
 *
 * @throws {SourceAddressEmptyError} when a source names no contract at all and `isFirst` is set.
 */
export async function checkAddresses(
  rpc: Pick<Rpc, 'batchSettled'>,
  sources: readonly EventSource[],
  isFirst: boolean,
): Promise<readonly string[]> {
  const lines: string[] = []
  for (const { name, addresses, factory } of sources) {
    const listed = [...(addresses === 'any' ? [] : addresses), ...(factory?.addresses ?? [])]
    const asked = listed.slice(0, ADDRESSES_MAX)
    const empty = await emptyAmong(rpc, asked)
    if (empty.length === 0) continue
    if (isFirst && empty.length === listed.length) throw new SourceAddressEmptyError(name, empty)
    lines.push(messageOf(name, empty))
  }
  return lines
}

async function emptyAmong(
  rpc: Pick<Rpc, 'batchSettled'>,
  addresses: readonly Hex[],
): Promise<readonly Hex[]> {
  if (addresses.length === 0) return []
  const outcomes = await rpc.batchSettled(
    addresses.map((address) => ({ method: 'eth_getCode', params: [address, 'latest'] })),
  )
  return addresses.filter((_, place) => {
    const outcome = outcomes[place]
    return outcome?.type === 'result' && outcome.result === '0x'
  })
}

function messageOf(source: string, empty: readonly Hex[]): string {
  const more = empty.length > SHOWN_MAX ? ` and ${empty.length - SHOWN_MAX} more` : ''
  const shown = `${empty.slice(0, SHOWN_MAX).join(', ')}${more}`
  return `source ${source}: expected contracts, found no code at ${shown}`
}

/** None of the addresses of a source is a contract. */
export class SourceAddressEmptyError extends FatalError {
  constructor(source: string, empty: readonly Hex[]) {
    super('SOURCE_ADDRESS_EMPTY', messageOf(source, empty), {
      hint: 'Check the addresses and the chain; a contract that is yet to come can be added later.',
    })
  }
}
