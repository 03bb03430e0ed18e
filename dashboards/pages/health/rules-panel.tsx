import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import type { HealthData } from '../../graphql/health.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'

type Rule = HealthData['_meta']['rules'][number]

/** What must hold of the stored rows, and whether it does; what is broken comes first. */
export function RulesPanel({ answer }: { readonly answer: Answer<HealthData> }): ReactElement {
  return (
    <Panel
      title="Do the rows add up?"
      unit="rules that are checked again and again"
      answer={answer}
      lines={10}
      isFlush
      sheet={({ _meta }) => sheetOf('rules', RULES, _meta.rules)}
    >
      {({ _meta: { rules } }) => (
        <>
          {rules.filter(isBroken).map(({ name, violations }) => (
            <p key={name} className="verdict" data-tone="bad">
              {name}:{' '}
              {violations
                .map(({ subject, expected, found, sinceBlock }) =>
                  [
                    `${subject}: expected ${expected}, found ${found}`,
                    `since block ${formatCount(sinceBlock)}`,
                  ].join(', '),
                )
                .join('; ')}
            </p>
          ))}
          <DataTable
            label="Rules"
            columns={RULES}
            rows={rules.toSorted((a, b) => Number(isBroken(b)) - Number(isBroken(a)))}
            keyOf={({ name }) => name}
            empty="There is no rule."
          />
        </>
      )}
    </Panel>
  )
}

function isBroken({ state }: Rule): boolean {
  return state === 'broken'
}

const TONES = { holds: 'good', broken: 'bad', unchecked: 'warn' } as const

const RULES: readonly Column<Rule>[] = [
  {
    key: 'sentence',
    header: 'What must hold',
    layout: 'grow',
    cell: ({ sentence }) => sentence,
    text: ({ sentence }) => sentence,
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ state }) => <Chip tone={TONES[state]}>{state}</Chip>,
    text: ({ state }) => state,
  },
  {
    key: 'checked',
    header: 'Checked at block',
    layout: 'end',
    cell: ({ checkedAtBlock }) => (checkedAtBlock === null ? '–' : formatCount(checkedAtBlock)),
    text: ({ checkedAtBlock }) => String(checkedAtBlock ?? ''),
  },
]
