import { CONTRACT_NAMES, eventsOf } from '@foggara/schema'
import { decodeEventLog } from 'viem'

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
  const { args } = decodeEventLog({
    abi: [event],
    data: hexOf(row['payload']),
    topics: [signature, ...indexed],
  })
  const values: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(args ?? {}))
  return event.inputs
    .filter((input) => input.name !== undefined && input.name !== 'sequence')
    .map((input) => ({
      name: input.name ?? '',
      type: input.type,
      value: textOf(values[input.name ?? '']),
    }))
}

function topicsOf(row: Row): readonly `0x${string}`[] {
  const topics = row['topics']
  return Array.isArray(topics) ? topics.map(hexOf) : []
}

function hexOf(value: unknown): `0x${string}` {
  const text = String(value)
  return text.startsWith('0x') ? (text as `0x${string}`) : '0x'
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.map(textOf))
  return typeof value === 'string' ? value : String(value)
}
