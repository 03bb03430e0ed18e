import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { CombBar } from '../../charts/comb-bar.tsx'
import { formatCount, formatCounted } from '../../format/digits.ts'
import { formatShare } from '../../format/share.ts'
import type { OverviewData } from '../../graphql/overview.ts'
import { Chip } from '../../parts/chip.tsx'
import { Panel } from '../../parts/panel.tsx'
import { COMPLETENESS } from '../health/completeness-words.ts'

/** Whether the index itself is well: errors, speed, and how its blocks are known to be complete. */
export function IndexPanel({ answer }: { readonly answer: Answer<OverviewData> }): ReactElement {
  return (
    <Panel title="Index" unit="blocks by evidence" answer={answer} lines={5}>
      {({ _meta }) => (
        <div className="stack">
          <CombBar
            label="Blocks by how they are known to be complete"
            parts={_meta.completeness.map(({ evidence, blockCount }) => ({
              key: evidence,
              label: COMPLETENESS[evidence]?.label ?? evidence,
              value: BigInt(blockCount),
              shown: formatCount(blockCount),
              share: formatShare(BigInt(blockCount), BigInt(_meta.block.number), 1),
              tone: COMPLETENESS[evidence]?.tone ?? 6,
            }))}
          />
          <p className="small">
            {_meta.hasErrors ? (
              <Chip tone="bad">Has errors</Chip>
            ) : (
              <Chip tone="good">No errors</Chip>
            )}{' '}
            <Link to="/health">
              {_meta.lag === null ? 'Health' : `${formatCounted(_meta.lag, 'block')} behind`}
            </Link>
          </p>
        </div>
      )}
    </Panel>
  )
}
