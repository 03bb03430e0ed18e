import { type Pin, SALE_VIEW } from '@foggara/schema'
import { expect, test } from 'vitest'

import { pageStatement } from './statement.ts'

const PIN: Pin = {
  block: 9,
  blockHash: '0x00',
  blockSeconds: 1,
  settledBlock: -1,
  chain: { commitSeq: 3, killed: [2] },
  receipt: { commitSeq: 0, killed: [] },
  epoch: { commitSeq: 0, killed: [] },
}

test('a page selects only the columns asked for, prunes by its cursor and binds every value', () => {
  const { sql, parameters } = pageStatement(PIN, {
    source: SALE_VIEW,
    columns: ['buyer'],
    conditions: [{ column: 'asset_id', operator: 'in', value: [`0x${'ab'.repeat(32)}`] }],
    order: { columns: ['price'], direction: 'DESC' },
    after: ['5', '7', '1'],
    limit: 3,
    parents: { column: 'seller', values: [`0x${'cd'.repeat(20)}`] },
  })
  expect(sql).toMatchInlineSnapshot(`
    "select concat('0x', lower(hex(source.buyer))) as "buyer", source.price as "price", source.block as "block", source.log_index as "logIndex", concat('0x', lower(hex(source.parent_key))) as "parentKey" from (select *, seller as parent_key from (
        select listing_id, asset_id, buyer, seller, price, fee,
          block, log_index, transaction_hash, at_seconds
        from (select block, log_index, transaction_hash, at_seconds, sequence, listing_id, asset_id, buyer, seller, price, fee from sale_completed_hot
    where block <= 9 and commit_seq <= 3 and commit_seq not in (2)))) as source
    where source.parent_key in arrayMap(item -> toFixedString(unhex(item), 20), {p1:Array(String)})
      and source.asset_id in arrayMap(item -> toFixedString(unhex(item), 32), {p0:Array(String)})
    and (source.price <= {p2:UInt256} and (source.price < {p2:UInt256} or (source.block <= {p3:UInt64} and (source.block < {p3:UInt64} or source.log_index < {p4:UInt32}))))
    order by source.price desc, source.block desc, source.log_index desc
    limit 3 by source.parent_key"
  `)
  expect(parameters).toEqual({
    p0: ['ab'.repeat(32)],
    p1: ['cd'.repeat(20)],
    p2: '5',
    p3: '7',
    p4: '1',
  })
})
