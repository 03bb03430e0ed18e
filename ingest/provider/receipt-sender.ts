import type { Deployment, Hex, Receipt } from '@foggara/schema'

import { openReceiptHasher } from '../receipts/hash/receipt-hasher.ts'
import { WORD } from '../receipts/hash/receipt-words.ts'
import { decodeBatch } from '../receipts/verify/decode-batch.ts'
import { type Outbox, type OutboxState, openOutbox } from './outbox.ts'
import { type ReceiptTarget, ReceiptsRefusedError, postBatch } from './post-receipts.ts'
import { BatchUnfitError, openReceiptSigner } from './sign-batch.ts'

/** A receipt before the sender numbers it. */
export type ReceiptDraft = Omit<Receipt, 'provider' | 'nonce'>

export type ReceiptSenderOptions = ReceiptTarget & {
  readonly deployment: Deployment
  readonly provider: Hex
  /** A signing key that the provider has set at the compute registry; this sender's alone. */
  readonly signerKey: Hex
  /** The folder of the outbox; one sender at a time. */
  readonly folder: string
  /** Receipts of one batch; 512 by default, the most that one anchor takes. */
  readonly batchCountMax?: number
}

/**
 * Signs and delivers a provider's receipts, each once, through crashes of either side:
 *
 * ```ts
 * const sender = await openReceiptSender({
 *   url: 'http://127.0.0.1:4000/receipts',
 *   folder: 'outbox',
 *   ...{ deployment, provider, signerKey, sleep, signal },
 * })
 * await sender.add([{ consumer, workload: 'INFERENCE', assets, units, fee, ...times, ...hashes }])
 * await sender.flush()
 * ```
 */
export type ReceiptSender = {
  /** Numbers receipts and keeps them; they are on disk when it resolves. */
  readonly add: (drafts: readonly ReceiptDraft[]) => Promise<void>
  /**
   * Signs what is kept in batches and sends them in order. Resolves with how many batches still wait
   * in the receiver's quarantine; they stay in the outbox and are sent again by the next call.
   *
   * @throws {ReceiptsNotTakenError | ReceiptsRefusedError} and keeps what was not taken.
   */
  readonly flush: () => Promise<{ readonly waitingCount: number }>
}

const BATCH_COUNT_MAX = 512

/** Opens a sender over its outbox and goes on from where it was. */
export async function openReceiptSender(options: ReceiptSenderOptions): Promise<ReceiptSender> {
  const { deployment, provider, signerKey, folder } = options
  const signer = await openReceiptSigner(deployment, signerKey)
  const outbox = await openOutbox(folder, await stateReader(deployment))
  const countMax = options.batchCountMax ?? BATCH_COUNT_MAX
  let lastNonce = outbox.pending().at(-1)?.nonce ?? outbox.state().nonce
  return {
    add: async (drafts) => {
      const receipts = drafts.map((draft, index) => {
        return { ...draft, provider, nonce: lastNonce + BigInt(index + 1) }
      })
      lastNonce += BigInt(receipts.length)
      await outbox.add(receipts)
    },
    flush: async () => {
      while (outbox.pending().length > 0) {
        const receipts = outbox.pending().slice(0, countMax)
        const { sequence, previous } = outbox.state()
        const place = { sequence: sequence + 1n, previous }
        const { digest, bytes } = await signer.signBatch(receipts, place)
        const nonce = receipts.at(-1)?.nonce ?? 0n
        await outbox.seal({ sequence: place.sequence, previous: digest, nonce }, bytes)
      }
      return { waitingCount: await sendSealed(outbox, options) }
    },
  }
}

async function sendSealed(outbox: Outbox, target: ReceiptTarget): Promise<number> {
  let waitingCount = 0
  for (const sequence of await outbox.sealed()) {
    const outcome = await postBatch(target, await outbox.read(sequence))
    switch (outcome.status) {
      case 'accepted':
      case 'late':
      case 'duplicate':
        await outbox.remove(sequence)
        break
      case 'quarantined':
        waitingCount += 1
        break
      case 'rejected':
      case 'retry':
        throw new ReceiptsRefusedError(outcome)
    }
  }
  return waitingCount
}

async function stateReader(deployment: Deployment): Promise<(bytes: Uint8Array) => OutboxState> {
  const hasher = openReceiptHasher(deployment)
  return (bytes) => {
    const batch = decodeBatch(bytes)
    if (batch.type === 'refused') throw new BatchUnfitError(0)
    const { header, words, receipts } = batch
    const nonces = receipts.map(({ offset }) =>
      words.readBigUInt64BE(offset + 32 * WORD.nonce + 24),
    )
    const nonce = nonces.reduce((highest, one) => (one > highest ? one : highest), 0n)
    const previous: Hex = `0x${hasher.batchDigest(header).toString('hex')}`
    return { sequence: header.sequence, previous, nonce }
  }
}
