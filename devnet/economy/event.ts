import { CONTRACT_NAMES, type CONTRACT_ABIS, type ContractName, eventsOf } from '@foggara/schema'
import {
  type AbiEvent,
  type DecodeEventLogReturnType,
  decodeEventLog,
  parseAbiItem,
  toEventSelector,
} from 'viem'

import type { RawLog } from '../chain.ts'

/** OpenZeppelin's own event of a proposal: it holds the calls that are needed to execute it. */
const PROPOSAL_CREATED = parseAbiItem(
  // One signature is one line of text.
  // oxlint-disable-next-line max-len
  'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
)

type EconomyAbi = readonly (
  | (typeof CONTRACT_ABIS)[ContractName][number]
  | typeof PROPOSAL_CREATED
)[]

/** An event of the protocol, told apart by `eventName`; addresses are in lower case. */
export type ProtocolEvent = DecodeEventLogReturnType<EconomyAbi>

/** The arguments of one event. */
export type EventArguments<Name extends ProtocolEvent['eventName']> = Extract<
  ProtocolEvent,
  { eventName: Name }
>['args']

const EVENTS: ReadonlyMap<string, AbiEvent> = new Map(
  [...CONTRACT_NAMES.flatMap((name) => eventsOf(name)), PROPOSAL_CREATED].map((event) => [
    toEventSelector(event),
    event,
  ]),
)

/** The topics of all events that {@link decodeEvent} knows. */
export const EVENT_TOPICS: readonly string[] = [...EVENTS.keys()]

/** Decodes a log of the protocol; nothing when it is not an event that the economy follows. */
export function decodeEvent(log: RawLog): ProtocolEvent | undefined {
  const [selector, ...indexed] = log.topics
  const event = EVENTS.get(selector ?? '0x')
  if (event === undefined || selector === undefined) return undefined
  const decoded = decodeEventLog({
    abi: [event],
    topics: [selector, ...indexed],
    data: log.data,
  })
  const args = Object.entries(decoded.args ?? {}).map(([name, value]) => {
    return [name, isAddress(value) ? value.toLowerCase() : value]
  })
  const lower = { eventName: decoded.eventName, args: Object.fromEntries(args) as unknown }
  return lower as ProtocolEvent
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)
}
