import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import type { HealthData } from '../../graphql/health.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { COMPLETENESS } from './completeness-words.ts'

type Range = HealthData['_meta']['unproven']['ranges'][number]

/** The blocks that nothing but one provider vouches for. */
export function UnprovenPanel({ answer }: { readonly answer: Answer<HealthData> }): ReactElement {
  return (
    <Panel
      title="Which blocks rest on trust alone?"
      unit="the first ranges"
      answer={answer}
      lines={3}
      sheet={({ _meta }) => sheetOf('unproven', RANGES, _meta.unproven.ranges)}
    >
      {({ _meta: { unproven } }) =>
        unproven.blockCount === 0 ? (
          <p>
            <Chip tone="good">None: every block is proven</Chip>
          </p>
        ) : (
          <>
            <p className="verdict" data-tone="bad">
              {formatCount(unproven.blockCount)} blocks are not proven to be complete. The operator
              proves them later with <code>foggara coverage --prove all</code>.
            </p>
            <DataTable
              label="Ranges of blocks that are not proven"
              columns={RANGES}
              rows={unproven.ranges}
              keyOf={({ firstBlock }) => String(firstBlock)}
              empty="None."
            />
          </>
        )
      }
    </Panel>
  )
}

const RANGES: readonly Column<Range>[] = [
  {
    key: 'first',
    header: 'From block',
    cell: ({ firstBlock }) => formatCount(firstBlock),
    text: ({ firstBlock }) => String(firstBlock),
  },
  {
    key: 'last',
    header: 'To block',
    layout: 'end',
    cell: ({ lastBlock }) => formatCount(lastBlock),
    text: ({ lastBlock }) => String(lastBlock),
  },
  {
    key: 'evidence',
    header: 'Evidence',
    layout: 'grow',
    cell: ({ evidence }) => COMPLETENESS[evidence]?.label ?? evidence,
    text: ({ evidence }) => evidence,
  },
]
