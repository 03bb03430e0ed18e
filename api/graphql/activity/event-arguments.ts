import { CONTRACT_NAMES, type Hex, eventsOf } from '@foggara/schema'
import { type AbiEvent, decodeEventLog } from 'viem'

import type { Row } from '../../sql/row.ts'

/** One decoded argument of an event. */
export type EventArgument = { readonly name: string; readonly type: string; readonly value: string }

/** The arguments of an archived event, in ABI order, without the contract's own sequence number. */
export function eventArguments(row: Row): readonly EventArgument[] {
  const contract = CONTRACT_NAMES.find((name) => name === row['contract'])
  if (contract === undefined) return []
  const event = eventsOf(contract).find((candidate) => candidate.name === row['event'])
  if (event === undefined) return []
  const [signature, ...indexed] = topicsOf(row)
  if (signature === undefined) return []
  const values = decoded(event, [signature, ...indexed], hexOf(row['payload']))
  return event.inputs
    .filter((input) => input.name !== undefined && input.name !== 'sequence')
    .map((input) => ({
      name: input.name ?? '',
      type: input.type,
      value: textOf(values[input.name ?? '']),
    }))
}

function decoded(
  event: AbiEvent,
  topics: [Hex, ...Hex[]],
  data: Hex,
): Readonly<Record<string, unknown>> {
  const { args } = decodeEventLog({ abi: [event], data, topics })
  return Object.fromEntries(Object.entries(args ?? {}))
}

function topicsOf(row: Row): readonly Hex[] {
  const topics = row['topics']
  return Array.isArray(topics) ? topics.map(hexOf) : []
}

function hexOf(value: unknown): Hex {
  const text = String(value)
  return text.startsWith('0x') ? (text as Hex) : '0x'
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.map(textOf))
  const text = String(value)
  return /^0x[0-9a-f]*$/i.test(text) ? text.toLowerCase() : text
}
