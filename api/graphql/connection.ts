import type { ObjectRef } from '@pothos/core'

import type { Row } from '../sql/row.ts'
import { builder } from './builder.ts'
import type { ApiTypes, Entity } from './entity.ts'
import type { Page } from './page.ts'

type PageEdge = { readonly page: Page; readonly row: Row }

const PAGE_INFO = builder.objectRef<Page>('PageInfo').implement({
  description: 'Where a page ends and whether there is more.',
  fields: (t) => ({
    hasNextPage: t.boolean({ resolve: (page) => page.hasNextPage }),
    hasPreviousPage: t.boolean({
      description: 'Always false: pages only go forward.',
      resolve: () => false,
    }),
    startCursor: t.string({
      nullable: true,
      resolve: (page) => cursorAt(page, 0),
    }),
    endCursor: t.string({
      nullable: true,
      description: 'Pass it as `after` for the next page, which is read at the same block.',
      resolve: (page) => cursorAt(page, page.rows.length - 1),
    }),
  }),
})

/** The connection type of an entity type. */
export function connectionOf(
  name: string,
  node: ObjectRef<ApiTypes, Entity>,
): ObjectRef<ApiTypes, Page> {
  const edge = builder.objectRef<PageEdge>(`${name}ConnectionEdge`).implement({
    description: `One ${name} of a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.string({ resolve: ({ page, row }) => page.cursorOf(row) }),
      node: t.field({ type: node, resolve: ({ page, row }) => ({ row, from: page.from }) }),
    }),
  })
  const connection = builder.objectRef<Page>(`${name}Connection`)
  connection.implement({
    description: `A page of ${name}.`,
    fields: (t) => ({
      nodes: t.field({
        type: [node],
        resolve: (page) => page.rows.map((row) => ({ row, from: page.from })),
      }),
      edges: t.field({
        type: [edge],
        resolve: (page) => page.rows.map((row) => ({ page, row })),
      }),
      pageInfo: t.field({ type: PAGE_INFO, resolve: (page) => page }),
      totalCount: t.field({
        type: 'SafeInt',
        description: 'How many rows the whole list has; counted only when asked for.',
        extensions: { cost: { statements: 1 } },
        resolve: (page) => page.count(),
      }),
    }),
  })
  return connection
}

function cursorAt(page: Page, index: number): string | null {
  const row = page.rows[index]
  return row === undefined ? null : page.cursorOf(row)
}
