import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { CombBar } from '../../charts/comb-bar.tsx'
import { formatCount } from '../../format/digits.ts'
import { formatShare } from '../../format/share.ts'
import type { HealthData } from '../../graphql/health.ts'
import { Panel } from '../../parts/panel.tsx'
import { COMPLETENESS } from './completeness-words.ts'

/** How the index knows of each block that no event of it is missing. */
export function CompletenessPanel({
  answer,
}: {
  readonly answer: Answer<HealthData>
}): ReactElement {
  return (
    <Panel
      title="How is it known that nothing is missing?"
      unit="blocks by evidence"
      answer={answer}
      lines={2}
      hasTable
      sheet={({ _meta }) => ({
        name: 'completeness',
        columns: ['evidence', 'blocks'],
        rows: _meta.completeness.map(({ evidence, blockCount }) => [evidence, String(blockCount)]),
      })}
    >
      {({ _meta: { completeness } }) => {
        const total = completeness.reduce((sum, { blockCount }) => sum + BigInt(blockCount), 0n)
        return (
          <CombBar
            label="Blocks by evidence"
            parts={completeness.map(({ evidence, blockCount }) => {
              const known = COMPLETENESS[evidence]
              return {
                key: evidence,
                label: (
                  <>
                    {known?.label ?? evidence} <span className="muted">{known?.remark}</span>
                  </>
                ),
                value: BigInt(blockCount),
                shown: formatCount(blockCount),
                share: formatShare(BigInt(blockCount), total),
                tone: known?.tone ?? 6,
              }
            })}
          />
        )
      }}
    </Panel>
  )
}
