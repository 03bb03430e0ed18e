import { expect, test } from 'vitest'

import { searchHits, searchVariables } from './search-hits.ts'

const meta = { block: { number: 500 } }
const address = `0x${'Ab'.repeat(20)}`
const hash = `0x${'Cd'.repeat(32)}`

test('a text is looked for as what it looks like', () => {
  const asked = (text: string) => {
    const { byAddress, byHash, byNumber, byName } = searchVariables(text)
    return Object.entries({ byAddress, byHash, byNumber, byName })
      .filter(([, isOn]) => isOn)
      .map(([name]) => name)
  }
  expect(asked(address)).toEqual(['byAddress'])
  expect(asked(hash)).toEqual(['byHash'])
  expect(asked('12')).toEqual(['byNumber', 'byName'])
  expect(asked('llama')).toEqual(['byName'])
  expect(searchVariables(address).address).toBe(address.toLowerCase())
})

test('a number leads to its epoch and to its block, when they exist', () => {
  const epoch = { number: 12, status: 'ACTIVE' } as const
  expect(searchHits('12', { _meta: meta, epoch, assets: { nodes: [] } })).toEqual([
    { title: 'Epoch 12', what: 'epoch, active', path: '/epochs/12' },
    { title: 'Pin to block 12', what: 'block', path: '', block: 12 },
  ])
  expect(searchHits('501', { _meta: meta, epoch: null })).toEqual([])
})

test('an address that never did anything leads nowhere', () => {
  expect(searchHits(address, { _meta: meta, account: { address, roles: [] } })).toEqual([])
})
