import { existsSync } from 'node:fs'
import path from 'node:path'

import { ancestorsOf, buildLineage, cyclesOf, unresolvedParentsOf } from '@foggara/gpu-analytics'
import { expect, test } from 'vitest'

import { readInput } from '../../cli/files/input-file.ts'
import { readLineage } from '../../cli/files/lineage-file.ts'

const folder = path.resolve(
  process.env['FOGGARA_KNOWN_ANSWERS'] ?? '../shared/known-answers',
  'ai-lineage/ecosystem-graphs',
)
const isPresent = existsSync(folder)
/** Stands in the names, so that a skipped test says why. */
const unless = isPresent ? '' : ` (skipped: no ${folder}; set FOGGARA_KNOWN_ANSWERS)`

async function load(name: string) {
  return readLineage(await readInput(folder, name))
}

test.skipIf(!isPresent)(
  `the real AI lineage has 634 assets and three cycles, none of which is followed twice${unless}`,
  async () => {
    const lineage = buildLineage(await load('all_assets.csv'))
    expect(lineage.recordCount).toBe(639)
    expect(lineage.names.length).toBe(634)
    expect(cyclesOf(lineage)).toEqual({
      isComplete: true,
      cycles: [
        [
          'Anthropic Harmlessness dataset',
          'Anthropic Human Feedback Interface',
          'Anthropic RLHF models',
        ],
        [
          'Anthropic Helpfulness dataset',
          'Anthropic Human Feedback Interface',
          'Anthropic RLHF models',
        ],
        ['VIMA dataset'],
      ],
    })
    for (const name of lineage.names) {
      const names = ancestorsOf(lineage, name).map((reached) => reached.name)
      expect(new Set(names).size).toBe(names.length)
      expect(names.includes(name)).toBe(false)
    }
  },
)

test.skipIf(!isPresent)(
  `816 dependencies are joined by name, 814 when later records replace earlier ones${unless}`,
  async () => {
    const records = await load('all_assets.csv')
    const newest = [...new Map(records.map((record) => [record.name, record])).values()]
    expect(buildLineage(records).dependencyCount).toBe(816)
    expect(buildLineage(newest).dependencyCount).toBe(814)
    expect(buildLineage(records).repeatedNames).toEqual([
      'ChatGLM',
      'Dragonfly',
      'GPT-4o',
      'Imagen 3',
      'InternLM',
    ])
  },
)

test.skipIf(!isPresent)(
  `ancestors and unresolved parents of a real model are answered${unless}`,
  async () => {
    const lineage = buildLineage(await load('all_assets.csv'))
    expect(ancestorsOf(lineage, 'MiniMA')).toMatchInlineSnapshot(`
    [
      {
        "depth": 1,
        "name": "Llama 2",
      },
    ]
  `)
    expect(ancestorsOf(lineage, 'EXMODD')).toMatchInlineSnapshot(`[]`)
    expect(unresolvedParentsOf(lineage, 'EXMODD')).toMatchInlineSnapshot(`
    [
      "Image-Chat",
      "YFCC100M",
    ]
  `)
    expect(lineage.unresolved.size).toBe(240)
  },
)

test.skipIf(!isPresent)(`the order of the rows does not matter${unless}`, async () => {
  const records = await load('all_assets.csv')
  expect(buildLineage(records.toReversed())).toEqual(buildLineage(records))
})

test.skipIf(!isPresent)(
  `the same lineage loads from the archive of YAML files${unless}`,
  async () => {
    const fromYaml = buildLineage(await load('assets-yaml.tar.gz'))
    expect(fromYaml.names.length).toBeGreaterThan(600)
    expect(cyclesOf(fromYaml).cycles.length).toBe(3)
  },
)
