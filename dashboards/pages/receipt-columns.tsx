import { formatCount } from '../format/digits.ts'
import { label } from '../format/words.ts'
import type { EvidenceFields } from '../graphql/fragments.ts'
import { Amount } from '../parts/amount.tsx'
import { StatusChip } from '../parts/chip.tsx'
import type { Column } from '../parts/data-table.tsx'
import { AccountLink, EvidenceMark, ReceiptLink } from '../parts/references.tsx'
import { ProviderLink } from './provider/provider-link.tsx'

/** A receipt as lists show it. */
export type ReceiptRow = {
  readonly digest: string
  readonly status: string | null
  readonly workload: string | null
  readonly units: string
  readonly fee: string
  readonly provider: { readonly address: string }
  readonly consumer: { readonly address: string }
  readonly evidence: EvidenceFields | null
}

/** The columns of every list of receipts. */
export const RECEIPT_COLUMNS: readonly Column<ReceiptRow>[] = [
  {
    key: 'digest',
    header: 'Receipt',
    cell: ({ digest }) => <ReceiptLink digest={digest} />,
    text: ({ digest }) => digest,
  },
  {
    key: 'workload',
    header: 'Work',
    cell: ({ workload }) => label(workload ?? 'unknown'),
    text: ({ workload }) => workload ?? '',
  },
  {
    key: 'provider',
    header: 'Provider',
    cell: ({ provider }) => <ProviderLink address={provider.address} />,
    text: ({ provider }) => provider.address,
  },
  {
    key: 'consumer',
    header: 'Consumer',
    cell: ({ consumer }) => <AccountLink address={consumer.address} />,
    text: ({ consumer }) => consumer.address,
  },
  {
    key: 'units',
    header: 'Units',
    layout: 'end',
    cell: ({ units }) => formatCount(units),
    text: ({ units }) => units,
  },
  {
    key: 'fee_units',
    header: 'Fee, FOG',
    layout: 'end',
    cell: ({ fee }) => <Amount units={fee} />,
    text: ({ fee }) => fee,
  },
  {
    key: 'status',
    header: 'State',
    cell: ({ status }) => <StatusChip status={status} />,
    text: ({ status }) => status ?? '',
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => (evidence === null ? '' : String(evidence.block)),
  },
]
