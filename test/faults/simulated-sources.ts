import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type Deployment,
  type EventSource,
  type EventTable,
  type Hex,
  parseAddress,
  snakeCase,
  sourceTables,
} from '@foggara/schema'
import { type AbiEvent, parseAbiItem } from 'viem'

/** Sources that between them want every log of a simulated chain. */
export function simulatedSources(
  deployment: Deployment,
  tables: readonly EventTable[],
): readonly EventSource[] {
  const byContract = Map.groupBy(tables, ({ contract }) => contract)
  const contracts = [...byContract].map(([contract, events]): EventSource => {
    const addresses: readonly Hex[] = [parseAddress(deployment.contracts[contract])]
    return { name: snakeCase(contract), events: events.map(({ event }) => event), addresses }
  })
  const text = 'event Transfer(address indexed from, address indexed to, uint256 value)'
  const anybody: EventSource = {
    name: 'anybody',
    events: [parseAbiItem(text) as AbiEvent],
    addresses: 'any',
  }
  return [...contracts, anybody]
}

/** Tables that do not hold each log of theirs in the archive once. */
export async function findTableProblems(
  client: ClickHouseClient,
  sources: readonly EventSource[],
): Promise<readonly string[]> {
  const each = sources
    // What stands there under the name of a transfer is none.
    .filter(({ addresses }) => addresses !== 'any')
    .flatMap(sourceTables)
    .map(
      ({ view, source, topic }) => `select
        '${view}' as view,
        count() as rows,
        uniqExact(block, log_index) as places,
        (
          select count()
          from log
          where contract = '${source}' and topics[1] = unhex('${topic.slice(2)}')
        ) as logs
      from ${view}`,
    )
  const found = await queryRows<Record<'view' | 'rows' | 'places' | 'logs', string>>(
    client,
    each.join('\nunion all\n'),
  )
  return found
    .filter(({ rows, places, logs }) => rows !== logs || places !== logs)
    .map(({ view, rows, places, logs }) => `${view}: ${rows} rows of ${places} of ${logs} logs`)
}
