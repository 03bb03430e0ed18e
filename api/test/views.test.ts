import { currentPin, pinAt, queryRows } from '@foggara/database'
import { LATEST_RELATIONS, VIEWS, pinnedRelations, selectText } from '@foggara/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type ApiFixture, startApiFixture } from './api-fixture.ts'

let fixture: ApiFixture

beforeAll(async () => {
  fixture = await startApiFixture()
}, 120_000)

afterAll(async () => fixture?.[Symbol.asyncDispose]())

test.each(VIEWS.map((view) => [view.name, view] as const))(
  'view %s gives the same rows pinned to the newest block as it gives unpinned',
  async (_name, view) => {
    const order = `order by ${view.key.map((column) => `source.${column}`).join(', ')}`
    const pin = await currentPin(fixture.reader)
    const pinned = selectText(view.columns, pinnedRelations(pin).relation(view.name))
    const latest = selectText(view.columns, LATEST_RELATIONS.relation(view.name))
    const rows = await queryRows(fixture.reader, `${pinned} ${order}`)
    expect(await queryRows(fixture.reader, `${latest} ${order}`)).toEqual(rows)
    const past = pinnedRelations(await pinAt(fixture.reader, 12)).relation(view.name)
    await queryRows(fixture.reader, `${selectText(view.columns, past)} ${order}`)
  },
)
