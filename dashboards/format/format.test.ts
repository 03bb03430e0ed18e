import fc from 'fast-check'
import { expect, test } from 'vitest'

import { formatCount, formatCounted } from './digits.ts'
import { isAddress, shortenHex } from './hex.ts'
import { formatBps, formatE8, formatShare } from './share.ts'
import { formatDuration, formatUtc } from './time.ts'
import { label, prose } from './words.ts'

test('counts keep every digit beyond 2^53', () => {
  expect(formatCount('9007199254740993')).toBe('9,007,199,254,740,993')
  expect(formatCount(-1200)).toBe('−1,200')
  expect(formatCounted(1, 'asset')).toBe('1 asset')
  expect(formatCounted(2, 'entry', 'entries')).toBe('2 entries')
})

test('a share that is not nothing is never written as nothing', () => {
  expect(formatShare(1n, 10n ** 9n)).toBe('<0.01%')
  expect(formatShare(0n, 5n)).toBe('0%')
  expect(formatShare(1n, 0n)).toBe('–')
  expect(formatShare(1n, 3n)).toBe('33.33%')
  expect(formatShare(1n, 1n)).toBe('100%')
  expect(formatE8(12_500_000)).toBe('12.5%')
  expect(formatE8(1)).toBe('0.000001%')
  expect(formatBps(4_500)).toBe('45%')
})

test('UTC times agree with the platform for any second of four centuries', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 13_000_000_000 }), (seconds) => {
      const platform = new Date(seconds * 1000).toISOString()
      expect(formatUtc(seconds)).toBe(platform.slice(0, 19).replace('T', ' '))
    }),
    { seed: 20_261_122 },
  )
})

test('durations use the largest unit that fits', () => {
  expect([0, 59, 60, 3599, 3600, 86_400 * 3].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h',
    '3 d',
  ])
})

test('hex is shortened in the middle and recognised by its length', () => {
  const address = `0x${'ab'.repeat(20)}`
  expect(shortenHex(address)).toBe('0xabab…abab')
  expect(shortenHex('0xabab')).toBe('0xabab')
  expect([isAddress(address), isAddress(`${address}00`)]).toEqual([true, false])
})

test('domain words read as prose', () => {
  expect(prose('FINETUNED_FROM')).toBe('fine-tuned from')
  expect(label('dataProviders')).toBe('Data providers')
  expect(label('MODEL')).toBe('Model')
})
