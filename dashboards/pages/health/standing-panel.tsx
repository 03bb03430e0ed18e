import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { type StandingData, standingOperation } from '../../graphql/standing.ts'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EVIDENCE_COLUMNS, type EvidenceRow, evidenceKey } from '../provider/evidence-columns.tsx'
import { ProviderLink } from '../provider/provider-link.tsx'

/** The providers that hide, alter or re-order receipts, by name, and every fact that shows it. */
export function StandingPanel(): ReactElement {
  const answer = useOperation(standingOperation, {})
  return (
    <Panel
      title="Do providers hide, alter or re-order receipts?"
      unit="no reward changes by it"
      answer={answer}
      lines={2}
      isFlush
      note={noteOn(answer.data)}
      sheet={({ findingEvidence }) => sheetOf('evidence', COLUMNS, findingEvidence.nodes)}
    >
      {({ findingEvidence }) => (
        <DataTable
          label="Providers that are named, with the evidence"
          columns={COLUMNS}
          rows={findingEvidence.nodes.toSorted(byProvider)}
          keyOf={evidenceKey}
          empty="No provider is named: what they anchored and what they delivered agree."
        />
      )}
    </Panel>
  )
}

function noteOn(data: StandingData | undefined): string | undefined {
  return data?.findingEvidence.pageInfo.hasNextPage === true
    ? 'The oldest 100 facts; the pages of the providers show theirs.'
    : undefined
}

function byProvider(one: EvidenceRow, other: EvidenceRow): number {
  const [a, b] = [evidenceKey(one), evidenceKey(other)]
  return a < b ? -1 : Number(a > b)
}

const COLUMNS: readonly Column<EvidenceRow>[] = [
  {
    key: 'provider',
    header: 'Provider',
    cell: ({ provider }) => <ProviderLink address={provider.address} />,
    text: ({ provider }) => provider.address,
  },
  ...EVIDENCE_COLUMNS,
]
