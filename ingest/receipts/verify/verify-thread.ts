import { parentPort, workerData } from 'node:worker_threads'

import type { Deployment } from '@foggara/schema'

import { openReceiptHasher } from '../hash/receipt-hasher.ts'
import type { Refused } from '../parse-receipt.ts'
import type { Stamp } from './encode-block.ts'
import { openRecovery } from './recovery.ts'
import { type VerifiedBatch, verifyBatch } from './verify-batch.ts'
import { type VerifiedReceipt, verifyText } from './verify-text.ts'

// A thread that decodes, hashes and recovers; it keeps nothing from one job to the next.

/** Work for a thread, answered in the order in which it was sent. */
export type VerifyJob =
  | { readonly type: 'texts'; readonly texts: readonly Uint8Array[] }
  | { readonly type: 'batch'; readonly bytes: Uint8Array; readonly stamp: Stamp }

/** What became of a job. */
export type VerifyReply =
  | { readonly type: 'texts'; readonly items: readonly (VerifiedReceipt | Refused)[] }
  | { readonly type: 'batch'; readonly item: VerifiedBatch | Refused }

const hasher = openReceiptHasher(workerData as Deployment)
const recovery = await openRecovery()

parentPort?.on('message', (job: VerifyJob) => {
  if (job.type === 'texts') {
    const items = job.texts.map((text) => verifyText(text, hasher, recovery))
    reply({ type: 'texts', items }, [])
    return
  }
  const item = verifyBatch(job.bytes, hasher, recovery, job.stamp)
  const moved = item.type === 'batch' ? [item.block.bytes.buffer] : []
  reply({ type: 'batch', item }, moved)
})

function reply(answer: VerifyReply, moved: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(answer, moved)
}
