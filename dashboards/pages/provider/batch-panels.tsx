import type { ReactElement } from 'react'

import type { Answer } from '../../app/use-operation.ts'
import { formatCount } from '../../format/digits.ts'
import { shortenHex } from '../../format/hex.ts'
import { formatUtc } from '../../format/time.ts'
import type { ProviderData } from '../../graphql/provider.ts'
import { Chip } from '../../parts/chip.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { EvidenceMark, Hash } from '../../parts/references.tsx'

type Provider = NonNullable<ProviderData['provider']>
type Anchor = Provider['anchorDeliveries']['nodes'][number]
type SignedBatch = Provider['signedBatches']['nodes'][number]

type Props = { readonly answer: Answer<ProviderData> }

/** Batches on chain against what was delivered of them. */
export function AnchorsPanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Anchored batches"
      unit="newest first"
      answer={answer}
      lines={5}
      isFlush
      sheet={({ provider }) => sheetOf('anchored', ANCHORS, provider?.anchorDeliveries.nodes ?? [])}
    >
      {({ provider }) => (
        <DataTable
          label="Anchored batches"
          columns={ANCHORS}
          rows={provider?.anchorDeliveries.nodes ?? []}
          keyOf={({ batchId }) => batchId}
          empty="It has anchored nothing."
        />
      )}
    </Panel>
  )
}

/** Batches that it signed as a whole and delivered, against the chain. */
export function SignedBatchesPanel({ answer }: Props): ReactElement {
  return (
    <Panel
      title="Signed batches"
      unit="newest first"
      answer={answer}
      lines={3}
      isFlush
      sheet={({ provider }) => sheetOf('signed', SIGNED, provider?.signedBatches.nodes ?? [])}
    >
      {({ provider }) => (
        <DataTable
          label="Signed batches"
          columns={SIGNED}
          rows={provider?.signedBatches.nodes ?? []}
          keyOf={({ digest }) => digest}
          empty="It delivers its receipts one by one."
        />
      )}
    </Panel>
  )
}

const DELIVERED: Readonly<Record<string, readonly ['good' | 'warn' | 'bad', string]>> = {
  COMPLETE: ['good', 'All delivered'],
  PARTIAL: ['bad', 'Some missing'],
  NONE: ['bad', 'None delivered'],
}

const ANCHORED: Readonly<Record<string, readonly ['good' | 'warn' | 'bad', string]>> = {
  WHOLE: ['good', 'Anchored whole'],
  PARTS: ['good', 'Anchored in parts'],
  PARTIAL: ['warn', 'Partly anchored'],
  NONE: ['warn', 'Not anchored'],
}

function StateChip(props: {
  readonly words: typeof DELIVERED
  readonly state: string | null
}): ReactElement {
  const [tone, text] = props.words[props.state ?? ''] ?? (['warn', 'Unknown'] as const)
  return <Chip tone={tone}>{text}</Chip>
}

const ANCHORS: readonly Column<Anchor>[] = [
  {
    key: 'batch',
    header: 'Batch',
    cell: ({ batchId }) => <span id={`batch-${batchId}`}>{formatCount(batchId)}</span>,
    text: ({ batchId }) => batchId,
  },
  {
    key: 'state',
    header: 'Delivered',
    cell: ({ state }) => <StateChip words={DELIVERED} state={state} />,
    text: ({ state }) => state ?? '',
  },
  {
    key: 'receipts',
    header: 'Receipts',
    layout: 'end',
    cell: ({ receiptCount }) => formatCount(receiptCount),
    text: ({ receiptCount }) => String(receiptCount),
  },
  {
    key: 'calldata',
    header: 'Bodies on chain',
    layout: 'end',
    cell: ({ calldataCount }) => formatCount(calldataCount),
    text: ({ calldataCount }) => String(calldataCount),
  },
  {
    key: 'missing',
    header: 'Missing',
    layout: 'end',
    cell: ({ missingCount }) => formatCount(missingCount),
    text: ({ missingCount }) => missingCount,
  },
  {
    key: 'refused',
    header: 'Refused',
    layout: 'end',
    cell: ({ refusedCount }) => formatCount(refusedCount),
    text: ({ refusedCount }) => String(refusedCount),
  },
  {
    key: 'first_missing',
    header: 'First missing',
    cell: ({ missingDigest }) =>
      missingDigest === null ? '–' : <Hash hex={missingDigest} what="digest" />,
    text: ({ missingDigest }) => missingDigest ?? '',
  },
  {
    key: 'block',
    header: 'Block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => String(evidence.block),
  },
]

const SIGNED: readonly Column<SignedBatch>[] = [
  {
    key: 'digest',
    header: 'Batch',
    cell: ({ digest }) => (
      <span className="hex" id={`signed-${digest}`}>
        <span title={digest}>{shortenHex(digest)}</span>
        <CopyButton text={digest} what={`batch ${digest}`} />
      </span>
    ),
    text: ({ digest }) => digest,
  },
  {
    key: 'signer',
    header: 'Key',
    cell: ({ signer }) => <Hash hex={signer.address} what="signing key" />,
    text: ({ signer }) => signer.address,
  },
  {
    key: 'sequence',
    header: 'Sequence',
    layout: 'end',
    cell: ({ sequence }) => formatCount(sequence),
    text: ({ sequence }) => sequence,
  },
  {
    key: 'receipts',
    header: 'Receipts',
    layout: 'end',
    cell: ({ receiptCount }) => formatCount(receiptCount),
    text: ({ receiptCount }) => String(receiptCount),
  },
  {
    key: 'anchoring',
    header: 'On chain',
    cell: ({ anchoring }) => <StateChip words={ANCHORED} state={anchoring} />,
    text: ({ anchoring }) => anchoring ?? '',
  },
  {
    key: 'waiting',
    header: 'Blocks waited',
    layout: 'end',
    cell: ({ unanchoredCount, waitingBlocks }) =>
      unanchoredCount === 0 ? '–' : formatCount(waitingBlocks),
    text: ({ waitingBlocks }) => String(waitingBlocks),
  },
  {
    key: 'received',
    header: 'Came, UTC',
    cell: ({ receivedAtSeconds }) => formatUtc(receivedAtSeconds),
    text: ({ receivedAtSeconds }) => String(receivedAtSeconds),
  },
  {
    key: 'block',
    header: 'Anchored in block',
    layout: 'end',
    cell: ({ evidence }) => <EvidenceMark evidence={evidence} />,
    text: ({ evidence }) => (evidence === null ? '' : String(evidence.block)),
  },
]
