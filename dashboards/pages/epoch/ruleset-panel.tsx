import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { formatBps } from '../../format/share.ts'
import { label, prose } from '../../format/words.ts'
import type { EpochData } from '../../graphql/epoch.ts'
import { Amount } from '../../parts/amount.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, Hash } from '../../parts/references.tsx'
import { formatQ32, readRuleset } from './ruleset.ts'

type Parameter = readonly [string, string]

/** Every parameter of the rules that the epoch was computed by. */
export function RulesetPanel({ answer }: { readonly answer: Answer<EpochData> }): ReactElement {
  return (
    <Panel
      title="Ruleset"
      unit={versionOf(answer.data)}
      answer={answer}
      span={5}
      lines={12}
      isFlush
      sheet={(data) => sheetOf('ruleset', COLUMNS, parametersOf(data))}
    >
      {(data) => (
        <>
          <p className="panel-note">
            Published on chain, never edited. Hash{' '}
            <Hash hex={data.epoch?.rulesetHash ?? '0x'} what="ruleset hash" />
          </p>
          <DataTable
            label="Parameters"
            columns={COLUMNS}
            rows={parametersOf(data)}
            keyOf={([path]) => path}
            empty="The ruleset was not published on chain."
          />
        </>
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<Parameter>[] = [
  {
    key: 'parameter',
    header: 'Parameter',
    cell: ([path]) => <span title={path}>{parameterLabel(path)}</span>,
    text: ([path]) => path,
  },
  {
    key: 'value',
    header: 'Value',
    layout: 'end',
    cell: ([path, value]) => <Value path={path} value={value} />,
    text: ([, value]) => value,
  },
]

function Value(props: { readonly path: string; readonly value: string }): ReactElement {
  const { path, value } = props
  if (path.endsWith('Q32')) return <span title={`${value} / 2^32`}>{formatQ32(value)}</span>
  if (path.startsWith('pools.') || path.endsWith('Bps')) return <>{formatBps(Number(value))}</>
  if (path === 'payoutMin') return <Amount units={value} />
  if (path === 'token') return <Hash hex={value} what="token" />
  if (path === 'treasury') return <AccountLink address={value} />
  return <>{/^\d+$/.test(value) ? formatCount(value) : value}</>
}

/** `rank.consumerPassThroughQ32` → `Rank: consumer pass through`; the unit is in the value. */
function parameterLabel(path: string): string {
  const [first = '', second] = path.replace(/(Bps|Q32)$/, '').split('.')
  return second === undefined ? label(first) : `${label(first)}: ${prose(second)}`
}

function parametersOf(data: EpochData): readonly Parameter[] {
  const json = data.epoch?.ruleset?.json
  return json === undefined ? [] : (readRuleset(json)?.parameters ?? [])
}

function versionOf(data: EpochData | undefined): string {
  const version = data?.epoch?.rulesetVersion
  return version === undefined ? '' : `version ${version}`
}
