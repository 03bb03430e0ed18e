import fc from 'fast-check'
import { expect, test } from 'vitest'

import { cycleGroupsOf, cyclesOf } from './cycles.ts'
import { ancestorsOf, buildLineage, descendantsOf, unresolvedParentsOf } from './lineage.ts'

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const records = fc.array(fc.record({ name, dependencies: fc.array(name, { maxLength: 3 }) }), {
  maxLength: 8,
})

test('a descends from b exactly when b is an ancestor of a', () => {
  fc.assert(
    fc.property(records, (rows) => {
      const lineage = buildLineage(rows)
      for (const child of lineage.names) {
        for (const { name: parent, depth } of ancestorsOf(lineage, child)) {
          expect(descendantsOf(lineage, parent)).toContainEqual({ name: child, depth })
        }
      }
    }),
    { seed: 20264 },
  )
})

test('the cycles cover the cycle groups, and every cycle is one', () => {
  fc.assert(
    fc.property(records, (rows) => {
      const lineage = buildLineage(rows)
      const { cycles, isComplete } = cyclesOf(lineage)
      expect(isComplete).toBe(true)
      expect(new Set(cycles.flat())).toEqual(new Set(cycleGroupsOf(lineage).flat()))
      for (const cycle of cycles) {
        expect(new Set(cycle).size).toBe(cycle.length)
        for (const [index, member] of cycle.entries()) {
          const parent = cycle[(index + 1) % cycle.length]
          expect(lineage.parents.get(member)).toContain(parent)
        }
      }
    }),
    { seed: 20265 },
  )
})

test('the order of records and of dependencies does not matter', () => {
  fc.assert(
    fc.property(records, (rows) => {
      const turned = rows.toReversed().map((row) => ({
        ...row,
        dependencies: row.dependencies.toReversed(),
      }))
      expect(buildLineage(turned)).toEqual(buildLineage(rows))
    }),
    { seed: 20266 },
  )
})

test('names that nothing defines are unresolved and counted once', () => {
  const lineage = buildLineage([
    { name: 'model', dependencies: ['base', 'data'] },
    { name: 'base', dependencies: ['data', 'crawl'] },
  ])
  expect([...lineage.unresolved]).toEqual([
    ['crawl', ['base']],
    ['data', ['base', 'model']],
  ])
  expect(unresolvedParentsOf(lineage, 'model')).toEqual(['crawl', 'data'])
  expect(ancestorsOf(lineage, 'model', 0)).toEqual([])
})

test('a deep chain needs no deep stack, and many cycles are cut off', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => ({
    name: `n${index}`,
    dependencies: [`n${(index + 1) % 20_000}`],
  }))
  expect(cyclesOf(buildLineage(chain)).cycles[0]?.length).toBe(20_000)
  const names = Array.from({ length: 12 }, (_, index) => `m${index}`)
  const dense = names.map((member) => ({ name: member, dependencies: names }))
  expect(cyclesOf(buildLineage(dense), 100)).toMatchObject({ isComplete: false })
})
