import { rulesetHash, rulesetToJson } from '@foggara/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ManifestMismatchError, headerFromManifest, manifestHashOf } from '../commit/manifest.ts'
import {
  SnapshotTableUnknownError,
  snapshotFromLines,
  snapshotToLines,
} from '../commit/snapshot-tables.ts'
import { referenceEngine } from '../reference/reference-engine.ts'
import { arbitrarySnapshot } from './arbitrary-snapshot.ts'
import { computeEpoch } from './compute-epoch.ts'
import { SAMPLE_SNAPSHOT } from './sample-snapshot.ts'
import { type PublishedEpoch, verifyEpoch } from './verify-epoch.ts'

const { manifest, manifestHash } = await computeEpoch(SAMPLE_SNAPSHOT, referenceEngine)
const PUBLISHED: PublishedEpoch = {
  manifest,
  manifestHash,
  rulesetJson: rulesetToJson(SAMPLE_SNAPSHOT.ruleset),
  lines: snapshotToLines(SAMPLE_SNAPSHOT),
}

test('a snapshot comes back from its lines, whatever the order of its rows', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot(), async (snapshot) => {
      const lines = snapshotToLines(snapshot)
      const { assets: _a, edges: _e, receipts: _r, ...header } = snapshot
      const back = snapshotFromLines(header, lines)
      expect(snapshotToLines(back)).toEqual(lines)
      expect(snapshotToLines({ ...snapshot, receipts: snapshot.receipts.toReversed() })).toEqual(
        lines,
      )
      expect(await computeEpoch(back, referenceEngine)).toEqual(
        await computeEpoch(snapshot, referenceEngine),
      )
    }),
    { seed: 20_260_804, numRuns: 50 },
  )
})

test('lines are one JSON object each, keys in the order of the type, sorted by key', () => {
  const lines = snapshotToLines(SAMPLE_SNAPSHOT)
  expect(lines.holdings).toMatchInlineSnapshot(`
    [
      "{"assetId":"0x0000000000000000000000000000000000000000000000000000000000000001","holder":"0x00000000000000000000000000000000000000a1","weight":"600000"}",
      "{"assetId":"0x0000000000000000000000000000000000000000000000000000000000000001","holder":"0x00000000000000000000000000000000000000a9","weight":"400000"}",
    ]
  `)
  expect(lines.receipts[0]).toMatchInlineSnapshot(
    `"{"digest":"0x000000000000000000000000000000000000000000000000000000000000d001","provider":"0x00000000000000000000000000000000000000e1","consumer":"0x00000000000000000000000000000000000000c1","workload":"INFERENCE","fee":"1000003","units":"1","assets":["0x0000000000000000000000000000000000000000000000000000000000000001","0x0000000000000000000000000000000000000000000000000000000000000003"]}"`,
  )
})

test.each([
  ['not JSON', '{'],
  ['an unknown key', '{"account":"0x00000000000000000000000000000000000000f1","count":3,"more":1}'],
  ['another key order', '{"count":3,"account":"0x00000000000000000000000000000000000000f1"}'],
  ['white space', '{"account": "0x00000000000000000000000000000000000000f1","count":3}'],
  ['upper-case hex', '{"account":"0x00000000000000000000000000000000000000F1","count":3}'],
  ['a negative count', '{"account":"0x00000000000000000000000000000000000000f1","count":-3}'],
])('a line with %s is not canonical', (_, line) => {
  const read = () => snapshotFromLines(SAMPLE_SNAPSHOT, { ...PUBLISHED.lines, reviews: [line] })
  expect(read).toThrow(expect.objectContaining({ code: 'CANONICAL_LINE_MALFORMED' }))
})

test('a table that a snapshot does not have is refused', () => {
  const read = () => snapshotFromLines(SAMPLE_SNAPSHOT, { bonuses: [] })
  expect(read).toThrow(SnapshotTableUnknownError)
})

test('the manifest names the ruleset by the hash that the chain has', () => {
  expect(manifest.rulesetHash).toBe(rulesetHash(SAMPLE_SNAPSHOT.ruleset))
  expect(headerFromManifest(manifest, PUBLISHED.rulesetJson).ruleset).toEqual(
    SAMPLE_SNAPSHOT.ruleset,
  )
  const other = rulesetToJson({ ...SAMPLE_SNAPSHOT.ruleset, payeeCapBps: 1 })
  expect(() => headerFromManifest(manifest, other)).toThrow(ManifestMismatchError)
})

test('an honest epoch verifies, and one that was tampered with names the first difference', async () => {
  expect(await verifyEpoch(PUBLISHED, referenceEngine)).toMatchObject({ type: 'equal' })
  const without = { ...PUBLISHED, lines: { ...PUBLISHED.lines, receipts: [] } }
  expect(await verifyEpoch(without, referenceEngine)).toMatchObject({ field: 'tables.receipts' })
  const root = `0x${'11'.repeat(32)}` as const
  const rerooted = { ...manifest, root }
  expect(await verifyEpoch({ ...PUBLISHED, manifest: rerooted }, referenceEngine)).toMatchObject({
    field: 'manifestHash',
  })
  const rehashed = { ...PUBLISHED, manifest: rerooted, manifestHash: manifestHashOf(rerooted) }
  expect(await verifyEpoch(rehashed, referenceEngine)).toEqual({
    type: 'different',
    field: 'root',
    published: root,
    recomputed: manifest.root,
  })
})
