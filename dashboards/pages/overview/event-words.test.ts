import { expect, test } from 'vitest'

import { assetIdsOf, subjectKind } from './event-words.ts'

const first = { name: 'childId', type: 'bytes32', value: '0x02' }
const second = { name: 'parentId', type: 'bytes32', value: '0x01' }
const amount = { name: 'amount', type: 'uint256', value: '7' }

test('the assets that events are about are asked for once each', () => {
  const events = [
    { event: 'RoyaltyPaid', arguments: [first, second, amount] },
    { event: 'EdgeLinked', arguments: [first] },
  ]
  expect(assetIdsOf(events)).toEqual(['0x01', '0x02'])
})

test('arguments lead to the page of what they name', () => {
  const account = { name: 'payer', type: 'address', value: '0x03' }
  const epoch = { name: 'epoch', type: 'uint32', value: '4' }
  expect([first, account, epoch, amount].map(subjectKind)).toEqual([
    'asset',
    'account',
    'epoch',
    'text',
  ])
})
