import type { ReactElement } from 'react'

import type { ExplanationData } from '../../graphql/explanation.ts'
import { Amount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'

type Explanation = NonNullable<ExplanationData['rewardExplanation']>

type Line = { readonly sign: string; readonly name: string; readonly units: string }

/** The sums from the parts to the leaf, each checked to the last unit. */
export function LedgerSums({ explanation }: { readonly explanation: Explanation }): ReactElement {
  const { allocation, partsTotal, withheldTotal, previousCumulative } = explanation
  if (allocation === null) {
    return (
      <p className="small">
        It has no leaf in this epoch. Withheld: <Amount units={withheldTotal} />
      </p>
    )
  }
  const { earned, carryBefore, carryAfter, paid, cumulative } = allocation
  const differences = [
    explanation.partsDifference,
    explanation.paidDifference,
    explanation.cumulativeDifference,
  ]
  const holds = differences.every((difference) => difference === '0')
  return (
    <table className="table sums">
      <caption className="visually-hidden">From the parts to the leaf</caption>
      <Sum
        lines={[{ sign: '', name: 'All parts above', units: partsTotal }]}
        total={{ sign: '=', name: 'Earned', units: earned }}
      />
      <Sum
        lines={[
          { sign: '+', name: 'Carried in from before', units: carryBefore },
          { sign: '−', name: 'Carried on, below the minimum', units: carryAfter },
        ]}
        total={{ sign: '=', name: 'Paid in this epoch', units: paid }}
      />
      <Sum
        lines={[{ sign: '+', name: 'Paid in earlier epochs', units: previousCumulative }]}
        total={{ sign: '=', name: 'Leaf: paid since the first epoch', units: cumulative }}
      />
      <tfoot>
        <tr className="quiet">
          <td className="operator" />
          <th scope="row" colSpan={2}>
            <Chip tone={holds ? 'good' : 'bad'}>
              {holds
                ? 'Every sum is equal to the last unit'
                : `Differences: ${differences.join(', ')}`}
            </Chip>
          </th>
        </tr>
        {withheldTotal === '0' ? null : (
          <tr className="quiet">
            <td className="operator" />
            <th scope="row">Withheld, not in the sums</th>
            <td className="end">
              <Amount units={withheldTotal} />
            </td>
          </tr>
        )}
      </tfoot>
    </table>
  )
}

function Sum(props: { readonly lines: readonly Line[]; readonly total: Line }): ReactElement {
  return (
    <tbody>
      {[...props.lines, props.total].map(({ sign, name, units }, index) => (
        <tr key={name} className={index === props.lines.length ? 'total' : undefined}>
          <td className="operator">{sign}</td>
          <th scope="row">{name}</th>
          <td className="end">
            <Amount units={units} />
          </td>
        </tr>
      ))}
    </tbody>
  )
}
