import type { ReactElement } from 'react'

import { useOperation } from '../../app/use-operation.ts'
import { formatCount, formatCounted } from '../../format/digits.ts'
import { formatShare } from '../../format/share.ts'
import { type AssetUsageData, assetUsageOperation } from '../../graphql/usage.ts'
import { Amount } from '../../parts/amount.tsx'
import { Chip } from '../../parts/chip.tsx'
import { type Column, DataTable, sheetOf } from '../../parts/data-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { AccountLink, Hash, ReceiptLink } from '../../parts/references.tsx'

type Asset = NonNullable<AssetUsageData['asset']>
type Consumer = Asset['usedBy']['nodes'][number]

const FLAGS: Readonly<Record<string, string>> = {
  CONSUMER_IS_HOLDER: 'held the asset itself',
  CONSUMER_IS_PROVIDER: 'ran the work itself',
  FUNDED_BY_HOLDER: 'was sent tokens by the holder in the week before',
  MUTUAL_USE: 'has its own assets used by the holder',
}

const Q16 = 1n << 16n

/** Who used the asset, how much, and what about it should be looked at. */
export function UsagePanel({ id }: { readonly id: string }): ReactElement {
  const answer = useOperation(assetUsageOperation, { id })
  return (
    <Panel
      title="Who used it"
      unit="by the fees of signed receipts"
      answer={answer}
      lines={5}
      isFlush
      sheet={({ asset }) => sheetOf('used-by', columnsOf(asset), asset?.usedBy.nodes ?? [])}
    >
      {({ asset }) => (
        <>
          <DataTable
            label="Who used it"
            columns={columnsOf(asset)}
            rows={asset?.usedBy.nodes ?? []}
            keyOf={({ consumer }) => consumer.address}
            empty="No signed record says that this asset was used."
          />
          {asset?.usage === null || asset === null ? null : <Summary asset={asset} />}
        </>
      )}
    </Panel>
  )
}

function Summary({ asset }: { readonly asset: Asset }): ReactElement | null {
  const { usage, usedBy } = asset
  if (usage === null) return null
  const whole = BigInt(usage.effectiveConsumersQ16)
  const left = usedBy.totalCount - usedBy.nodes.length
  return (
    <p className="panel-note">
      {formatCounted(usage.consumerCount, 'consumer')}, as concentrated as {tenths(whole)} of equal
      weight; {formatShare(BigInt(usage.flaggedFee), BigInt(usage.fee))} of the fees bear a sign of
      made up use. Signs change no reward.
      {left > 0 ? ` ${formatCounted(left, 'consumer')} more with lower fees.` : ''}
    </p>
  )
}

/** Units of 2^-16 with one digit of fraction, cut off. */
function tenths(q16: bigint): string {
  const scaled = (q16 * 10n) / Q16
  return `${formatCount(scaled / 10n)}.${scaled % 10n}`
}

function columnsOf(asset: Asset | null): readonly Column<Consumer>[] {
  const fees = BigInt(asset?.usage?.fee ?? '0')
  return [
    {
      key: 'consumer',
      header: 'Consumer',
      cell: ({ consumer }) => <AccountLink address={consumer.address} />,
      text: ({ consumer }) => consumer.address,
    },
    {
      key: 'receipts',
      header: 'Receipts',
      layout: 'end',
      cell: ({ receiptCount }) => formatCount(receiptCount),
      text: ({ receiptCount }) => String(receiptCount),
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
      header: 'Fees, FOG',
      layout: 'end',
      cell: ({ fee }) => <Amount units={fee} />,
      text: ({ fee }) => fee,
    },
    {
      key: 'share',
      header: 'Share',
      layout: 'end',
      cell: ({ fee }) => formatShare(BigInt(fee), fees),
      text: ({ fee }) => formatShare(BigInt(fee), fees),
    },
    {
      key: 'signs',
      header: 'Signs',
      cell: (row) => <Signs row={row} />,
      text: ({ flags }) => flags.join(' '),
    },
  ]
}

function Signs({ row }: { readonly row: Consumer }): ReactElement {
  const { flags, flaggedReceipts, fundingTransaction, mutualReceipt } = row
  const [first] = flaggedReceipts
  if (flags.length === 0) return <span className="muted">none</span>
  return (
    <>
      {flags.map((flag) => (
        <Chip key={flag} tone="warn">
          {FLAGS[flag] ?? flag}
        </Chip>
      ))}{' '}
      {first === undefined ? null : <ReceiptLink digest={first} />}
      {fundingTransaction === null ? null : <Hash hex={fundingTransaction} what="transfer" />}
      {mutualReceipt === null ? null : <ReceiptLink digest={mutualReceipt} />}
    </>
  )
}
