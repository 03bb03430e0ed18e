import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseExposition } from '../test/parse-exposition.ts'
import { type MetricFamily, expositionText } from './exposition.ts'
import { createHistogram } from './histogram.ts'

test('families are written as Prometheus reads them, whatever labels hold', () => {
  const label = fc.string({ unit: 'binary', maxLength: 20 })
  const value = fc.oneof(fc.nat(), fc.double({ noNaN: true, min: 0, max: 1e12 }))
  fc.assert(
    fc.property(fc.uniqueArray(label, { minLength: 1, maxLength: 4 }), value, (texts, number) => {
      const histogram = createHistogram([0.1, 1, 10])
      for (let index = 0; index < texts.length; index++) histogram.observe(number / 7 ** index)
      const families: readonly MetricFamily[] = [
        {
          name: 'foggara_things_total',
          help: 'Things \\ with\nlines.',
          type: 'counter',
          samples: texts.map((text) => ({ labels: { of: text, fixed: 'a' }, value: number })),
        },
        {
          name: 'foggara_wait_seconds',
          help: 'Waits, in seconds.',
          type: 'histogram',
          samples: [{ value: histogram.reading() }],
        },
      ]
      const [things, waits] = parseExposition(expositionText(families))
      expect(things?.samples.map(({ value: found }) => found)).toEqual(texts.map(() => number))
      expect(things?.samples.map(({ labels }) => unescaped(labels['of'] ?? ''))).toEqual(texts)
      expect(waits?.samples.at(-1)?.value).toBe(texts.length)
    }),
    { seed: 20_261, numRuns: 60 },
  )
})

test('what is unknown is left out, a family without a sample with its header', () => {
  const gauge = { type: 'gauge', help: 'A.' } as const
  const text = expositionText([
    { ...gauge, name: 'a', samples: [{ value: undefined }] },
    { ...gauge, name: 'b', samples: [{ labels: { x: '1' }, value: undefined }, { value: 2 }] },
  ])
  expect(text).toBe('# HELP b A.\n# TYPE b gauge\nb 2\n')
})

test('a value on a bound falls into its bucket, one above all into the last', () => {
  const histogram = createHistogram([1, 2])
  for (const value of [0, 1, 1.5, 2, 3]) histogram.observe(value)
  expect(histogram.reading()).toEqual({ bounds: [1, 2], counts: [2, 2, 1], sum: 7.5 })
})

function unescaped(text: string): string {
  return text.replaceAll(/\\(["\\n])/g, (_whole, character: string) =>
    character === 'n' ? '\n' : character,
  )
}
