import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import {
  type ScratchDatabase,
  openClient,
  queryRows,
  startScratchDatabase,
} from '@foggara/database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { COMMANDS } from '../../cli/commands.ts'
import { run } from '../../cli/run.ts'
import { devnetAccounts, registerAsset } from '../../devnet/index.ts'
import { parseEntitySchema } from '../../ingest/subgraphs/entity-cache/entity-schema.ts'
import type { EntityType, EntityVersion } from './entity-versions.ts'
import { type TestBridge, openTestBridge } from './open-test-bridge.ts'
import type { Deployment, Oracle } from './oracle.ts'
import { oracleMissing } from './packages.ts'
import { headOf, startProtocolChain } from './protocol-chain.ts'
import { TRACED_CASES, indexCase } from './record-traces.ts'

const SLOW_MS = 240_000
const SCHEMA = readFileSync(join(dirname(TRACED_CASES.protocol.manifest), 'schema.graphql'), 'utf8')
const FIRST_BLOCK = 60
const EXACT_BLOCK_COUNT = 12

const missing = oracleMissing()
const where = missing === undefined ? 'from a real graph-node' : `(skipped: ${missing})`

describe.skipIf(missing !== undefined)(`the bridge ${where}`, () => {
  let chain: Awaited<ReturnType<typeof startProtocolChain>>
  let oracle: Oracle
  let deployment: Deployment
  let scratch: ScratchDatabase
  let client: ReturnType<typeof openClient>
  beforeAll(async () => {
    chain = await startProtocolChain()
    oracle = await indexCase(TRACED_CASES.protocol, chain)
    const [first] = oracle.deployments
    if (first === undefined) throw new Error('expected a deployment')
    deployment = first
    scratch = await startScratchDatabase({ memoryMib: 3_000 })
    const { url, username, password } = scratch.database
    client = openClient({ url, username, password, database: 'default' })
  }, SLOW_MS)
  afterAll(async () => {
    await client?.close()
    await scratch?.[Symbol.asyncDispose]()
    await oracle?.stop()
    await chain?.anvil.stop()
  })

  const open = (name: string, schemaText: string | undefined): Promise<TestBridge> =>
    openTestBridge({
      client,
      name,
      urls: deployment.urls,
      rpcUrl: chain.anvil.rpcUrl,
      schemaText,
      settings: {
        fromBlock: FIRST_BLOCK,
        exactBlockCount: EXACT_BLOCK_COUNT,
        passBlockCount: 20,
      },
    })

  test(
    'copies wide passes, then block by block every version with its blocks',
    async () => {
      const bridge = await open('copied', SCHEMA)
      await bridge.catchUp()
      const exactFrom = chain.headBlock - EXACT_BLOCK_COUNT
      const wide = [
        [0, FIRST_BLOCK],
        [61, 80],
        [81, 100],
        [101, exactFrom],
      ]
      const exact = Array.from({ length: EXACT_BLOCK_COUNT }, (_, place) => exactFrom + 1 + place)
      expect(bridge.bridge.passes().map(({ firstBlock, block }) => [firstBlock, block])).toEqual([
        ...wide,
        ...exact.map((block) => [block, block]),
      ])
      await expectSameEntities(bridge)
      for (const type of entityTypes()) {
        const theirs = (await deployment.versions(type.name))
          .filter(({ fromBlock }) => fromBlock > exactFrom)
          .map(lineOf)
        const ours = (await bridge.history(type.name)).filter(
          (line) => Number(line.split(' ')[1]) > exactFrom,
        )
        expect({ type: type.name, lines: ours }).toEqual({
          type: type.name,
          lines: theirs.toSorted((a, b) => (a < b ? -1 : 1)),
        })
      }
      const [proof] = await queryRows<{ proof_text: string }>(
        client,
        `select concat('0x', lower(hex(proof))) as proof_text
      from subgraph_copied._pass where block = ${chain.headBlock}`,
      )
      expect(proof?.proof_text).toBe(await deployment.proof(chain.headBlock, chain.headHash))
      const again = await open('copied', SCHEMA)
      expect(await again.step()).toMatchObject({ type: 'idle' })
      expect(again.bridge.passes()).toEqual(bridge.bridge.passes())
    },
    SLOW_MS,
  )

  test(
    'undoes what the chain took back, and copies what came instead',
    async () => {
      const bridge = await open('copied', SCHEMA)
      const { rpc } = chain.devnet
      await rpc.request('anvil_rollback', 4)
      const ancestor = chain.headBlock - 4
      for (let number = ancestor + 1; number <= chain.headBlock + 1; number += 1) {
        const owner = devnetAccounts.testers[1].address
        await registerAsset(chain.devnet, { owner, kind: 'TOOL', name: `other ${number}` })
      }
      const { headBlock, headHash } = await headOf({ rpc })
      await deployment.untilBlock(headBlock, { blockHash: headHash })
      const [first, ...rest] = await bridge.catchUp()
      expect(first).toEqual({ type: 'reverted', toBlock: ancestor, passCount: 4 })
      expect(rest).toHaveLength(headBlock - ancestor + 1)
      await expectSameEntities(bridge)
    },
    SLOW_MS,
  )

  test(
    'makes tables of what the API says, where no schema is given',
    async () => {
      const bridge = await open('asked', undefined)
      await bridge.step()
      await bridge.step()
      const columns = async (name: string) => {
        const rows = await queryRows<{ column: string }>(
          client,
          `select concat(table, '.', name, ' ', type) as column from system.columns
        where database = 'subgraph_${name}' and table not like '\\_%' and table not like '%\\_rows'
          and name not in ('vid', 'block_from', 'block_to')`,
        )
        return rows.map(({ column }) => column).toSorted((a, b) => (a < b ? -1 : 1))
      }
      const isKnown = (line: string) => !line.includes('statistics') && !line.includes('_by_')
      expect((await columns('asked')).filter(isKnown)).toEqual(
        (await columns('copied')).filter(isKnown),
      )
    },
    SLOW_MS,
  )

  test(
    'is a command that goes on where it stood',
    async () => {
      const { url, username, password } = scratch.database
      const database = url.replace('//', `//${username}:${password}@`)
      const command = async (...args: readonly string[]) => {
        const printed: string[] = []
        const place = ['--rpc', chain.anvil.rpcUrl, '--clickhouse-url', `${database}/default`]
        const from = ['--graph-node', deployment.urls.http, '--index-node', deployment.urls.index]
        const all = ['subgraph', 'bridge', ...place, ...from, '--name', 'command', ...args]
        const code = await run(all, COMMANDS, '1.2.3', {
          environment: {},
          directory: import.meta.dirname,
          print: (line) => printed.push(line),
          warn: (line) => printed.push(line),
          nowMs: () => Date.now(),
          stopped: new AbortController().signal,
        })
        return { code, printed }
      }
      const first = await command('--exact-blocks', '3', '--until', '110')
      expect(first.code).toBe(0)
      expect(first.printed.map((line) => line.replace(/: \d+ changes?$/, ''))).toEqual([
        `subgraph_command: ${deployment.id}, nothing copied yet`,
        '  of a pass over several blocks only the last versions are there, and no aggregations; its table is _pass',
        '  blocks 0-107',
        ...[108, 109, 110].map((block) => `  block ${block}`),
      ])
      const second = await command('--until', '111', '--json', '--deployment', deployment.id)
      expect(second.printed.map((line) => JSON.parse(line))).toMatchObject([
        { type: 'start', database: 'subgraph_command', block: 110 },
        { type: 'copied', firstBlock: 111, block: 111, isExact: true },
      ])
      const other = await command('--once', '--deployment', `Qm${'1'.repeat(44)}`)
      expect(other.code).toBe(1)
      expect(other.printed[0]).toMatch(/^SUBGRAPH_DEPLOYMENT_CHANGED /)
    },
    SLOW_MS,
  )

  function entityTypes(): readonly EntityType[] {
    return deployment.types.filter(({ isAggregation }) => !isAggregation)
  }

  async function expectSameEntities(bridge: TestBridge): Promise<void> {
    const { entities } = parseEntitySchema(SCHEMA)
    for (const type of entityTypes()) {
      const fields = entities.get(type.name)?.fields
      const referenceLists = [...(fields?.values() ?? [])]
        .filter(({ isList, refersTo }) => isList && refersTo !== undefined)
        .map(({ name }) => name)
      const live = (await deployment.versions(type.name)).filter(({ toBlock }) => toBlock === null)
      const theirs = live.map(({ fields: values }) => textsOf(values, referenceLists))
      const ours = (await bridge.current(type.name)).map((one) => textsOf(one, referenceLists))
      expect({ type: type.name, entities: sorted(ours) }).toEqual({
        type: type.name,
        entities: sorted(theirs),
      })
    }
  }
})

/** Lists of references come sorted by id. */
function textsOf(
  fields: Readonly<Record<string, unknown>>,
  referenceLists: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [
        name,
        referenceLists.includes(name) && Array.isArray(value)
          ? value.toSorted((a, b) => (a < b ? -1 : 1))
          : value,
      ])
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )
}

function sorted(entities: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return entities.map((one) => JSON.stringify(one)).toSorted((a, b) => (a < b ? -1 : 1))
}

function lineOf({ fields, fromBlock, toBlock }: EntityVersion): string {
  return `${String(fields['id'])} ${fromBlock} ${toBlock ?? ''}`
}
