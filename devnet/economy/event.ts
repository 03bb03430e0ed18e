import { CONTRACT_ABIS, CONTRACT_NAMES, type ContractName, eventsOf } from '@foggara/schema'
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
  'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
)

type EconomyAbi = readonly (
  | (typeof CONTRACT_ABIS)[ContractName][number]
  | typeof PROPOSAL_CREATED
)[]

/** An event of the protocol, told apart by `eventName`. */
export type ProtocolEvent = DecodeEventLogReturnType<EconomyAbi> & { readonly blockNumber: number }

/** The topics of all events that {@link decodeEvent} knows. */
export const EVENT_TOPICS = [...eventsByTopic().keys()]

/** Decodes a log of the protocol; nothing when it is not an event that the economy follows. */
export function decodeEvent(log: RawLog): ProtocolEvent | undefined {
  const event = EVENTS.get(log.topics[0] ?? '0x')
  if (event === undefined) return undefined
  const [selector, ...indexed] = log.topics
  if (selector === undefined) return undefined
  const decoded = decodeEventLog({
    abi: [event],
    topics: [selector, ...indexed],
    data: log.data,
  }) as unknown as DecodeEventLogReturnType<EconomyAbi>
  return { ...decoded, blockNumber: Number(log.blockNumber) }
}

const EVENTS = eventsByTopic()

function eventsByTopic(): ReadonlyMap<string, AbiEvent> {
  const events = [...CONTRACT_NAMES.flatMap((name) => eventsOf(name)), PROPOSAL_CREATED]
  return new Map(events.map((event) => [toEventSelector(event), event]))
}
