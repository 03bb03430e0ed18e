import fc from 'fast-check'
import { expect, test } from 'vitest'

import { layOut, smoothPath } from './layered-layout.ts'
import { type GraphLink, acyclicLinks, assignLayers } from './layers.ts'
import { crossingCount, orderLayers } from './order.ts'

const seed = 20_261_122
const sizes = { nodeWidth: 160, nodeHeight: 40, columnGap: 60, rowGap: 12 }
const id = fc.integer({ min: 0, max: 14 }).map((index) => `n${String(index).padStart(2, '0')}`)
const links = fc.array(fc.record({ from: id, to: id }, { noNullPrototype: true }), {
  maxLength: 40,
})
const allIds = Array.from({ length: 15 }, (_, index) => `n${String(index).padStart(2, '0')}`)
const link = (text: string): GraphLink => {
  const [from = '', to = ''] = text.split('>')
  return { from, to }
}

test('every link leads to a higher layer, whatever cycles the graph has', () => {
  fc.assert(
    fc.property(links, id, (given, focus) => {
      const acyclic = acyclicLinks(allIds, given)
      const layers = assignLayers(allIds, acyclic, focus)
      expect(layers.size).toBe(allIds.length)
      for (const { from, to } of acyclic) {
        expect(layers.get(to) ?? 0).toBeGreaterThan(layers.get(from) ?? 0)
      }
    }),
    { seed },
  )
})

test('the picture does not depend on the order of nodes and links', () => {
  fc.assert(
    fc.property(links, (given) => {
      const forwards = layOut(allIds, given, 'n00', sizes)
      const backwards = layOut(allIds.toReversed(), given.toReversed(), 'n00', sizes)
      expect([...backwards.nodes]).toEqual([...forwards.nodes])
      expect(backwards.links).toEqual(forwards.links)
    }),
    { seed, numRuns: 40 },
  )
})

test('no two nodes overlap and all of them lie within the drawing', () => {
  fc.assert(
    fc.property(links, (given) => {
      const layout = layOut(allIds, given, 'n07', sizes)
      const boxes = [...layout.nodes.values()]
      for (const [index, box] of boxes.entries()) {
        expect(box.y).toBeGreaterThanOrEqual(-0.001)
        expect(box.x + sizes.nodeWidth).toBeLessThanOrEqual(layout.width + 0.001)
        expect(box.y + sizes.nodeHeight).toBeLessThanOrEqual(layout.height + 0.001)
        for (const other of boxes.slice(index + 1)) {
          const apart = Math.abs(other.y - box.y) >= sizes.nodeHeight + sizes.rowGap - 0.001
          expect(other.x !== box.x || apart).toBe(true)
        }
      }
    }),
    { seed, numRuns: 40 },
  )
})

test('ancestors stand next to what they lead to, not at the far left', () => {
  const given = ['a>b', 'b>focus', 'data>focus', 'focus>child'].map(link)
  const layers = assignLayers(['a', 'b', 'data', 'focus', 'child'], given, 'focus')
  expect(Object.fromEntries(layers)).toEqual({ a: 0, b: 1, data: 1, focus: 2, child: 3 })
})

test('crossings that ordering can avoid are avoided', () => {
  const given = ['a>z', 'b>y', 'c>x'].map(link)
  const layers = new Map(Object.entries({ a: 0, b: 0, c: 0, x: 1, y: 1, z: 1 }))
  const graph = orderLayers(layers, given)
  expect(crossingCount(graph.rows, graph.segments)).toBe(0)
})

test('a link that skips a layer is routed through it', () => {
  const layout = layOut(['a', 'b', 'c'], ['a>b', 'b>c', 'a>c'].map(link), 'c', sizes)
  const long = layout.links.find((entry) => entry.link.from === 'a' && entry.link.to === 'c')
  expect(long?.points).toHaveLength(4)
  expect(smoothPath(long?.points ?? [])).toMatch(/^M160 [\d.]+C/)
})

test('a single node is a drawing of its own size', () => {
  const layout = layOut(['only'], [], 'only', sizes)
  expect([layout.width, layout.height]).toEqual([160, 40])
})
