import { readFileSync } from 'node:fs'

import { expositionText } from '@foggara/api/metrics'
import { expect, test } from 'vitest'

import { parseExposition } from '../../api/test/parse-exposition.ts'
import { createBoard } from '../live/board.ts'
import { CHAIN_STATUS, PROVIDER, READING } from '../test/sample-reading.ts'
import { openMetricsServer } from './metrics-server.ts'
import { serviceMetrics } from './service-metrics.ts'

test('everything that a service measures is well-formed and carries its labels', () => {
  const families = parseExposition(expositionText(serviceMetrics(READING)))
  const valueOf = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    families
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name)
      .find(({ labels: found }) =>
        Object.entries(labels).every(([key, text]) => found[key] === text),
      )?.value
  expect(families.length).toBeGreaterThan(50)
  expect(valueOf('foggara_chain_indexed_block', { chain: '31337' })).toBe(8_000)
  expect(valueOf('foggara_chain_events_per_second')).toBe(81_234.5)
  expect(valueOf('foggara_chain_state', { state: 'backfilling' })).toBe(1)
  expect(valueOf('foggara_chain_reorg_blocks_bucket', { le: '50' })).toBe(2)
  expect(valueOf('foggara_chain_reorg_blocks_bucket', { le: '100' })).toBe(3)
  expect(valueOf('foggara_chain_reorg_blocks_sum')).toBe(66)
  expect(valueOf('foggara_chain_failures_total', { code: 'RPC_UNREACHABLE' })).toBe(2)
  const provider = { provider: PROVIDER.id }
  expect(valueOf('foggara_provider_errors_total', { ...provider, verdict: 'rate-limited' })).toBe(2)
  expect(valueOf('foggara_provider_wait_seconds_total', provider)).toBe(1.5)
  expect(valueOf('foggara_provider_cost_units_total', provider)).toBe(1_234_567)
  expect(valueOf('foggara_receipts_total', { kind: 'batch', status: 'accepted' })).toBe(3)
  expect(valueOf('foggara_receipt_acknowledgement_seconds_count')).toBe(1_204)
  expect(valueOf('foggara_epoch_scoring_seconds_total')).toBe(2.5)
  expect(valueOf('foggara_subgraph_block', { subgraph: 'token' })).toBe(400)
  expect(valueOf('process_resident_memory_bytes')).toBe(412e6)
})

test('the documented alerts ask for metrics that there are', () => {
  const documented = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, rules = ''] = /```yaml\n(groups:[\s\S]+?)```/u.exec(documented) ?? []
  const names = new Set(rules.match(/foggara_\w+/gu))
  // The API counts the blocks.
  const there = new Set([...serviceMetrics(READING).map(({ name }) => name), 'foggara_blocks'])
  expect(names.size).toBeGreaterThan(4)
  expect([...names].filter((name) => !there.has(name))).toEqual([])
})

test('what is not known yet is absent, not zero', () => {
  const board = createBoard(() => 0)
  const nothing = { ...CHAIN_STATUS, indexedBlock: -1, secondsLeft: null, providers: [] }
  board.addChain('1', () => nothing)
  const text = expositionText(serviceMetrics(board.reading()))
  parseExposition(text)
  expect(text).not.toMatch(/^foggara_(chain_indexed_block|chain_left_seconds|provider|receipt)/mu)
  expect(text).toMatch(/^foggara_chain_head_block/mu)
})

test('metrics on a port of their own are all that is served there', async () => {
  await using server = await openMetricsServer('127.0.0.1', 0, async () => serviceMetrics(READING))
  const response = await fetch(server.url)
  expect(response.headers.get('content-type')).toContain('version=0.0.4')
  expect(parseExposition(await response.text()).length).toBeGreaterThan(50)
  expect((await fetch(new URL('/graphql', server.url))).status).toBe(404)
})
