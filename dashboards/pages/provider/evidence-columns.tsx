import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

import { formatCount } from '../../format/digits.ts'
import { shortenHex } from '../../format/hex.ts'
import { formatUtc } from '../../format/time.ts'
import type { FindingEvidenceFields } from '../../graphql/fragments.ts'
import { Chip } from '../../parts/chip.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Hash, ReceiptLink } from '../../parts/references.tsx'
import { FINDINGS, REASONS } from './finding-words.ts'

/** One fact against a provider. */
export type EvidenceRow = FindingEvidenceFields

/** A key that no other piece of evidence has. */
export function evidenceKey({ provider, code, item }: EvidenceRow): string {
  return `${provider.address} ${code} ${item}`
}

/** The columns of every list of evidence. */
export const EVIDENCE_COLUMNS: readonly Column<EvidenceRow>[] = [
  {
    key: 'finding',
    header: 'Named for',
    cell: ({ code }) => <Chip tone="bad">{FINDINGS[code ?? ''] ?? code}</Chip>,
    text: ({ code }) => code ?? '',
  },
  {
    key: 'reason',
    header: 'What happened',
    cell: ({ reason }) => REASONS[reason] ?? reason,
    text: ({ reason }) => reason,
  },
  {
    key: 'receipts',
    header: 'Receipts',
    layout: 'end',
    cell: ({ receiptCount }) => formatCount(receiptCount),
    text: ({ receiptCount }) => receiptCount,
  },
  {
    key: 'first',
    header: 'First',
    cell: (row) => <Subject row={row} digest={row.digest} batch={row.signedBatchDigest} isFirst />,
    text: ({ digest, signedBatchDigest }) => digest ?? signedBatchDigest ?? '',
  },
  {
    key: 'second',
    header: 'Second',
    cell: (row) => <Subject row={row} digest={row.otherDigest} batch={secondBatch(row)} />,
    text: (row) => row.otherDigest ?? secondBatch(row) ?? '',
  },
  {
    key: 'place',
    header: 'Nonce or sequence',
    layout: 'end',
    cell: (row) => placeOf(row),
    text: (row) => placeOf(row),
  },
  {
    key: 'anchor',
    header: 'Anchor',
    cell: (row) => <Anchor row={row} />,
    text: ({ anchorTransaction }) => anchorTransaction ?? '',
  },
  {
    key: 'since',
    header: 'Since, UTC',
    cell: ({ sinceSeconds }) => formatUtc(sinceSeconds),
    text: ({ sinceSeconds }) => String(sinceSeconds),
  },
]

/** Facts whose first receipt or batch is missing, waits or was refused, so that no page shows it. */
const WITHOUT_FIRST: ReadonlySet<string> = new Set([
  'NOT_DELIVERED',
  'DELIVERED_OTHERS',
  'NONCE_REUSED',
  'SEQUENCE_REUSED',
  'PREVIOUS_MISMATCH',
  'GAP_BEFORE',
])

/** A receipt leads to its page when its body is known, a batch to its row; what is not known is named. */
function Subject(props: {
  readonly row: EvidenceRow
  readonly digest: string | null
  readonly batch: string | null
  readonly isFirst?: boolean
}): ReactElement {
  const { row, digest, batch } = props
  const isAbsent =
    props.isFirst === true ? WITHOUT_FIRST.has(row.reason) : row.reason === 'GAP_BEFORE'
  if (digest !== null) {
    return isAbsent ? <Hash hex={digest} what="digest" /> : <ReceiptLink digest={digest} />
  }
  if (batch === null) return <span className="muted">–</span>
  if (isAbsent) return <Hash hex={batch} what="batch" />
  return (
    <span className="hex">
      <Link
        to="/providers/$address"
        params={{ address: row.provider.address }}
        hash={`signed-${batch}`}
        title={batch}
      >
        batch {shortenHex(batch)}
      </Link>
      <CopyButton text={batch} what={`batch ${batch}`} />
    </span>
  )
}

function Anchor({ row }: { readonly row: EvidenceRow }): ReactElement {
  const { batchId, anchorBlock, anchorTransaction, provider } = row
  if (batchId === null || anchorTransaction === null) return <span className="muted">–</span>
  return (
    <span className="hex">
      <Link
        to="/providers/$address"
        params={{ address: provider.address }}
        hash={`batch-${batchId}`}
        title={`Transaction ${anchorTransaction}`}
      >
        batch {formatCount(batchId)}, block {formatCount(anchorBlock ?? 0)}
      </Link>
      <CopyButton text={anchorTransaction} what={`the transaction ${anchorTransaction}`} />
    </span>
  )
}

/** Where receipts stand for what is compared, the signed batch that holds the second comes after them. */
function secondBatch({ digest, signedBatchDigest, otherSignedBatchDigest }: EvidenceRow) {
  return digest === null ? otherSignedBatchDigest : signedBatchDigest
}

function placeOf({ firstNonce, lastNonce, sequence }: EvidenceRow): string {
  if (sequence !== null) return formatCount(sequence)
  if (firstNonce === null || lastNonce === null) return '–'
  return firstNonce === lastNonce
    ? formatCount(firstNonce)
    : `${formatCount(firstNonce)}–${formatCount(lastNonce)}`
}
