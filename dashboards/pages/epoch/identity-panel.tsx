import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import type { EpochData } from '../../graphql/epoch.ts'
import { Amount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Panel } from '../../parts/panel.tsx'

const TERMS = [
  { field: 'paid', label: 'Paid', remark: 'made payable in this epoch' },
  {
    field: 'carryChange',
    label: 'Carried over',
    remark: 'below the payout minimum, kept for later',
  },
  { field: 'withheld', label: 'Withheld', remark: 'disputed, slashed or excluded' },
  { field: 'unallocated', label: 'Unallocated', remark: 'nobody could take it' },
] as const

/** The epoch's totals and the identity between them that must be zero. */
export function IdentityPanel({ answer }: { readonly answer: Answer<EpochData> }): ReactElement {
  return (
    <Panel
      title="Does it add up?"
      unit="FOG"
      answer={answer}
      span={6}
      lines={6}
      isFlush
      sheet={({ epoch }) => ({
        name: `epoch-${epoch?.number}-identity`,
        columns: ['term', 'amount_units'],
        rows: Object.entries(epoch?.identity ?? {}),
      })}
    >
      {({ epoch }) => (epoch === null ? null : <Identity identity={epoch.identity} />)}
    </Panel>
  )
}

function Identity(props: {
  readonly identity: NonNullable<EpochData['epoch']>['identity']
}): ReactElement {
  const { identity } = props
  const holds = identity.difference === '0'
  return (
    <table className="table sums">
      <caption className="visually-hidden">Where the budget went</caption>
      <tbody>
        {TERMS.map(({ field, label, remark }, index) => (
          <tr key={field}>
            <td className="operator">{index === 0 ? '' : '+'}</td>
            <th scope="row">
              {label} <span className="muted">{remark}</span>
            </th>
            <td className="end">
              <Amount units={identity[field]} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td className="operator">=</td>
          <th scope="row">Budget</th>
          <td className="end">
            <Amount units={identity.budget} />
          </td>
        </tr>
        <tr className="quiet">
          <td className="operator" />
          <th scope="row">
            <Chip tone={holds ? 'good' : 'bad'}>
              {holds ? 'Equal to the last unit' : 'Does not add up'}
            </Chip>
          </th>
          <td className="end">
            <span className="muted">difference</span> {formatCount(identity.difference)}
          </td>
        </tr>
      </tfoot>
    </table>
  )
}
