import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import type { HealthData } from '../../graphql/health.ts'
import { Chip } from '../../parts/chip.tsx'
import { type Column, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'

type Rule = HealthData['_meta']['rules'][number]

/** What must hold of the stored rows, and whether it does; what is broken comes first. */
export function RulesPanel({ answer }: { readonly answer: Answer<HealthData> }): ReactElement {
  return (
    <Panel
      title="Do the rows add up?"
      unit={checkedAt(answer.data)}
      answer={answer}
      lines={10}
      hasTable
      sheet={({ _meta }) => sheetOf('rules', RULES, _meta.rules)}
    >
      {({ _meta: { rules } }) => (
        <dl className="facts">
          {rules
            .toSorted((a, b) => Number(isBroken(b)) - Number(isBroken(a)))
            .map((rule) => (
              <RuleLine key={rule.name} rule={rule} />
            ))}
        </dl>
      )}
    </Panel>
  )
}

function RuleLine({ rule }: { readonly rule: Rule }): ReactElement {
  const { sentence, state, violations } = rule
  return (
    <>
      <dt>
        <Chip tone={TONES[state]}>{state}</Chip>
      </dt>
      <dd>
        {sentence}
        {violations.map(({ subject, expected, found, sinceBlock }) => (
          <p key={subject} className="verdict" data-tone="bad">
            {subject}: expected {expected}, found {found}, since block {formatCount(sinceBlock)}
          </p>
        ))}
      </dd>
    </>
  )
}

/** All rules are checked together. */
function checkedAt(data: HealthData | undefined): string {
  const block = data?._meta.rules[0]?.checkedAtBlock ?? null
  return block === null ? 'rules, not checked yet' : `rules, checked at block ${formatCount(block)}`
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
