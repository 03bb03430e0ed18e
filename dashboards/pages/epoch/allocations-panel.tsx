import { Link, getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { type EpochAllocationsData, epochAllocationsOperation } from '../../graphql/epoch.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable, type Sorting, sheetOf } from '../../parts/data-table.tsx'
import { Pager } from '../../parts/pager.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink } from '../../parts/references.tsx'
import { ALLOCATION_ORDERS, type EpochSearch } from '../epoch-search.ts'
import { ExplainForm } from './explain-form.tsx'

const route = getRouteApi('/epochs/$number')
const PAGE_SIZE = 20

type Allocation = NonNullable<EpochAllocationsData['epoch']>['allocations']['nodes'][number]

/** What each account got, each with the way to its explanation. */
export function AllocationsPanel({ number }: { readonly number: number }): ReactElement {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (next: Partial<EpochSearch>): void => {
    void navigate({
      search: (old) => ({ ...old, after: undefined, offset: undefined, ...next }),
      resetScroll: false,
    })
  }
  const explain = (account: string): void =>
    void navigate({ search: (old) => ({ ...old, account }), hash: 'explanation' })
  const orderBy = search.sort ?? 'EARNED'
  const direction = search.direction ?? 'DESC'
  const answer = useOperation(epochAllocationsOperation, {
    number,
    first: PAGE_SIZE,
    after: search.after,
    orderBy,
    direction,
  })
  const sorting = sortingOf(orderBy, direction, change)
  return (
    <Panel
      title="Allocations"
      unit="FOG"
      answer={answer}
      lines={PAGE_SIZE}
      isFlush
      before={<ExplainForm explain={explain} />}
      sheet={({ epoch }) =>
        sheetOf(`epoch-${number}-allocations`, COLUMNS, epoch?.allocations.nodes ?? [])
      }
    >
      {({ epoch }) =>
        epoch === null ? null : (
          <>
            <DataTable
              label="Allocations"
              columns={COLUMNS}
              rows={epoch.allocations.nodes}
              keyOf={({ account }) => account.address}
              currentKey={search.account}
              sorting={sorting}
              empty="Nobody earned anything in this epoch."
            />
            <Pager
              place={{ after: search.after, offset: search.offset ?? 0 }}
              shown={epoch.allocations.nodes.length}
              total={epoch.allocations.totalCount}
              noun="accounts"
              next={
                epoch.allocations.pageInfo.hasNextPage ? epoch.allocations.pageInfo.endCursor : null
              }
              go={change}
            />
          </>
        )
      }
    </Panel>
  )
}

function sortingOf(
  orderBy: string,
  direction: 'ASC' | 'DESC',
  change: (next: Partial<EpochSearch>) => void,
): Sorting {
  return {
    by: orderBy,
    isDescending: direction === 'DESC',
    choose: (by, isDescending) =>
      change({
        sort: ALLOCATION_ORDERS.find((order) => order === by),
        direction: isDescending ? 'DESC' : 'ASC',
      }),
  }
}

const COLUMNS: readonly Column<Allocation>[] = [
  {
    key: 'account',
    header: 'Account',
    cell: ({ account }) => <AccountLink address={account.address} />,
    text: ({ account }) => account.address,
  },
  {
    key: 'earned_units',
    header: 'Earned',
    layout: 'end',
    sort: 'EARNED',
    cell: ({ earned }) => <Amount units={earned} />,
    text: ({ earned }) => earned,
  },
  {
    key: 'carry_before_units',
    header: 'Carried in',
    layout: 'end',
    cell: ({ carryBefore }) => <Amount units={carryBefore} />,
    text: ({ carryBefore }) => carryBefore,
  },
  {
    key: 'carry_after_units',
    header: 'Carried on',
    layout: 'end',
    cell: ({ carryAfter }) => <Amount units={carryAfter} />,
    text: ({ carryAfter }) => carryAfter,
  },
  {
    key: 'paid_units',
    header: 'Paid',
    layout: 'end',
    sort: 'PAID',
    cell: ({ paid }) => <Amount units={paid} />,
    text: ({ paid }) => paid,
  },
  {
    key: 'cumulative_units',
    header: 'Paid since the first epoch',
    layout: 'end',
    sort: 'CUMULATIVE',
    cell: ({ cumulative }) => <Amount units={cumulative} />,
    text: ({ cumulative }) => cumulative,
  },
  {
    key: 'why',
    header: 'Why',
    layout: 'end',
    cell: ({ account }) => (
      <Link
        to="."
        search={(old) => ({ ...old, account: account.address })}
        aria-label={`Explain ${account.address}`}
        hash="explanation"
      >
        Explain
      </Link>
    ),
    text: () => '',
  },
]
