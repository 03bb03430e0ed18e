import { type Header, decodeHeader, recordOf } from './block.ts'
import { type HeaderRule, profileOf } from './follow-profile.ts'
import { headerHash } from './header-hash.ts'
import { RpcHeaderWrongError } from './rpc-errors.ts'

/** Holds the headers of one provider to what its chain's headers keep to. */
export type HeaderCheck = {
  /**
   * Decodes a block's header, which must hash to the hash it says; `undefined` when the node does not
   * have the block.
   *
   * @throws {RpcHeaderWrongError | RpcResponseInvalidError}
   */
  readonly read: (value: unknown, shownUrl: string) => Header | undefined
  /** Whether a bloom filter that leaves no room for a log shows that there is none. */
  readonly trustsBloom: boolean
  readonly report: () => HeaderReport
}

/** How headers fared, since the start. */
export type HeaderReport = {
  readonly hashed: number
  /** Headers that did not hash to what they say, of a chain whose headers need not. */
  readonly observed: number
  /** Rules that are looked at only. */
  readonly observeOnly: readonly HeaderRule[]
}

/** Opens the check of a provider of a chain. */
export function openHeaderCheck(chainId: number): HeaderCheck {
  const profile = profileOf(chainId)
  const isObserved = profile.observeOnly.includes('header-hash')
  let isEnforced = profile.headersHash
  let [hashed, observed] = [0, 0]
  return {
    trustsBloom: !profile.observeOnly.includes('logs-bloom'),
    read: (value, shownUrl) => {
      const header = decodeHeader(value, shownUrl)
      if (header === undefined) return undefined
      const found = headerHash(recordOf(value))
      if (found === header.hash) {
        hashed += 1
        // A chain whose headers hash once is of Ethereum's form.
        isEnforced ||= !isObserved
        return header
      }
      if (isEnforced) throw new RpcHeaderWrongError(shownUrl, header.block, header.hash, found)
      observed += 1
      return header
    },
    report: () => ({ hashed, observed, observeOnly: profile.observeOnly }),
  }
}
