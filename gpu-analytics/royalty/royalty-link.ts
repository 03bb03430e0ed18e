import { FatalError, type Hex, SHARE_WHOLE_E8, compareIds } from '@foggara/schema'

/** An asset that royalties flow between. */
export type RoyaltyAsset = {
  readonly id: Hex
  /** Where its registration stands in the order of all registrations, a whole number. */
  readonly registered: number
}

/**
 * How a link's share is meant: relative to what the child receives, royalties included (LRP);
 * absolute, of the revenue of every descendant (LAP); or settled outside, by other means (EXT).
 */
export const ROYALTY_POLICIES = ['LRP', 'LAP', 'EXT'] as const
export type RoyaltyPolicy = (typeof ROYALTY_POLICIES)[number]

/** A claim that a child owes a parent a share. */
export type RoyaltyLink = {
  readonly childId: Hex
  readonly parentId: Hex
  readonly policy: RoyaltyPolicy
  /** Parts per hundred million. */
  readonly shareE8: number
  /** Where the linking stands in the order of events; a child's links of one event stand or fall together. */
  readonly linked: number
  /** Tells parallel links of one event apart, its relation for example. */
  readonly label?: string
  /** The first block that the link counts at; without one, any. */
  readonly fromBlock?: number
  /** The first block that it no longer counts at; without one, never. */
  readonly toBlock?: number
  /** False when the child had no licence when it linked; revoking one later changes nothing. */
  readonly isLicensed?: boolean
}

/** Why a link is kept but owes nothing. */
export const LINK_REFUSALS = [
  'assetUnknown',
  'policyExternal',
  'unlicensed',
  'notYetValid',
  'expired',
  'noShare',
  'cycle',
  'parentNotEarlier',
  'stackAboveWhole',
  'ancestorsAboveMax',
] as const
export type LinkRefusal = (typeof LINK_REFUSALS)[number]

export type RefusedLink = { readonly link: RoyaltyLink; readonly reason: LinkRefusal }

/**
 * An event's place in the order of all events, from its block and its log in the block: for
 * `registered` and `linked`.
 *
 * @throws {EventOrderError} past block 2^33 or log 2^20.
 */
export function eventOrder(block: number, logIndex: number): number {
  const isWhole = Number.isInteger(block) && Number.isInteger(logIndex)
  if (!isWhole || block < 0 || logIndex < 0 || block >= 2 ** 33 || logIndex >= LOGS_PER_BLOCK) {
    throw new EventOrderError(block, logIndex)
  }
  return block * LOGS_PER_BLOCK + logIndex
}

const LOGS_PER_BLOCK = 2 ** 20

/** The canonical order of links: by event, child, parent, label, policy. */
export function compareLinks(a: RoyaltyLink, b: RoyaltyLink): number {
  return (
    a.linked - b.linked ||
    compareIds(a.childId, b.childId) ||
    compareIds(a.parentId, b.parentId) ||
    compareIds(a.label ?? '', b.label ?? '') ||
    compareIds(a.policy, b.policy)
  )
}

/**
 * The links in canonical order, after checking what the arithmetic relies on.
 *
 * @throws {RoyaltyLinkError} for a share outside 0 to 1e8, a number that is not whole, or a link twice.
 */
export function checkLinks(links: readonly RoyaltyLink[]): RoyaltyLink[] {
  for (const link of links) {
    const { shareE8 } = link
    if (!Number.isInteger(shareE8) || shareE8 < 0 || BigInt(shareE8) > SHARE_WHOLE_E8) {
      throw new RoyaltyLinkError(link, `expected a share of 0 to 1e8, found ${shareE8}`)
    }
    for (const number of [link.linked, link.fromBlock ?? 0, link.toBlock ?? 0]) {
      if (Number.isSafeInteger(number) && number >= 0) continue
      throw new RoyaltyLinkError(link, `expected whole numbers, found ${number}`)
    }
    if (!ROYALTY_POLICIES.includes(link.policy)) {
      throw new RoyaltyLinkError(link, `expected LRP, LAP or EXT, found ${link.policy}`)
    }
  }
  const ordered = links.toSorted(compareLinks)
  for (const [place, link] of ordered.entries()) {
    const next = ordered[place + 1]
    if (next !== undefined && compareLinks(link, next) === 0) {
      throw new RoyaltyLinkError(link, 'expected every link once, found it twice')
    }
  }
  return ordered
}

/** A link is no link: a share outside its scale, or the same one twice. */
export class RoyaltyLinkError extends FatalError {
  constructor(link: RoyaltyLink, detail: string) {
    super('ROYALTY_LINK_MALFORMED', `link ${link.childId} to ${link.parentId}: ${detail}`)
  }
}

/** A block or a log index is none. */
export class EventOrderError extends FatalError {
  constructor(block: number, logIndex: number) {
    super(
      'EVENT_ORDER_OUT_OF_RANGE',
      `expected a block below 2^33 and a log below 2^20, found ${block} and ${logIndex}`,
    )
  }
}
