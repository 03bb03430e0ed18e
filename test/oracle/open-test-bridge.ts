import { setTimeout as delay } from 'node:timers/promises'

import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type BridgeSettings,
  type BridgeStep,
  type SubgraphBridge,
  openRpc,
  openSubgraphBridge,
} from '@foggara/ingest'

import { parseEntitySchema } from '../../ingest/subgraphs/entity-cache/entity-schema.ts'
import { entityTables } from '../../ingest/subgraphs/store/entity-table.ts'
import { readCurrent } from '../../ingest/subgraphs/store/stored-run.ts'
import { sqlNames } from '../../ingest/subgraphs/store/table-ddl.ts'
import { textOf } from './run-in-process.ts'

/** A bridge as a test drives it. */
export type TestBridge = {
  readonly bridge: SubgraphBridge
  /** The next step, whatever it does. */
  step(): Promise<BridgeStep>
  /** Steps until there is nothing new. */
  catchUp(): Promise<readonly BridgeStep[]>
  /** The entities of a type as the tables have them now: texts by field. */
  current(typeName: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** First and last blocks of every version, by id as text. */
  history(typeName: string): Promise<readonly string[]>
}

/** What a test gives a bridge. */
export type TestBridgeOptions = {
  readonly client: ClickHouseClient
  readonly name: string
  readonly urls: { readonly http: string; readonly index: string | undefined }
  readonly rpcUrl: string
  readonly schemaText: string | undefined
  readonly settings?: Partial<BridgeSettings>
}

const SURROUNDINGS = {
  nowMs: () => Date.now(),
  sleep: (durationMs: number) => delay(Math.min(durationMs, 20)),
  signal: new AbortController().signal,
}

/** Opens a bridge, as the command does. */
export async function openTestBridge(options: TestBridgeOptions): Promise<TestBridge> {
  const { client, rpcUrl, schemaText } = options
  const bridge = await openSubgraphBridge({
    ...SURROUNDINGS,
    ...options,
    rpc: openRpc({ url: rpcUrl, ...SURROUNDINGS }),
    graphNodeUrl: options.urls.http,
    indexNodeUrl: options.urls.index,
    deployment: undefined,
  })
  const names = sqlNames(bridge.database)
  const tableOf = (typeName: string) => {
    const table = entityTables(parseEntitySchema(schemaText ?? '')).find(
      ({ entityType }) => entityType === typeName,
    )
    if (table === undefined) throw new Error(`expected an entity type, found ${typeName}`)
    return table
  }
  return {
    bridge,
    step: () => bridge.step(),
    catchUp: async () => {
      const steps: BridgeStep[] = []
      while (steps.at(-1)?.type !== 'idle') steps.push(await bridge.step())
      return steps
    },
    current: async (typeName) => {
      const found: Record<string, unknown>[] = []
      for await (const { entity } of readCurrent({ client, names }, tableOf(typeName))) {
        found.push(Object.fromEntries([...entity].map(([key, value]) => [key, textOf(value)])))
      }
      return found
    },
    history: async (typeName) => {
      const table = tableOf(typeName)
      const isBytes = table.columns.some(
        ({ type, field }) => type === 'String' && field.name === 'id' && field.scalar === 'Bytes',
      )
      const id = isBytes ? `concat('0x', lower(hex(id)))` : 'toString(id)'
      const rows = await queryRows<{ line: string }>(
        client,
        `select concat(${id}, ' ', toString(block_from), ' ', ifNull(toString(block_to), '')) as line
        from ${names(`${table.name}_history`)}
        order by line`,
      )
      return rows.map(({ line }) => line)
    },
  }
}
